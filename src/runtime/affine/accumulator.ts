import type { Node } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../float/buffers.js';
import { newResult } from '../float/results.js';
import type { Arena } from '../kernel.js';

/** The accumulator of a node, holding the bias of each channel, which `run` neighbouring elements share; or zeros. */
export function accumulatorOf(
  node: Node,
  dims: readonly number[],
  bias: Tensor | undefined,
  run: number,
  arena: Arena,
): Tensor {
  const result = newResult(node, arena, dims);
  const data = numbersOf(result);
  if (bias === undefined) {
    data.fill(0);
    return result;
  }
  const values = numbersOf(bias);
  for (let at = 0, channel = 0; at < data.length; at += run) {
    data.fill(values[channel]!, at, at + run);
    channel = channel + 1 === values.length ? 0 : channel + 1;
  }
  return result;
}
