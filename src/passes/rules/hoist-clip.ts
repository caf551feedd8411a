import { isConstant, soleUser, type Graph, type Node, type Value } from '../../ir/graph.js';
import { opName } from '../../ir/graph.js';
import { windowAttributes } from '../../ir/ops/window.js';
import { startsAtInput } from '../layout/hoist.js';
import { RESHAPING } from '../layout/reinterpret.js';
import { any, maybe, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Operators that pass elements on as they are or choose the largest, and so commute with a Clip. */
const CARRIERS: readonly string[] = [
  ...RESHAPING,
  'Transpose',
  'Concat',
  'DepthToSpace',
  'SpaceToDepth',
  'Slice',
  'MaxPool',
  'GlobalMaxPool',
];

/**
 * Clip(op(x)) → op(Clip(x)) for operators that move elements or choose the largest, up to the node that computes x, so
 * that the two become one layer.
 */
export const hoistClip: Rule = rule({
  name: 'hoist-clip',
  match: op('Clip', [op(CARRIERS, undefined, { as: 'carrier', soleUse: true }), maybe(any('min')), maybe(any('max'))], {
    as: 'clip',
  }),
  check: ({ clip, carrier }, graph) => {
    if (carrier.outputs.length > 1) return decline('it has a second result, the places of the maxima', carrier);
    if (!clip.inputs.slice(1).every((bound) => bound === undefined || isConstant(bound))) {
      return decline('its bounds are not constant', clip);
    }
    if (belongsToInput(graph, carrier)) return decline('the change of layout belongs to a graph input', carrier);
    if (missesData(carrier)) return decline('a window may see nothing but padding', carrier);
    return startsAtLayers(graph, carrier) ? undefined : decline('no layer of its own computes its data', carrier);
  },
  rewrite: ({ clip, carrier }, to) => {
    const [, ...bounds] = clip.inputs;
    const inputs = carrier.inputs.map((input, i) =>
      input !== undefined && isData(carrier, i)
        ? to.op('Clip', [input, ...bounds], clip.attrs, { standsFor: clip })
        : input,
    );
    return to.op(opName(carrier), inputs, carrier.attrs, { standsFor: carrier });
  },
});

/** Whether the carrier is what another rule moves towards a graph input, away from the Clip. */
function belongsToInput(graph: Graph, carrier: Node): boolean {
  const [data] = carrier.inputs;
  if (data === undefined) return false;
  if (carrier.op === 'Transpose') return startsAtInput(graph, data);
  return carrier.op === 'Unsqueeze' && startsAtInput(graph, data, RESHAPING);
}

const isData = (carrier: Node, place: number): boolean => place === 0 || carrier.op === 'Concat';

/**
 * Whether what the carrier reads comes from nodes that compute something, by carriers alone, and is read by nothing else.
 */
function startsAtLayers(graph: Graph, carrier: Node): boolean {
  const pending: Node[] = [carrier];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const [place, input] of node.inputs.entries()) {
      if (input === undefined || !isData(node, place)) continue;
      if (input.producer === undefined || soleUser(graph, input) === undefined) return false;
      if (CARRIERS.includes(opName(input.producer))) pending.push(input.producer);
    }
  }
  return true;
}

/**
 * Whether a window of a MaxPool may see nothing but padding, whose -∞ would pass the Clip unclipped: pads are shorter
 * than a window, so only gaps between its taps can jump over the data.
 */
function missesData(carrier: Node): boolean {
  if (carrier.op !== 'MaxPool') return false;
  const spatial: Value['type']['shape'] = carrier.inputs[0]?.type.shape.slice(2) ?? [];
  const { dilations, padsBegin, autoPad } = windowAttributes(carrier, spatial.length);
  return spatial.some((size, axis) => {
    const gap = dilations[axis] ?? 1;
    const padded = autoPad.startsWith('SAME') || padsBegin[axis] !== 0;
    return padded && gap > 1 && (typeof size !== 'number' || size < gap);
  });
}
