import { soleUser, type Graph, type Node, type Value } from '../../ir/graph.js';
import { splatOf } from '../splat.js';
import { covers, type Cover } from './cover.js';

/** coefficient · Π factors / Π divisors. */
export interface Product {
  readonly coefficient: number;
  readonly factors: readonly Value[];
  readonly divisors: readonly Value[];
}

/** The operators that products are written with. */
export const PRODUCTS: readonly string[] = ['Mul', 'Div', 'Reciprocal', 'Neg'];

/** Reads a tree of multiplications and divisions, whatever their order, down to values that are read more than once. */
export function readProduct(root: Node, graph: Graph, cover: Cover): Product | undefined {
  let coefficient = 1;
  const sides: readonly [Value[], Value[]] = [[], []];
  const open: { readonly node: Node; readonly below: 0 | 1 }[] = [{ node: root, below: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { node, below } = at;
    if (!covers(cover, node)) return undefined;
    if (node.op === 'Neg') coefficient = -coefficient;
    for (const [i, input] of node.inputs.entries()) {
      if (input === undefined) return undefined;
      const inverse = node.op === 'Reciprocal' || (node.op === 'Div' && i === 1);
      const side = inverse ? flipped(below) : below;
      const number = splatOf(input);
      const { producer } = input;
      if (number !== undefined) coefficient = side === 0 ? coefficient * number : coefficient / number;
      else if (producer !== undefined && isProduct(producer) && soleUser(graph, input) !== undefined) {
        open.push({ node: producer, below: side });
      } else sides[side].push(input);
    }
  }
  return { coefficient, factors: sides[0], divisors: sides[1] };
}

const isProduct = ({ domain, op }: Node): boolean => domain === '' && PRODUCTS.includes(op);

const flipped = (side: 0 | 1): 0 | 1 => (side === 0 ? 1 : 0);
