import { broadcastShapes, formatShape, type Dim } from '../shape.js';
import type { DType } from '../dtype.js';
import { FLOAT_TYPES } from './element-types.js';
import { allInputs, commonDType } from './elementwise-inference.js';
import { operator, OperatorFault, type Operator } from './operator.js';
import type { NodeFacts } from './window.js';

/** An equation whose axes all have labels: those of the ellipsis are `.0`, `.1`, …, counted from the last. */
export interface EinsumPlan {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
  readonly sizes: ReadonlyMap<string, Dim>;
}

const invalid = (node: NodeFacts, what: string): OperatorFault =>
  new OperatorFault('invalid-attribute', `equation ${JSON.stringify(node.attrs.string('equation'))} of Einsum ${what}`);

/** Labels of one term; `ellipsis` is how many axes its dots stand for. */
function labelsOf(node: NodeFacts, term: string, ellipsis: number): string[] {
  const parts = term.split('...');
  if (parts.length > 2 || !parts.every((part) => /^[A-Za-z]*$/.test(part))) {
    throw invalid(node, `holds ${JSON.stringify(term)}, letters and one ellipsis are accepted`);
  }
  const dots = Array.from({ length: ellipsis }, (_, i) => `.${ellipsis - 1 - i}`);
  return [...Array.from(parts[0] ?? ''), ...(parts.length > 1 ? dots : []), ...Array.from(parts[1] ?? '')];
}

/** Without an arrow: the axes of the ellipsis, then the letters that occur once, in alphabetical order. */
function implicitResult(operands: readonly (readonly string[])[], ellipsis: number): string[] {
  const all = operands.flat();
  const once = [...new Set(all)].filter(
    (label) => !label.startsWith('.') && all.filter((l) => l === label).length === 1,
  );
  return [...Array.from({ length: ellipsis }, (_, i) => `.${ellipsis - 1 - i}`), ...once.sort()];
}

/**
 * Reads the equation for operands of these shapes.
 * @throws OperatorFault when it is malformed or the sizes of a label neither agree nor are 1.
 */
export function planEinsum(node: NodeFacts, shapes: readonly (readonly Dim[])[]): EinsumPlan {
  const [left = '', ...rights] = node.attrs.string('equation').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (rights.length > 1 || terms.length !== shapes.length) {
    throw invalid(node, `has ${terms.length} terms, but the node has ${shapes.length} inputs`);
  }
  const operands = terms.map((term, i) => {
    const rank = shapes[i]?.length ?? 0;
    const dots = term.includes('...') ? rank - term.replace('...', '').length : 0;
    const labels = labelsOf(node, term, Math.max(dots, 0));
    if (labels.length === rank) return labels;
    throw invalid(node, `names ${labels.length} axes of input ${i}, which has shape ${formatShape(shapes[i] ?? [])}`);
  });
  const ellipsis = Math.max(0, ...operands.map((labels) => labels.filter((label) => label.startsWith('.')).length));
  const [right] = rights;
  const result = right === undefined ? implicitResult(operands, ellipsis) : labelsOf(node, right, ellipsis);
  const sizes = new Map<string, Dim>();
  for (const [i, labels] of operands.entries()) {
    for (const [axis, label] of labels.entries()) {
      const size = shapes[i]?.[axis] ?? 1;
      const common = broadcastShapes([sizes.get(label) ?? 1], [size])?.[0];
      if (common === undefined) {
        const message = `Einsum gives the axes ${label} the sizes ${sizes.get(label) ?? 1} and ${size}, which differ`;
        throw new OperatorFault('shape-mismatch', message);
      }
      sizes.set(label, common);
    }
  }
  const wrong = result.find((label, i) => !sizes.has(label) || result.indexOf(label) !== i);
  if (wrong !== undefined) throw invalid(node, `gives ${wrong}, which no input has or which is given twice`);
  return { operands, result, sizes };
}

const EINSUM_TYPES: readonly DType[] = [...FLOAT_TYPES, 'int32'];

/** Sums of products over the axes that the result does not name (ONNX Einsum). */
export const einsum: Operator = operator({
  name: 'Einsum',
  since: 12,
  inputs: [1, Infinity],
  attributes: { equation: { kind: 'string', required: true } },
  types: EINSUM_TYPES,
  infer(call) {
    const inputs = allInputs(call);
    const dtype = commonDType(call, inputs);
    const shapes = inputs.map(({ type }) => type.shape);
    const { result, sizes } = planEinsum(call, shapes);
    return [{ type: { dtype, shape: result.map((label) => sizes.get(label) ?? 1) } }];
  },
});
