import type { Graph, Node, Value } from '../../ir/graph.js';
import type { Match, Mismatch, NodePattern } from '../pattern.js';
import { readAffineCore, type AffineCore } from './affine-core.js';
import { leak, type Cover } from './cover.js';
import { growth } from './growth.js';
import { PRODUCTS, readProduct } from './product.js';

/** x · (scale · core + offset), or x / (scale · core + offset): how GELU, SiLU, HardSwish and Mish are written. */
export interface Gate extends AffineCore {
  readonly x: Value;
  readonly isInverse: boolean;
  readonly graph: Graph;
  /** Takes what is read of the core's argument. */
  readonly cover: Cover;
}

/**
 * A product of `x` and a function of it. `accept` reads on from the core; it says what is in the way, or undefined for a
 * gate that is meant. Multiplications may stand in any order; no inner tensor may have other readers, and every constant
 * is a number that adds no elements.
 */
export function gatedBy(
  cores: readonly string[],
  accept: (gate: Gate) => string | undefined,
): NodePattern<{ readonly x: Value }> {
  const matchNode = (root: Node, graph: Graph, before: Match): Match | Mismatch => {
    let nearest: Mismatch = { reason: 'it is no product of a value and a function of it', node: root, depth: 0 };
    for (const gate of gatesOf(root, graph)) {
      if (!cores.includes(gate.core.op)) continue;
      const reason = accept(gate) ?? leak(gate.cover, root, graph) ?? growth(gate.x, root);
      if (reason === undefined) {
        return { bindings: new Map(before.bindings).set('x', gate.x), nodes: [...before.nodes, ...gate.cover] };
      }
      if (gate.cover.size > nearest.depth) nearest = { reason, node: root, depth: gate.cover.size };
    }
    return nearest;
  };
  return {
    roots: PRODUCTS,
    matchNode,
    match: (value, graph, before) =>
      value?.producer === undefined
        ? { reason: 'it is no product', node: undefined, depth: before.nodes.length }
        : matchNode(value.producer, graph, before),
  };
}

function* gatesOf(root: Node, graph: Graph): Generator<Gate> {
  const walked: Cover = new Set();
  const product = readProduct(root, graph, walked);
  if (product === undefined) return;
  const { coefficient, factors, divisors } = product;
  const [a, b] = [...factors, ...divisors];
  if (a === undefined || b === undefined || factors.length + divisors.length !== 2 || factors.length === 0) return;
  const isInverse = divisors.length === 1;
  const orders: readonly (readonly [Value, Value])[] = isInverse ? [[a, b]] : [[a, b], [b, a]]; // prettier-ignore
  for (const [x, inner] of orders) {
    const cover: Cover = new Set(walked);
    const affine = readAffineCore(inner, cover);
    if (affine === undefined) continue;
    const factor = isInverse ? 1 / coefficient : coefficient;
    yield {
      x,
      graph,
      core: affine.core,
      scale: affine.scale * factor,
      offset: affine.offset * factor,
      isInverse,
      cover,
    };
  }
}
