import { describe } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { qLinearConv, qLinearMatMul } from '../../../src/ir/ops/qlinear.js';
import { inferenceTable } from '../../support/inference-table.js';
import type { Given } from '../../support/run-operator.js';

const of = (dtype: DType, ...shape: (number | string)[]): Given => ({ dtype, shape });
const scalar = of('float32');

const conv = (changes: Readonly<Record<number, Given>> = {}): Given[] =>
  [
    of('uint8', 'N', 4, 8, 8),
    scalar,
    of('uint8'),
    of('int8', 6, 4, 3, 3),
    scalar,
    of('int8'),
    scalar,
    of('uint8'),
    of('int32', 6),
  ].map((given, i) => changes[i] ?? given);

const product = (changes: Readonly<Record<number, Given>> = {}): Given[] =>
  [of('uint8', 'N', 5, 3), scalar, of('uint8'), of('int8', 3, 4), scalar, of('int8'), scalar, of('int8')].map(
    (given, i) => changes[i] ?? given,
  );

describe('shapes of requantised products', () => {
  inferenceTable(qLinearConv, [
    { title: 'scalars', inputs: conv(), gives: ['N', 6, 6, 6] },
    { title: 'no bias', inputs: conv().slice(0, 8), gives: ['N', 6, 6, 6] },
    { title: 'one scale a filter', inputs: conv({ 4: of('float32', 6), 5: of('int8', 6) }), gives: ['N', 6, 6, 6] },
    {
      title: 'scales in lists of one',
      inputs: conv({ 1: of('float32', 1), 7: of('uint8', 1) }),
      gives: ['N', 6, 6, 6],
    },
    {
      title: 'too few scales',
      inputs: conv({ 4: of('float32', 5) }),
      fault: ['shape-mismatch', 'the scale of the weights of QLinearConv has shape 5, accepted: 6'],
    },
    {
      title: 'a float bias',
      inputs: conv({ 8: of('float32', 6) }),
      fault: ['unsupported-type', 'input 8 of QLinearConv is float32, int32 is accepted'],
    },
    {
      title: 'a zero point of another type than the data',
      inputs: conv({ 2: of('int8') }),
      fault: ['unsupported-type', 'is int8, uint8 is accepted'],
    },
    {
      title: 'a scale of float16',
      inputs: conv({ 1: of('float16') }),
      fault: ['unsupported-type', 'the scale at input 1 of QLinearConv is float16, accepted: float32'],
    },
    {
      title: 'a result of 16 bits',
      inputs: conv({ 7: of('uint16') }),
      fault: ['unsupported-type', "the zero point of QLinearConv's result is uint16"],
    },
    {
      title: 'floats',
      inputs: conv({ 0: of('float32', 'N', 4, 8, 8) }),
      fault: ['unsupported-type', 'QLinearConv of float32'],
    },
  ]);

  inferenceTable(qLinearMatMul, [
    { title: 'scalars', inputs: product(), gives: ['N', 5, 4] },
    {
      title: 'one scale a row and one a column',
      inputs: product({ 1: of('float32', 5), 2: of('uint8', 5), 4: of('float32', 4), 5: of('int8', 4) }),
      gives: ['N', 5, 4],
    },
    {
      title: 'scales of float16',
      inputs: product({ 1: of('float16'), 4: of('float16'), 6: of('float16') }),
      gives: ['N', 5, 4],
    },
    {
      title: 'scales of another number',
      inputs: product({ 4: of('float32', 3) }),
      fault: ['shape-mismatch', 'the scale at input 4 of QLinearMatMul has shape 3, accepted: scalar or 4'],
    },
    {
      title: 'several scales of the result',
      inputs: product({ 6: of('float32', 4) }),
      fault: ['shape-mismatch', 'input 6 of QLinearMatMul has shape 4, a scalar is accepted'],
    },
  ]);
});
