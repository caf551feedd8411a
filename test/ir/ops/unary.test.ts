import { describe, expect, it } from 'vitest';
import { DTYPES, type DType } from '../../../src/ir/dtype.js';
import { FLOAT_TYPES } from '../../../src/ir/ops/element-types.js';
import { OperatorFault } from '../../../src/ir/ops/operator.js';
import { UNARY_OPERATORS } from '../../../src/ir/ops/unary.js';
import { infer } from '../../support/run-operator.js';

const byName = new Map(UNARY_OPERATORS.map((spec) => [spec.name, spec]));
const specOf = (name: string): (typeof UNARY_OPERATORS)[number] => {
  const spec = byName.get(name);
  if (spec === undefined) throw new Error(name);
  return spec;
};

const INTEGERS: readonly DType[] = ['int8', 'int16', 'int32', 'int64'];
const UNSIGNED: readonly DType[] = ['uint8', 'uint16', 'uint32', 'uint64'];
/** Types beyond floats, by operator. */
const OTHER_TYPES = new Map<string, readonly DType[]>([
  ['Abs', [...FLOAT_TYPES, ...INTEGERS, ...UNSIGNED]],
  ['Sign', [...FLOAT_TYPES, ...INTEGERS, ...UNSIGNED]],
  ['Neg', [...FLOAT_TYPES, ...INTEGERS]],
  ['Relu', [...FLOAT_TYPES, ...INTEGERS]],
  ['Shrink', [...FLOAT_TYPES, ...INTEGERS, ...UNSIGNED].filter((dtype) => !dtype.endsWith('int64'))],
  ['BitwiseNot', [...INTEGERS, ...UNSIGNED]],
  ['Not', ['bool']],
]);
const PREDICATES = ['IsNaN', 'IsInf'];

describe('operators of one operand', () => {
  it.each(UNARY_OPERATORS.map((spec) => [spec.name, spec] as const))('%s keeps the shape', (name, spec) => {
    const accepted = OTHER_TYPES.get(name) ?? FLOAT_TYPES;
    for (const dtype of DTYPES) {
      if (accepted.includes(dtype)) {
        expect(infer(spec, [{ dtype, shape: ['N', 0, 3] }])).toEqual([
          { type: { dtype: PREDICATES.includes(name) ? 'bool' : dtype, shape: ['N', 0, 3] } },
        ]);
      } else {
        expect(() => infer(spec, [{ dtype, shape: [1] }])).toThrow(OperatorFault);
      }
    }
  });

  it.each([
    ['LeakyRelu', { alpha: { float: 0.5 } }],
    ['Selu', { alpha: { float: 1 }, gamma: { float: 2 } }],
    ['HardSigmoid', { alpha: { float: 1 }, beta: { float: 2 } }],
    ['Gelu', { approximate: 'tanh' }],
    ['Shrink', { lambd: { float: 1 }, bias: { float: 2 } }],
    ['IsInf', { detect_negative: 0, detect_positive: 1 }],
    ['Swish', { alpha: { float: 1.5 } }],
  ])('%s takes its attributes', (name, attrs) => {
    expect(infer(specOf(name), [{ shape: [2] }], attrs)).toHaveLength(1);
  });

  it.each([
    ['Gelu', { approximate: 'sigmoid' }, 'accepted: none, tanh'],
    ['IsInf', { detect_negative: 2 }, 'accepted: 0, 1'],
    ['LeakyRelu', { alpha: 1 }, 'is int, expected float'],
    ['Relu', { alpha: { float: 1 } }, 'attribute alpha of Relu is not known'],
  ])('%s refuses %o', (name, attrs, words) => {
    expect(() => infer(specOf(name), [{ shape: [2] }], attrs)).toThrow(words);
  });

  it('takes exactly one input', () => {
    expect(() => infer(specOf('Exp'), [])).toThrow('Exp has 0 inputs, 1 are accepted');
    expect(() => infer(specOf('Exp'), [{ shape: [] }, { shape: [] }])).toThrow('Exp has 2 inputs');
    expect(() => infer(specOf('Exp'), [undefined])).toThrow('input 0 of Exp is left out');
  });
});
