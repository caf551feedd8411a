import type { Node, Value } from '../../ir/graph.js';
import { boundsOf, composeBounds, type Bounds } from '../bounds.js';
import { splatOf } from '../splat.js';
import { covers, type Cover } from './cover.js';

/** A value brought into bounds. */
export interface Band extends Bounds {
  readonly of: Value;
}

/** Operators that bring their first input into bounds. */
export const BANDS: readonly string[] = ['Clip', 'Relu', 'Max', 'Min'];

/** Reads a chain of Clip, Relu and of Max and Min with a number; undefined when `last` is none of these. */
export function readBand(last: Node, cover: Cover): Band | undefined {
  let band = bandOf(last);
  for (let node = band?.of.producer; band !== undefined && node !== undefined; node = band.of.producer) {
    const inner = bandOf(node);
    if (inner === undefined) return band;
    if (!covers(cover, node)) return undefined;
    band = { of: inner.of, ...composeBounds(inner, band) };
  }
  return band;
}

function bandOf(node: Node): Band | undefined {
  const [x, other] = node.inputs;
  if (node.domain !== '' || x === undefined) return undefined;
  if (node.op === 'Relu') return { of: x, lo: 0, hi: Infinity };
  if (node.op === 'Clip') {
    const bounds = boundsOf(node);
    return bounds && { of: x, ...bounds };
  }
  if (node.inputs.length !== 2 || other === undefined || !BANDS.includes(node.op)) return undefined;
  const right = splatOf(other);
  const limit = right ?? splatOf(x);
  if (limit === undefined) return undefined;
  const of = right === undefined ? other : x;
  return node.op === 'Max' ? { of, lo: limit, hi: Infinity } : { of, lo: -Infinity, hi: limit };
}
