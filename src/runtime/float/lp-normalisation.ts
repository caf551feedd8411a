import { lpNormalization } from '../../ir/ops/normalisation.js';
import { normaliseAxis } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats } from './buffers.js';
import { linesAlong } from './lines.js';
import { present, resolveDims } from './resolve.js';

/** Norms are float64; a line of norm 0 is written as it is, in zeros. */
const kernel: Kernel = (node, inputs, arena) => {
  resolveDims(lpNormalization, node, inputs);
  const tensor = present(inputs, 0);
  const result = arena.tensor(tensor.dtype, tensor.dims);
  const [x, y] = [numbersOf(tensor), numbersOf(result)];
  const squared = node.attrs.int('p', 2) === 2;
  const { outer, size, inner } = linesAlong(tensor.dims, normaliseAxis(node.attrs.int('axis', -1), tensor.rank)!);
  for (let line = 0; line < outer * inner; line++) {
    const from = Math.floor(line / inner) * size * inner + (line % inner);
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const v = x[from + i * inner]!;
      sum += squared ? v * v : Math.abs(v);
    }
    const norm = squared ? Math.sqrt(sum) : sum;
    for (let i = 0; i < size; i++) y[from + i * inner] = norm === 0 ? 0 : x[from + i * inner]! / norm;
  }
  roundShortFloats(result);
  return [result];
};

export const LP_NORMALISATION_KERNELS: readonly (readonly [string, Kernel])[] = [['LpNormalization', kernel]];
