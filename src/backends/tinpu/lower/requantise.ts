import { Attributes } from '../../../ir/attributes.js';
import type { Node, Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import type { Builder } from '../../../passes/rule.js';

/** The integer constants of a BNORM, one entry a channel or one for all. */
export interface BnormConstants {
  readonly bias: Int32Array;
  readonly scale: Int32Array;
  readonly shift: Int32Array;
}

/** q.Bnorm of an accumulator with the range and scale of the q.Quantize it stands for. */
export function buildBnorm(to: Builder, accumulator: Value, constants: BnormConstants, quantize: Node): Value {
  const label = quantize.outputs[0]?.name ?? quantize.name;
  const list = (name: string, data: Int32Array): Value =>
    to.constant(new Tensor('int32', [data.length], data), `${label}/${name}`);
  const inputs = [
    accumulator,
    list('bias', constants.bias),
    list('scale', constants.scale),
    list('shift', constants.shift),
  ];
  const quantisation = quantize.outputs[0]?.type.quantisation;
  return to.op('q.Bnorm', inputs, clipRange(quantize), { quantisation });
}

/** lo and hi of a q.Quantize. */
export const clipRange = (quantize: Node): Attributes =>
  Attributes.of({ lo: quantize.attrs.int('lo'), hi: quantize.attrs.int('hi') });
