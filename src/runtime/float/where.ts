import type { Kernel } from '../kernel.js';
import { broadcastStrides, rowsOf } from './broadcast.js';
import { planned } from './plan.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';
import { wordsOf, wordsPer, type Words } from './words.js';

/** y[yi + k] = c[ci + k · cs] ? a[ai + k · as] : b[bi + k · bs] for k < n. */
function choose(
  [c, ci, cs]: readonly [Words, number, number],
  [a, ai, as]: readonly [Words, number, number],
  [b, bi, bs]: readonly [Words, number, number],
  y: Words,
  yi: number,
  n: number,
): void {
  for (const end = yi + n; yi < end; yi++, ci += cs, ai += as, bi += bs) y[yi] = c[ci] === 0 ? b[bi]! : a[ai]!;
}

const plan = planned((node, inputs) => {
  const [dims] = resolveDims(specOf('Where'), node, inputs);
  if (dims!.includes(0)) return { dims: dims!, rows: undefined };
  const per = wordsPer(present(inputs, 1).dtype);
  const strides = inputs.map((_, index) => {
    const own = broadcastStrides(present(inputs, index).dims, dims!);
    return index === 0 ? [...own, 0] : [...own.map((stride) => stride * per), 1];
  });
  return { dims: dims!, rows: rowsOf([...dims!, per], strides) };
});

/** Where: moves elements as they are, two words each when they have 64 bits. */
export const whereKernel: Kernel = (node, inputs, arena) => {
  const { dims, rows } = plan(node, inputs);
  const result = newResult(node, arena, dims);
  if (rows === undefined) return [result];
  const [c, a, b] = [0, 1, 2].map((index) => wordsOf(present(inputs, index))) as [Words, Words, Words];
  const y = wordsOf(result);
  const { length, walk } = rows;
  const [cs, as, bs] = rows.steps as readonly [number, number, number];
  let at = 0;
  do {
    const { offsets } = walk;
    choose([c, offsets[0]!, cs], [a, offsets[1]!, as], [b, offsets[2]!, bs], y, at, length);
    at += length;
  } while (walk.next());
  return [result];
};
