import type { Diagnostic } from '../../../ir/diagnostics.js';
import { integerRange } from '../../../ir/dtype.js';
import type { Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { decline, type Builder, type Decline } from '../../../passes/rule.js';
import { integerBias, type IntegerBias } from './bias.js';
import { isPerChannel, type Layer } from './layer.js';
import {
  boundAttributes,
  multiplierConstant,
  resultOf,
  scalar,
  zeroConstant,
  type Target,
} from './quantisation-target.js';

/** Told of every bias that is not a whole number of units of its accumulator. */
export type Report = (diagnostic: Diagnostic) => void;

/** Builds the accumulator of a layer and its requantisation. */
export function buildLayer(layer: Layer, target: Target, to: Builder, report: Report): Value | Decline {
  const { node, op, x, w, units } = layer;
  const rank = node.outputs[0]?.type.shape.length ?? 0;
  const bias = layer.bias && biasOf(layer, rank);
  if (bias !== undefined && 'declined' in bias) return bias;
  const operands = { x, w };
  for (const name of layer.transposed) {
    operands[name] = to.op('Transpose', [operands[name]], { perm: [1, 0] }, { standsFor: node, part: name });
  }
  const inputs = [
    operands.x,
    operands.w,
    zeroConstant(to, { dtype: x.type.dtype, zero: layer.xZero }),
    zeros(layer, to),
  ];
  if (bias !== undefined) inputs.push(to.constant(int32(bias.integers), `${node.name}/bias`));
  const accumulator = to.op(`qa.${op}`, inputs, layer.attrs, { standsFor: node, part: 'accumulator' });
  const multipliers = units.map((unit) => unit / target.scale);
  const dims = [units.length, ...new Array<number>(op === 'MatMul' ? 0 : rank - 2).fill(1)];
  const result = to.op(
    'qa.Requantize',
    [accumulator, multiplierConstant(to, multipliers, dims), zeroConstant(to, target)],
    boundAttributes(target),
    resultOf(target),
  );
  if (bias !== undefined && bias.error > 0) report(biasRounded(layer, bias, Math.max(...multipliers)));
  return result;
}

const INT32 = integerRange('int32');

function biasOf({ node, op, bias, units }: Layer, rank: number): IntegerBias | Decline {
  if (bias === undefined) return decline('there is no bias', node);
  if (!isPerChannel(bias.dims, op, rank)) return decline('the bias has more than one element a channel', node);
  const integers = integerBias(bias, units);
  const fits = integers.integers.every((item) => INT32.lo <= item && item <= INT32.hi);
  return fits ? integers : decline('the bias takes more than 32 bits in units of the accumulator', node);
}

/** One zero point of the weights, or a list of them. */
function zeros({ w, wZeros }: Layer, to: Builder): Value {
  const { dtype } = w.type;
  const [first = 0] = wZeros;
  if (wZeros.every((zero) => zero === first)) return zeroConstant(to, { dtype, zero: first });
  const tensor = Tensor.zeros(dtype, [wZeros.length]);
  for (const [i, zero] of wZeros.entries()) tensor.data[i] = zero;
  return to.constant(tensor, 'zero_points');
}

function int32(values: readonly number[]): Tensor {
  const [first = 0] = values;
  return values.length === 1 ? scalar('int32', first) : new Tensor('int32', [values.length], Int32Array.from(values));
}

function biasRounded({ node }: Layer, { error }: IntegerBias, multiplier: number): Diagnostic {
  const [origin] = node.origins;
  return {
    code: 'bias-rounded',
    severity: 'info',
    at: { node: node.name, op: node.op, ...(origin !== undefined && { nodeIndex: origin.index }) },
    message:
      `the bias is no multiple of the accumulator's scale and was rounded, ` +
      `which moves the result by at most ${(error * multiplier).toPrecision(2)} of its steps`,
  };
}
