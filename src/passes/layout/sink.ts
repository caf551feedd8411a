import { isConstant, isGraphOutput, opName, type Graph, type Node, type Value } from '../../ir/graph.js';
import { decline, type Builder, type Decline } from '../rule.js';
import {
  addedAxes,
  keepsOrder,
  mapBack,
  mapShape,
  mapToInput,
  mapToResult,
  sameMap,
  type AxisMap,
} from './axis-map.js';
import { reinterpret, RESHAPING } from './reinterpret.js';
import { dataInputs, isLayoutFree, isSingle, relabel, type Relabelled } from './relabel.js';

/** Most nodes looked at to find out whether a second layout operator would cancel further down. */
const LOOK_AHEAD = 256;

/**
 * `node` on the inputs of its layout operators (Transpose or Squeeze) instead of on their results:
 * op(L(a), L(b), constant) → L'(op(a, b, constant')), where `L'` is to follow from the map of the answer.
 * Inputs without a layout operator must be there in the other layout already or be readable in it as they lie.
 * Refuses when more layout operators would be left than before.
 */
export function passLayout(node: Node, layout: Node, to: Builder): Relabelled | Decline {
  const map = mapToInput(layout);
  if (map === undefined) return decline('its axes are not constant', layout);
  const sources = new Map<number, Value>();
  const passed = new Set<Node>();
  const views = new Set<Node | undefined>();
  for (const place of dataInputs(node)) {
    const input = node.inputs[place];
    if (input === undefined) continue;
    const { producer } = input;
    const own = producer?.op === layout.op ? mapToInput(producer) : undefined;
    if (producer !== undefined && own !== undefined && sameMap(own, map)) {
      const [source] = producer.inputs;
      if (source !== undefined) sources.set(place, source);
      passed.add(producer);
    } else if (!isConstant(input) && !isSingle(input)) {
      const view = existingView(to.graph, input, map, node) ?? freeView(to, input, map);
      if (view === undefined) return decline(`'${input.name}' is not read through a ${layout.op}`, node);
      sources.set(place, view);
      views.add(view.producer);
    }
  }
  if (!passed.has(layout)) return decline(`no data of ${opName(node)} pass the ${layout.op}`, node);
  const vanishing = [...passed].some((each) => !views.has(each) && isReadByOnly(to.graph, each, node));
  if (!vanishing && !isUndone(to.graph, node, map)) {
    return decline(`its result has other readers, so that a second ${layout.op} would be needed`, layout);
  }
  return relabel(node, map, sources, to, { heir: true });
}

/** As `passLayout`, with the layout operators that the answer asks for. */
export function sinkLayout(node: Node, layout: Node, to: Builder): Value | Decline {
  const result = passLayout(node, layout, to);
  return 'declined' in result ? result : mapBack(to, result.value, result.map, { standsFor: layout });
}

const isReadByOnly = (graph: Graph, producer: Node, node: Node): boolean =>
  producer.outputs.every(
    (output) => !isGraphOutput(graph, output) && [...output.uses].every(({ node: reader }) => reader === node),
  );

/** The value in the layout that `map` leads to, where a Transpose or Unsqueeze above `before` already gives it. */
function existingView(graph: Graph, value: Value, map: AxisMap, before: Node): Value | undefined {
  for (const { node } of value.uses) {
    if (node.op !== 'Transpose' && node.op !== 'Unsqueeze') continue;
    const own = mapToResult(node);
    if (own === undefined || !sameMap(own, map)) continue;
    if (graph.nodes.indexOf(node) < graph.nodes.indexOf(before)) return node.outputs[0];
  }
  return undefined;
}

/** The value in the layout that `map` leads to, when its elements lie in the same order there. */
function freeView(to: Builder, value: Value, map: AxisMap): Value | undefined {
  const { shape } = value.type;
  if (shape.length > map.axes.length || !keepsOrder(shape, map)) return undefined;
  return reinterpret(to, value, mapShape(shape, map));
}

/**
 * Whether every way from the node's result passes layout-free operators only, which read nothing else than each other's
 * results, constants and values of the same layout, until another layout operator takes up the one that sinks.
 */
function isUndone(graph: Graph, first: Node, map: AxisMap): boolean {
  const takers = addedAxes(map).length > 0 ? RESHAPING : ['Transpose'];
  const region = new Set([first]);
  for (const node of region) {
    if (region.size > LOOK_AHEAD || node.outputs.some((output) => isGraphOutput(graph, output))) return false;
    for (const { node: reader } of node.outputs.flatMap(({ uses }) => [...uses])) {
      if (takers.includes(opName(reader))) continue;
      if (!isLayoutFree(reader)) return false;
      region.add(reader);
    }
  }
  return [...region].every((node) =>
    dataInputs(node).every((place) => {
      const input = node.inputs[place];
      if (input === undefined || isConstant(input) || isSingle(input)) return true;
      if (input.producer === undefined) return false;
      const own = mapToInput(input.producer);
      return region.has(input.producer) || (own !== undefined && sameMap(own, map));
    }),
  );
}
