import type { Node } from '../../ir/graph.js';
import { axisPads } from '../../ir/ops/pad.js';
import { integersOf } from '../../ir/ops/facts.js';
import { sameShape } from '../../ir/shape.js';
import { callOf } from '../call-of.js';
import { having } from '../having.js';
import { keepsOrder, mapToResult } from '../layout/axis-map.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Given equal types of input and result: whether the elements stay as they are. */
const UNCHANGING: ReadonlyMap<string, (node: Node) => boolean> = new Map<string, (node: Node) => boolean>(
  Object.entries({
    Cast: () => true,
    CastLike: () => true,
    Reshape: () => true,
    Flatten: () => true,
    Squeeze: () => true,
    Unsqueeze: () => true,
    Expand: () => true,
    Split: (node: Node) => node.outputs.length === 1,
    // With a positive step, as many elements as there are can only be all of them in order.
    Slice: ({ inputs: [, , , , steps] }: Node) =>
      steps === undefined || integersOf(steps)?.every((step) => typeof step === 'number' && step > 0) === true,
    Tile: ({ inputs: [, repeats] }: Node) =>
      repeats !== undefined && integersOf(repeats)?.every((n) => n === 1) === true,
    Pad: (node: Node) => axisPads(callOf(node)).every((pads) => pads?.before === 0 && pads.after === 0),
    Transpose: (node: Node) => {
      const map = mapToResult(node);
      return map !== undefined && keepsOrder(node.inputs[0]?.type.shape ?? [], map);
    },
  }),
);

/** Cast to the same type; Reshape, Transpose, Slice, Pad, Expand, Tile and the like that change nothing → their input. */
export const dropUnchangingOp: Rule = rule({
  name: 'drop-unchanging-op',
  match: having(op([...UNCHANGING.keys()], undefined, { as: 'node' }), (node) =>
    isUnchanging(node) ? undefined : 'it changes its input',
  ),
  rewrite: ({ node }) => node.inputs[0] ?? decline('it has no input', node),
});

function isUnchanging(node: Node): boolean {
  const [x] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || y === undefined) return false;
  const sameType = x.type.dtype === y.type.dtype && sameShape(x.type.shape, y.type.shape);
  return sameType && UNCHANGING.get(node.op)?.(node) === true;
}
