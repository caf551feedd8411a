import { isConstant, opName, soleUser, type Graph, type Node, type Value } from '../../ir/graph.js';
import { decline, type Builder, type Decline } from '../rule.js';
import { mapToResult } from './axis-map.js';
import { RESHAPING } from './reinterpret.js';
import { dataInputs, isSingle, LAYOUT_KEEPING, relabel } from './relabel.js';

/**
 * A layout operator (Transpose or Unsqueeze) above the layout-free operator it reads: L(op(x, constant)) →
 * op(L(x), constant'). The operator has a single input that is neither constant nor a single element.
 */
export function hoistLayout(layout: Node, to: Builder): Value | Decline {
  const [read] = layout.inputs;
  const node = read?.producer;
  const map = mapToResult(layout);
  if (read === undefined || node === undefined || map === undefined)
    return decline('its axes are not constant', layout);
  if (soleUser(to.graph, read) === undefined) return decline(`'${read.name}' has other readers`, node);
  const carrier = carrierOf(node);
  if (carrier === undefined) return decline('more than one input would need a layout operator', node);
  const data = node.inputs[carrier];
  if (data?.type.shape.length !== map.axes.length) return decline('the operator adds axes to its input', node);
  const source = to.op(opName(layout), [data, ...layout.inputs.slice(1)], layout.attrs, { standsFor: layout });
  const result = relabel(node, map, new Map([[carrier, source]]), to);
  return 'declined' in result ? result : result.value;
}

/** The place of the only data input that is neither constant nor a single element. */
function carrierOf(node: Node): number | undefined {
  const places = dataInputs(node).filter((place) => {
    const input = node.inputs[place];
    return input !== undefined && !isConstant(input) && !isSingle(input);
  });
  return places.length === 1 ? places[0] : undefined;
}

/**
 * Whether the value is a graph input, or comes from one (or from the result of one of `sources`) by nothing but
 * operators that a layout operator can pass, each read by the next alone.
 */
export function startsAtInput(graph: Graph, value: Value, sources: readonly string[] = []): boolean {
  for (let current: Value | undefined = value; current !== undefined;) {
    if (isConstant(current)) return false;
    const node: Node | undefined = current.producer;
    if (node === undefined || sources.includes(opName(node))) return true;
    if (soleUser(graph, current) === undefined) return false;
    if (opName(node) === 'Transpose' || RESHAPING.includes(opName(node))) [current] = node.inputs;
    else if (LAYOUT_KEEPING.includes(opName(node))) current = node.inputs[carrierOf(node) ?? -1];
    else return false;
  }
  return false;
}
