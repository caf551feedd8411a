import { Attributes } from '../../../ir/attributes.js';
import type { Diagnostic } from '../../../ir/diagnostics.js';
import { GraphEditor } from '../../../ir/editor.js';
import { opName, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import type { Recipe } from '../recipes/recipe.js';
import { dataInputs } from '../../split/data-inputs.js';
import { integerForm } from '../split/integer-form.js';
import type { QuantisationPoint, Roles } from '../split/roles.js';

export interface JoinOptions {
  /** The scale that a point would have alone. */
  readonly scaleOf: (point: QuantisationPoint) => number;
  readonly rescales: Recipe['rescales'];
  /** Roles of the graph as it is now. */
  readonly assign: () => Roles;
  readonly report: (diagnostic: Diagnostic) => void;
}

/**
 * Puts a depthwise 1×1 convolution by 1 in front of additions and concatenations whose scale would be too coarse for an
 * operand: it then has a scale of its own, and what joins it to others takes in the rescaled copy (spec 1.5, T15). Begins at
 * the end, as a rescaled operand leaves the joins in front of it a finer scale. The float function stays as it is, to the bit.
 * @returns for each copy the tensor it is a copy of
 */
export function rescaleJoins(
  float: Graph,
  roles: Roles,
  { scaleOf, rescales, assign, report }: JoinOptions,
): ReadonlyMap<Value, Value> {
  const alone = new Map(roles.points.map((point) => [point.value, scaleOf(point)]));
  const scaleAlone = ({ value }: QuantisationPoint): number => alone.get(value) ?? 0;
  const editor = new GraphEditor(float);
  const copies = new Map<Value, Value>();
  let current = roles;
  for (const join of float.nodes.filter((node) => JOINS.has(opName(node))).toReversed()) {
    if (!current.domains.integer.has(join)) continue;
    const byValue = new Map(current.points.map((point) => [point.value, point]));
    const before = copies.size;
    for (const [index, operand] of join.inputs.entries()) {
      const source = operand && sourcePoint(operand, byValue);
      if (operand === undefined || source === undefined || !isRescalable(source, operand)) continue;
      const coarse = Math.max(...source.group.points.filter(({ residual }) => !residual).map(scaleAlone));
      const factor = coarse / scaleAlone(source);
      if (!rescales(factor, feedsLayer(source.value, current.domains.integer))) continue;
      const { copy, delivered } = addRescaling(editor, operand, join);
      editor.setInput(join, index, delivered);
      copies.set(copy, source.value);
      alone.set(copy, scaleAlone(source));
      report(rescaled(operand, join, factor));
    }
    if (copies.size > before) current = assign();
  }
  return copies;
}

const JOINS: ReadonlySet<string> = new Set(['Add', 'Concat']);

const rescaled = ({ name }: Value, join: Node, factor: number): Diagnostic => ({
  code: 'operand-rescaled',
  severity: 'info',
  message:
    `'${name}' is rescaled by a layer of its own in front of ${join.op} '${join.name}', whose scale is ` +
    `${factor.toPrecision(3)} times coarser, and keeps ${Math.log2(factor).toFixed(1)} bits more for the layers that read it`,
  at: { node: join.name, op: join.op },
});

/** The point whose integers reach the value through operators that hand on one tensor. */
function sourcePoint(value: Value, byValue: ReadonlyMap<Value, QuantisationPoint>): QuantisationPoint | undefined {
  for (let next: Value | undefined = value; next !== undefined;) {
    const point = byValue.get(next);
    if (point !== undefined) return point;
    const { producer }: Value = next;
    if (producer === undefined || dataInputs(producer).length !== 1) return undefined;
    const { kind } = integerForm(producer);
    next = kind === 'mover' || kind === 'clip' ? dataInputs(producer)[0] : undefined;
  }
  return undefined;
}

/** Layers and sums have integers that a layer can rescale; ranks 2 to 4 have a form with two spatial axes. */
function isRescalable({ kind, residual }: QuantisationPoint, { type: { shape } }: Value): boolean {
  const computed = kind === 'layer' || kind === 'pool' || kind === 'add';
  return computed && !residual && shape.length >= 2 && shape.length <= 4 && typeof shape[1] === 'number';
}

/** Whether a layer or a pool reads the integers of a value, through movers and clips perhaps. */
function feedsLayer(value: Value, integer: ReadonlySet<Node>): boolean {
  const seen = new Set([value]);
  for (const next of seen) {
    for (const { node } of next.uses) {
      const { kind } = integerForm(node);
      if (!integer.has(node) || kind === 'add') continue;
      if (kind === 'layer' || kind === 'pool') return true;
      for (const output of node.outputs) seen.add(output);
    }
  }
  return false;
}

/**
 * The depthwise 1×1 convolution by 1; missing spatial axes are added and dropped again.
 * @returns its result, and that in the shape of the value
 */
function addRescaling(
  editor: GraphEditor,
  value: Value,
  before: Node,
): { readonly copy: Value; readonly delivered: Value } {
  const { name, type } = value;
  const channels = Number(type.shape[1]);
  const missing = Array.from({ length: 4 - type.shape.length }, (_, i) => type.shape.length + i);
  const map = { ...type, shape: [...type.shape, ...missing.map(() => 1)] };
  const label = `${name}/rescaled`;
  const axes = missing.length === 0 ? undefined : editor.constant(Tensor.int64(missing), `${label}/axes`);
  const build = (op: string, inputs: Value[], attrs: Attributes, result: string, resultType: Value['type']): Value => {
    const [output] = editor.addNode(
      { op, name: label, inputs, attrs, outputs: [{ name: result, type: resultType }] },
      before,
    ).outputs;
    if (output === undefined) throw new RangeError('a node has a result');
    return output;
  };
  const weights = new Tensor('float32', [channels, 1, 1, 1], new Float32Array(channels).fill(1));
  const attrs = Attributes.of({
    group: channels,
    kernel_shape: [1, 1],
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
  });
  const ones = editor.constant(weights, `${label}/weight`);
  if (axes === undefined) {
    const copy = build('Conv', [value, ones], attrs, label, type);
    return { copy, delivered: copy };
  }
  const widened = build('Unsqueeze', [value, axes], Attributes.none, `${label}/map`, map);
  const copy = build('Conv', [widened, ones], attrs, label, map);
  return { copy, delivered: build('Squeeze', [copy, axes], Attributes.none, `${label}/flat`, type) };
}
