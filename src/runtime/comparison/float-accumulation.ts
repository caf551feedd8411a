import { conv as convOperator } from '../../ir/ops/quantised/operators.js';
import { numbersOf } from '../float/buffers.js';
import { resolveDims } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';

/**
 * `q.Conv` as a device would compute it that adds product by product in float32, channels first and then the window: equal to
 * the integers up to 2^24 and not always beyond (spec 1.6).
 */
export const convInFloat32: Kernel = (node, [x, w], arena) => {
  const [dims = []] = resolveDims(convOperator, node, [x, w]);
  const result = arena.tensor('int32', dims);
  const [from, weights, into] = [numbersOf(x!), numbersOf(w!), result.data];
  const [batch = 0, filters = 0, outHeight = 0, outWidth = 0] = dims;
  const [, channels = 0, height = 0, width = 0] = x!.dims;
  const [, perGroup = 0, kernelHeight = 0, kernelWidth = 0] = w!.dims;
  const [strideY = 1, strideX = 1] = node.attrs.ints('strides');
  const [dilationY = 1, dilationX = 1] = node.attrs.ints('dilations');
  const [top = 0, left = 0] = node.attrs.ints('pads');
  const filtersPerGroup = filters / node.attrs.int('group');
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let f = 0; f < filters; f++) {
      const first = Math.floor(f / filtersPerGroup) * perGroup;
      for (let oy = 0; oy < outHeight; oy++) {
        for (let ox = 0; ox < outWidth; ox++) {
          let sum = 0;
          for (let c = 0; c < perGroup; c++) {
            const plane = (n * channels + first + c) * height * width;
            const kernel = (f * perGroup + c) * kernelHeight * kernelWidth;
            for (let ky = 0; ky < kernelHeight; ky++) {
              const y = oy * strideY - top + ky * dilationY;
              if (y < 0 || y >= height) continue;
              for (let kx = 0; kx < kernelWidth; kx++) {
                const across = ox * strideX - left + kx * dilationX;
                if (across < 0 || across >= width) continue;
                sum = Math.fround(sum + from[plane + y * width + across]! * weights[kernel + ky * kernelWidth + kx]!);
              }
            }
          }
          into[at++] = sum;
        }
      }
    }
  }
  return [result];
};

/** `q.MatMul` likewise, features in their order. */
export const matMulInFloat32: Kernel = (_node, [x, w], arena) => {
  const [rows = 0, depth = 0] = x!.dims;
  const [, columns = 0] = w!.dims;
  const result = arena.tensor('int32', [rows, columns]);
  const [from, weights] = [numbersOf(x!), numbersOf(w!)];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum = Math.fround(sum + from[r * depth + k]! * weights[k * columns + c]!);
      result.data[r * columns + c] = sum;
    }
  }
  return [result];
};
