import { Attributes } from '../../attributes.js';
import { codeOfDType } from '../data-type.js';
import type { Operand } from '../emitter.js';
import type { Draft } from './draft.js';
import type { NormalRule } from './rule.js';

/**
 * Makes the node the real numbers of the integer product of `operands` (a, b, their zero points): the int32 sums as
 * float32, times the product of both scales, and the addend when there is one, as ONNX Runtime computes them.
 */
function realProduct(
  draft: Draft,
  operands: readonly Operand[],
  scales: readonly [a: Operand, b: Operand],
  bias: Operand,
): void {
  const float32 = Attributes.of({ to: codeOfDType('float32') });
  const numbers = draft.before('Cast', [draft.before('MatMulInteger', operands)], float32);
  const factors: readonly Operand[] = [numbers, draft.before('Mul', scales)];
  draft.attrs = Attributes.none;
  draft.op = bias === undefined ? 'Mul' : 'Add';
  draft.inputs = bias === undefined ? [...factors] : [draft.before('Mul', factors), bias];
}

/** MatMulIntegerToFloat: bytes a and b with scales and optional zero points, and an optional float addend. */
const TO_FLOAT: NormalRule = {
  ops: ['com.microsoft.MatMulIntegerToFloat'],
  apply(draft) {
    const [, , , , aZero, bZero, bias] = draft.inputs;
    realProduct(draft, [draft.input(0), draft.input(1), aZero, bZero], [draft.input(2), draft.input(3)], bias);
    return 'it is spelt out as MatMulInteger and Mul';
  },
};

/** DynamicQuantizeMatMul: the same with real numbers a, whose scale and zero point their range decides. */
const DYNAMIC: NormalRule = {
  ops: ['com.microsoft.DynamicQuantizeMatMul'],
  apply(draft) {
    const [, , , bZero, bias] = draft.inputs;
    const [a, aScale, aZero] = draft.beforeAll('DynamicQuantizeLinear', [draft.input(0)], 3);
    realProduct(draft, [a, draft.input(1), aZero, bZero], [aScale, draft.input(2)], bias);
    return 'it is spelt out as DynamicQuantizeLinear, MatMulInteger and Mul';
  },
};

/** Products of bytes that ONNX Runtime's optimiser fuses with what makes real numbers of them. */
export const INTEGER_PRODUCT_RULES: readonly NormalRule[] = [TO_FLOAT, DYNAMIC];
