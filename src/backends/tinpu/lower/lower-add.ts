import { isConstant, type Node, type Value } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../../../passes/rule.js';
import { declineFloat } from './decline-float.js';
import { clipRange } from './requantise.js';

/**
 * q.Quantize(Add(q.Dequantize(a), q.Dequantize(b))) of one scale → q.Add(a, b), which clips to the range of the
 * quantisation (T13, T14, spec 1.5). An operand that is constant rounds to that scale.
 */
export const lowerAdd: Rule = rule({
  name: 'lower-add',
  match: op('q.Quantize', [op('Add', undefined, { as: 'add' })], { as: 'quantize' }),
  check: ({ add }) => declineFloat(add),
  rewrite: ({ add, quantize }, to) => {
    const scale = quantize.attrs.float('scale');
    const operands: Value[] = [];
    for (const input of add.inputs) {
      const operand = input === undefined ? decline('an operand is left out', add) : integersOf(input, scale, add, to);
      if ('declined' in operand) return operand;
      operands.push(operand);
    }
    return to.op('q.Add', operands, clipRange(quantize), { quantisation: quantize.outputs[0]?.type.quantisation });
  },
});

function integersOf(operand: Value, scale: number, add: Node, to: Builder): Value | Decline {
  if (isConstant(operand)) return roundConstant(operand.constant, operand.name, scale, to);
  const { producer } = operand;
  const [integers] = producer?.inputs ?? [];
  if (producer?.domain !== 'q' || producer.op !== 'Dequantize' || integers === undefined) {
    return decline(`'${operand.name}' is not dequantised`, add);
  }
  const own = producer.attrs.float('scale');
  return own === scale ? integers : decline(`'${operand.name}' has scale ${own}, the sum ${scale}`, add);
}

const LOWEST = -32768;
const HIGHEST = 32767;

function roundConstant(constant: Tensor, name: string, scale: number, to: Builder): Value {
  const data = Int16Array.from(numberData(constant) ?? [], (x) =>
    Math.max(LOWEST, Math.min(HIGHEST, roundHalfEven(x / scale))),
  );
  return to.constant(new Tensor('int16', constant.dims, data), name);
}
