import { axisPads, pad } from '../../ir/ops/pad.js';
import { stridesOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { gatherByMaps, type AxisMap } from './axis-maps.js';
import { checked, concreteCall, present, resolveDims } from './resolve.js';
import { copyElements } from './strided-copy.js';
import { fillWords, wordsOf, wordsPer } from './words.js';

interface Pads {
  readonly before: number;
  readonly after: number;
}

/** Copies what the negative pads leave of `data` to its place amid elements filled beforehand. */
function copyKept(data: Tensor, pads: readonly Pads[], result: Tensor): void {
  const from = stridesOf(data.dims);
  const to = stridesOf(result.dims);
  let source = 0;
  let target = 0;
  const dims = data.dims.map((size, axis) => {
    const { before, after } = pads[axis]!;
    source += Math.max(-before, 0) * from[axis]!;
    target += Math.max(before, 0) * to[axis]!;
    return size + Math.min(before, 0) + Math.min(after, 0);
  });
  copyElements(dims, { tensor: data, offset: source, strides: from }, { tensor: result, offset: target, strides: to });
}

/** Where the elements of a padded axis come from; positions count within what the negative pads leave. */
function padMap(size: number, { before, after }: Pads, mode: string): AxisMap {
  const first = Math.max(-before, 0);
  const kept = size - first + Math.min(after, 0);
  const map = new Int32Array(size + before + after);
  for (let i = 0; i < map.length; i++) map[i] = first + sourcePosition(i - Math.max(before, 0), kept, mode);
  return map;
}

function sourcePosition(position: number, size: number, mode: string): number {
  if (position >= 0 && position < size) return position;
  if (mode === 'edge' || size === 1) return position < 0 ? 0 : size - 1;
  const period = mode === 'wrap' ? size : 2 * (size - 1);
  const within = ((position % period) + period) % period;
  return within < size ? within : period - within;
}

const padKernel: Kernel = (node, inputs, arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(pad, node, inputs);
  const pads = checked(() => axisPads(concreteCall(node, inputs))) as readonly Pads[];
  if (pads.every(({ before, after }) => before === 0 && after === 0)) return [data];
  const result = arena.tensor(data.dtype, dims!);
  const mode = node.attrs.string('mode', 'constant');
  if (result.size === 0) return [result];
  const words = wordsOf(result);
  if (mode === 'constant') {
    const value = inputs[2];
    if (value === undefined) words.fill(0);
    else fillWords(words, wordsOf(value));
    copyKept(data, pads, result);
    return [result];
  }
  const maps = pads.map((axis, i) =>
    axis.before === 0 && axis.after === 0 ? undefined : padMap(data.dims[i]!, axis, mode),
  );
  const per = wordsPer(data.dtype);
  gatherByMaps(wordsOf(data), per === 1 ? data.dims : [...data.dims, per], maps, words);
  return [result];
};

/** Kernels that surround their input with elements. */
export const PAD_KERNELS: readonly (readonly [string, Kernel])[] = [['Pad', padKernel]];
