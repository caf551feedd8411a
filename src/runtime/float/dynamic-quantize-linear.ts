import { numberData } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { floatsOf, roundHalfEven } from './floats.js';
import { quantiseRow } from './quantize-linear.js';
import { present } from './resolve.js';
import { newResult } from './results.js';

/**
 * DynamicQuantizeLinear, each step rounded to float32 as in the function body of the operator text. Data that are all
 * zero, for which that divides 0 by 0, have scale 1 and zero point 0.
 */
export const dynamicQuantizeLinearKernel: Kernel = (node, inputs, arena) => {
  const x = present(inputs, 0);
  const source = floatsOf(x);
  let min = 0;
  let max = 0;
  for (const value of source) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const scale = min === max ? 1 : Math.fround(Math.fround(max - min) / 255);
  const zero = roundHalfEven(Math.min(Math.max(-Math.fround(min / scale), 0), 255));
  const y = new Int32Array(x.size);
  const quantiser = { scale: Float64Array.of(scale), zero: Float64Array.of(zero), lo: 0, hi: 255, round: undefined };
  quantiseRow(quantiser, source, y, 0, 1, 0, 0, x.size);
  const elements = [y, [scale], [zero]];
  return node.outputs.map((_, index) => {
    const result = newResult(node, arena, index === 0 ? x.dims : [], index);
    numberData(result)!.set(elements[index]!);
    return result;
  });
};
