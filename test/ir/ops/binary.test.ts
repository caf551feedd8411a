import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BINARY_OPERATORS } from '../../../src/ir/ops/binary.js';
import type { Operator } from '../../../src/ir/ops/operator.js';
import { prelu } from '../../../src/ir/ops/prelu.js';
import type { Dim } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { compute } from '../../support/compute.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer, integers, type AttributeInputs } from '../../support/run-operator.js';

const operators = new Map(BINARY_OPERATORS.map((spec) => [spec.name, spec]));
function specOf(name: string): Operator {
  const spec = operators.get(name);
  if (spec === undefined) throw new Error(name);
  return spec;
}
const shape = (...dims: Dim[]): { readonly shape: readonly Dim[] } => ({ shape: dims });

describe('broadcasting', () => {
  inferenceTable(specOf('Add'), [
    { title: 'of equal shapes', inputs: [shape(2, 3), shape(2, 3)], gives: [2, 3] },
    { title: 'of a scalar', inputs: [shape(), shape(2, 3)], gives: [2, 3] },
    { title: 'of a channel bias', inputs: [shape('N', 8, 4, 4), shape(1, 8, 1, 1)], gives: ['N', 8, 4, 4] },
    { title: 'both ways', inputs: [shape(3, 1), shape(1, 4)], gives: [3, 4] },
    { title: 'of ranks that differ', inputs: [shape(4), shape(2, 3, 4)], gives: [2, 3, 4] },
    { title: 'of an empty axis', inputs: [shape(0, 3), shape(1, 3)], gives: [0, 3] },
    { title: 'of a symbol and a size', inputs: [shape('N', 1), shape(5, 3)], gives: [5, 3] },
    { title: 'of a symbol and 1', inputs: [shape('N', 1), shape(1, 3)], gives: ['N', 3] },
    { title: 'of two symbols', inputs: [shape('N'), shape('M')], gives: ['N|M'] },
    {
      title: 'of sizes that disagree',
      inputs: [shape(2, 3), shape(4)],
      fault: ['shape-mismatch', 'Add of float32[2x3] and float32[4] does not broadcast'],
    },
    {
      title: 'of types that differ',
      inputs: [shape(2), { dtype: 'int64', shape: [2] }],
      fault: ['unsupported-type', 'Add mixes float32 and int64'],
    },
    {
      title: 'of truth values',
      inputs: [
        { dtype: 'bool', shape: [2] },
        { dtype: 'bool', shape: [2] },
      ],
      fault: ['unsupported-type', 'Add of bool is not supported'],
    },
    { title: 'with an input left out', inputs: [shape(2), undefined], fault: ['invalid-input', 'input 1 of Add'] },
    { title: 'of three inputs', inputs: [shape(), shape(), shape()], fault: ['invalid-input', '3 inputs, 2 are'] },
  ]);
  inferenceTable(specOf('Max'), [
    { title: 'of one input', inputs: [shape('N')], gives: ['N'] },
    { title: 'of three inputs', inputs: [shape(2, 1), shape(3), shape(4, 1, 1)], gives: [4, 2, 3] },
    { title: 'of none', inputs: [], fault: ['invalid-input', 'Max has 0 inputs'] },
    { title: 'of a hole', inputs: [shape(2), undefined, shape(2)], fault: ['invalid-input', 'input 1 of Max'] },
    {
      title: 'of a third that disagrees',
      inputs: [shape(2), shape(2), shape(3)],
      fault: ['shape-mismatch', 'float32[2] and float32[2] and float32[3]'],
    },
  ]);
  inferenceTable(prelu, [
    { title: 'a slope for each channel', inputs: [shape('N', 4, 2, 2), shape(4, 1, 1)], gives: ['N', 4, 2, 2] },
    { title: 'a single slope', inputs: [shape('N', 4), shape(1)], gives: ['N', 4] },
    {
      title: 'a slope that would enlarge the input',
      inputs: [shape(1, 4), shape(3, 4)],
      fault: ['shape-mismatch', 'slope of PRelu is float32[3x4]'],
    },
    {
      title: 'a slope of more axes',
      inputs: [shape(4), shape(1, 4)],
      fault: ['shape-mismatch', 'slope of PRelu is float32[1x4]'],
    },
    {
      title: 'a slope of another type',
      inputs: [shape(4), { dtype: 'float64', shape: [4] }],
      fault: ['unsupported-type', 'PRelu mixes'],
    },
  ]);
});

describe('element types', () => {
  it.each(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'])('%s gives truth values', (name) => {
    expect(infer(specOf(name), [shape(2), shape(2)])[0]?.type).toEqual({ dtype: 'bool', shape: [2] });
  });

  it('Pow has the type of the base', () => {
    const types = (base: 'float32' | 'int32', exponent: 'int64' | 'float64'): unknown =>
      infer(specOf('Pow'), [
        { dtype: base, shape: [2] },
        { dtype: exponent, shape: [] },
      ])[0]?.type.dtype;
    expect(types('float32', 'int64')).toBe('float32');
    expect(types('int32', 'float64')).toBe('int32');
  });

  inferenceTable(specOf('Pow'), [
    {
      title: 'a boolean exponent',
      inputs: [shape(2), { dtype: 'bool', shape: [2] }],
      fault: ['unsupported-type', 'the exponent of Pow is bool'],
    },
    { title: 'sizes that disagree', inputs: [shape(2), shape(3)], fault: ['shape-mismatch', 'Pow of'] },
    {
      title: 'an unsigned base',
      inputs: [{ dtype: 'uint8', shape: [2] }, shape(2)],
      fault: ['unsupported-type', 'Pow of uint8'],
    },
  ]);
  inferenceTable(specOf('Mod'), [
    { title: 'floats as in C', inputs: [shape(2), shape(2)], attrs: { fmod: 1 }, gives: [2] },
    {
      title: 'floats as in Python',
      inputs: [shape(2), shape(2)],
      fault: ['invalid-attribute', 'Mod of float32 has fmod 0'],
    },
  ]);
  inferenceTable(specOf('BitShift'), [
    {
      title: 'no direction',
      inputs: [
        { dtype: 'uint8', shape: [] },
        { dtype: 'uint8', shape: [] },
      ],
      fault: ['invalid-attribute', 'attribute direction of BitShift is missing'],
    },
    {
      title: 'signed integers',
      inputs: [
        { dtype: 'int8', shape: [] },
        { dtype: 'int8', shape: [] },
      ],
      attrs: { direction: 'LEFT' },
      fault: ['unsupported-type', 'BitShift of int8'],
    },
  ]);
});

describe('contents of integer arithmetic', () => {
  const cases: readonly [op: string, a: readonly Dim[], b: readonly Dim[], result: readonly Dim[] | undefined][] = [
    ['Add', [1, 2], [3, 4], [4, 6]],
    ['Add', ['N', 0], [0, 'M'], ['N', 'M']],
    ['Add', ['N'], [1], undefined],
    ['Add', ['N', 'M'], [0], ['N', 'M']],
    ['Sub', ['N', 'N', 5], ['N', 0, 7], [0, 'N', -2]],
    ['Sub', [0], ['N'], undefined],
    ['Mul', ['N', 1, 0, 'N'], [1, 'M', 'N', 0], ['N', 'M', 0, 0]],
    ['Mul', ['N'], [2], undefined],
    ['Mul', [-1], [0], [0]],
    ['Div', ['N', -7, 7, 1], [1, 2, -2, -3], ['N', -3, -3, 0]],
    ['Div', [1], [0], undefined],
    ['Div', ['N'], ['N'], undefined],
    ['Max', ['N', 'N', 3, 0], ['N', -1, 2, 'N'], ['N', 'N', 3, 'N']],
    ['Max', ['N'], [1], undefined],
    ['Max', [1], ['N'], undefined],
    ['Min', ['N', 'N', 3], ['N', 0, 2], ['N', 0, 2]],
    ['Min', ['N'], [1], undefined],
    ['Min', [1], ['N'], undefined],
    ['Min', [-2], ['N'], [-2]],
    ['Equal', ['N', 'N', 3, 3], ['N', -1, 3, 4], [1, 0, 1, 0]],
    ['Equal', ['N'], ['M'], undefined],
    ['Equal', ['N'], [1], undefined],
    ['Mul', [Number.MAX_SAFE_INTEGER], [2], undefined],
  ];
  it.each(cases)('%s of %j and %j', (op, a, b, result) => {
    expect(infer(specOf(op), [integers(...a), integers(...b)])[0]?.contents).toEqual(result);
  });

  it('wraps nothing: int32 beyond its range is not known', () => {
    const value = (n: number): Tensor => new Tensor('int32', [], Int32Array.of(n));
    expect(infer(specOf('Add'), [value(2 ** 31 - 1), value(1)])[0]?.contents).toBeUndefined();
    expect(infer(specOf('Add'), [value(2 ** 31 - 2), value(1)])[0]?.contents).toEqual([2 ** 31 - 1]);
  });

  it('folds more than two operands', () => {
    const operands = [integers('N', 2), integers(0, 5), integers(-1)];
    expect(infer(specOf('Max'), operands)[0]?.contents).toEqual(['N', 5]);
    expect(infer(specOf('Max'), [integers('N', 2)])[0]?.contents).toEqual(['N', 2]);
  });

  it('ends at unknown operands, at floats and at matrices', () => {
    const unknown = { dtype: 'int64', shape: [1] } as const;
    expect(infer(specOf('Add'), [integers(1), unknown])[0]?.contents).toBeUndefined();
    const one = Tensor.float32([1], [1]);
    expect(infer(specOf('Add'), [one, one])[0]?.contents).toBeUndefined();
    const matrix = new Tensor('int64', [1, 1], BigInt64Array.of(1n));
    expect(infer(specOf('Add'), [matrix, matrix])[0]?.contents).toBeUndefined();
    const many = Tensor.int64(Array.from({ length: 65 }, (_, i) => i));
    expect(infer(specOf('Add'), [many, integers(1)])[0]?.contents).toBeUndefined();
  });

  it('agrees with the kernels', () => {
    const value = fc.integer({ min: -50, max: 50 });
    const operand = fc.oneof(
      fc.array(value, { minLength: 3, maxLength: 3 }),
      fc.array(value, { minLength: 1, maxLength: 1 }),
    );
    const op = fc.constantFrom('Add', 'Sub', 'Mul', 'Div', 'Min', 'Max', 'Equal');
    fc.assert(
      fc.property(op, operand, operand, (name, a, b) => {
        const attrs: AttributeInputs = {};
        // `compute` compares the inferred contents with the result.
        const inputs = [Tensor.int64(a), Tensor.int64(b)];
        compute(specOf(name), ELEMENTWISE_KERNELS, inputs, attrs);
        const known = infer(specOf(name), inputs)[0]?.contents;
        expect(known === undefined).toBe(name === 'Div' && b.includes(0));
      }),
      { numRuns: 300, seed: 40 },
    );
  });
});
