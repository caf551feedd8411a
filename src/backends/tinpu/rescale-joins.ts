import { Attributes } from '../../ir/attributes.js';
import type { Diagnostic } from '../../ir/diagnostics.js';
import { GraphEditor } from '../../ir/editor.js';
import { opName, type Graph, type Node, type Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import type { Recipe } from './recipes/recipe.js';
import { dataInputs, integerForm } from './integer-form.js';
import type { QuantisationPoint, Roles } from './roles.js';

/**
 * Puts a depthwise 1×1 convolution by 1 in front of additions whose scale would be too coarse for an operand: it then has a
 * scale of its own, and the addition takes in the rescaled copy (spec 1.5, T15).
 * The float function stays as it is, to the bit.
 * @param scaleOf the scale that a point would have alone
 * @returns for each copy the tensor it is a copy of
 */
export function rescaleJoins(
  float: Graph,
  { points, domains }: Pick<Roles, 'points' | 'domains'>,
  scaleOf: (point: QuantisationPoint) => number,
  rescales: Recipe['rescales'],
  report: (diagnostic: Diagnostic) => void,
): ReadonlyMap<Value, Value> {
  const byValue = new Map(points.map((point) => [point.value, point]));
  const editor = new GraphEditor(float);
  const copies = new Map<Value, Value>();
  for (const add of [...float.nodes]) {
    const sum = byValue.get(sumOf(add, byValue));
    if (sum?.kind !== 'add' || !domains.integer.has(add)) continue;
    const coarse = Math.max(...sum.group.points.filter(({ residual }) => !residual).map(scaleOf));
    for (const [index, operand] of add.inputs.entries()) {
      const source = operand && sourcePoint(operand, byValue);
      if (operand === undefined || source === undefined || !isRescalable(source, operand)) continue;
      const factor = coarse / scaleOf(source);
      if (!rescales(factor, feedsLayer(source.value, domains.integer))) continue;
      const copy = addRescaling(editor, operand, add);
      editor.setInput(add, index, copy);
      copies.set(copy, source.value);
      report({
        code: 'operand-rescaled',
        severity: 'info',
        message:
          `'${operand.name}' is rescaled by a layer of its own in front of the addition '${add.name}', whose scale is ` +
          `${factor.toPrecision(3)} times coarser, and keeps ${Math.log2(factor).toFixed(1)} bits more for the layers that read it`,
        at: { node: add.name, op: add.op },
      });
    }
  }
  return copies;
}

/** The tensor that stands for the result of an addition: that of the Clip behind it where they are one. */
function sumOf({ outputs: [result] }: Node, byValue: ReadonlyMap<Value, QuantisationPoint>): Value {
  if (result === undefined) throw new RangeError('a node has a result');
  const clipped = [...result.uses].flatMap(({ node }) => (opName(node) === 'Clip' ? node.outputs : []));
  return byValue.has(result) ? result : (clipped[0] ?? result);
}

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

/** The depthwise 1×1 convolution by 1; missing spatial axes are added and dropped again. */
function addRescaling(editor: GraphEditor, value: Value, before: Node): Value {
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
  if (axes === undefined) return build('Conv', [value, ones], attrs, label, type);
  const widened = build('Unsqueeze', [value, axes], Attributes.none, `${label}/map`, map);
  const scaled = build('Conv', [widened, ones], attrs, `${label}/scaled`, map);
  return build('Squeeze', [scaled, axes], Attributes.none, label, type);
}
