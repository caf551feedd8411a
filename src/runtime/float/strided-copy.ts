import type { Tensor } from '../../ir/tensor.js';
import { copyRun, wordsOf, wordsPer, type Words } from './words.js';

/** A place in an array of words and the distance between neighbours along every axis; distances may be 0 or negative. */
export interface StridedView {
  readonly words: Words;
  readonly offset: number;
  readonly strides: readonly number[];
}

interface Axis {
  size: number;
  source: number;
  target: number;
}

/** Edge of the squares in which a transposition proceeds, so that both sides stay in the cache. */
const TILE = 32;

/** Axes of size 1 dropped and neighbours merged that form one evenly spaced axis on both sides. */
function mergedAxes(dims: readonly number[], source: readonly number[], target: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (let i = 0; i < dims.length; i++) {
    const axis: Axis = { size: dims[i]!, source: source[i]!, target: target[i]! };
    if (axis.size === 1) continue;
    const outer = axes.at(-1);
    if (outer?.source === axis.source * axis.size && outer.target === axis.target * axis.size) {
      outer.size *= axis.size;
      outer.source = axis.source;
      outer.target = axis.target;
    } else axes.push(axis);
  }
  return axes;
}

/**
 * Copies a block of `dims` words from one strided view to another. No word may be written twice.
 * Contiguous runs move at once, transpositions in square tiles.
 */
export function copyStrided(dims: readonly number[], source: StridedView, target: StridedView): void {
  if (dims.includes(0)) return;
  const axes = mergedAxes(dims, source.strides, target.strides);
  const inner = axes.pop() ?? { size: 1, source: 1, target: 1 };
  // A second axis along which the source is contiguous makes the innermost two a transposition.
  const across = inner.source === 1 ? -1 : axes.findIndex((axis) => axis.source === 1);
  const rows = across < 0 ? undefined : axes.splice(across, 1)[0];
  const from = source.words;
  const to = target.words;
  const position = new Array<number>(axes.length).fill(0);
  let s = source.offset;
  let t = target.offset;
  for (;;) {
    if (rows !== undefined) copyTransposed(from, s, to, t, rows, inner);
    else if (inner.source === 1 && inner.target === 1) copyRun(from, s, to, t, inner.size);
    else copySpaced(from, s, to, t, inner);
    let axis = axes.length - 1;
    for (; axis >= 0; axis--) {
      const { size, source: sourceStep, target: targetStep } = axes[axis]!;
      s += sourceStep;
      t += targetStep;
      if (++position[axis]! < size) break;
      position[axis] = 0;
      s -= sourceStep * size;
      t -= targetStep * size;
    }
    if (axis < 0) return;
  }
}

function copySpaced(from: Words, s: number, to: Words, t: number, { size, source, target }: Axis): void {
  for (let i = 0; i < size; i++) {
    to[t] = from[s]!;
    s += source;
    t += target;
  }
}

function copyTransposed(from: Words, s: number, to: Words, t: number, rows: Axis, columns: Axis): void {
  for (let rowStart = 0; rowStart < rows.size; rowStart += TILE) {
    const rowEnd = Math.min(rowStart + TILE, rows.size);
    for (let columnStart = 0; columnStart < columns.size; columnStart += TILE) {
      const columnEnd = Math.min(columnStart + TILE, columns.size);
      for (let row = rowStart; row < rowEnd; row++) {
        let a = s + row * rows.source + columnStart * columns.source;
        let b = t + row * rows.target + columnStart * columns.target;
        for (let column = columnStart; column < columnEnd; column++) {
          to[b] = from[a]!;
          a += columns.source;
          b += columns.target;
        }
      }
    }
  }
}

/** A place in a tensor and the distances between neighbours, in elements. */
export interface ElementView {
  readonly tensor: Tensor;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** As `copyStrided` on the elements of two tensors of one type. */
export function copyElements(dims: readonly number[], source: ElementView, target: ElementView): void {
  const per = wordsPer(source.tensor.dtype);
  copyStrided(per === 1 ? dims : [...dims, per], inWords(source, per), inWords(target, per));
}

function inWords(view: ElementView, per: 1 | 2): StridedView {
  const { tensor, offset, strides } = view;
  if (per === 1) return { words: wordsOf(tensor), offset, strides };
  return { words: wordsOf(tensor), offset: offset * per, strides: [...strides.map((stride) => stride * per), 1] };
}
