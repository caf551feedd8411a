import { isConstant, opName, type Graph, type Node, type Value } from '../../src/ir/graph.js';

const WINDOWS = ['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool'];
const POOLS = ['GlobalAveragePool', 'GlobalMaxPool'];

/** What of a graph is not in the form that backends read, one sentence each. Sizes are expected to be known but the batch. */
export function deviations(graph: Graph): string[] {
  return graph.nodes.flatMap((node) => complaints(node).map((complaint) => `${node.op} '${node.name}' ${complaint}`));
}

function complaints(node: Node): string[] {
  const found: string[] = [];
  const { attrs, inputs } = node;
  const name = opName(node);
  const [x] = inputs;
  const rank = x?.type.shape.length ?? 0;
  const attributes = [...attrs].map(([key]) => key).sort();
  const float = x?.type.dtype === 'float32';
  if ([...WINDOWS, ...POOLS].includes(name) && rank !== 4) found.push(`has data of rank ${rank}`);
  if (WINDOWS.includes(name)) {
    const needed = name.startsWith('Conv')
      ? ['dilations', 'group', 'kernel_shape', 'pads', 'strides']
      : ['kernel_shape', 'pads', 'strides'];
    const missing = needed.filter((key) => !attrs.has(key));
    if (missing.length > 0) found.push(`does not state ${missing.join(', ')}`);
    if (attrs.has('auto_pad') || attrs.has('output_shape')) found.push('has auto_pad or output_shape');
  }
  if (name === 'Gemm') {
    if (attributes.length > 0) found.push(`has ${attributes.join(', ')}`);
    if (x?.type.shape[1] !== inputs[1]?.type.shape[0]) found.push('has transposed weights');
    if (inputs[2] !== undefined && inputs[2].type.shape.length !== 1) found.push('has a bias that is no list');
  }
  if (name === 'MatMul' && rank === 2 && isConstantValue(inputs[1])) found.push('is no Gemm');
  if (name === 'Clip') {
    const plain = inputs.slice(1).every((bound) => bound === undefined || isScalar(bound));
    if (!plain || inputs.length === 1) found.push('has other bounds than constant scalars');
    if (x?.producer?.op === 'Clip' && x.uses.size === 1) found.push('follows another Clip');
    if (['MaxPool', 'Flatten', 'Reshape', 'Transpose', 'Squeeze'].includes(x?.producer?.op ?? '') && startsAtLayer(x)) {
      found.push('is apart from its layer');
    }
  }
  if (
    ['Relu', 'Min', 'Max'].includes(name) &&
    float &&
    inputs.filter((input) => !isConstantValue(input)).length === 1
  ) {
    found.push('is no Clip');
  }
  if (['Identity', 'Dropout', 'Constant'].includes(name)) found.push('does nothing');
  if (name === 'BatchNormalization' && ['Conv', 'Gemm'].includes(x?.producer?.op ?? '') && x?.uses.size === 1) {
    found.push('is not folded into its layer');
  }
  if (name === 'Flatten' && (attrs.int('axis', 0) !== 1 || rank < 3)) found.push('is not at axis 1');
  if (['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'].includes(name)) {
    if (['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'].includes(x?.producer?.op ?? '')) found.push('follows another');
    if (inputs.length > 1 && !isConstantValue(inputs[1])) found.push('has a computed shape');
  }
  return found;
}

const isConstantValue = (value: Value | undefined): boolean => value !== undefined && isConstant(value);

const isScalar = (value: Value): boolean =>
  isConstant(value) && value.constant.rank === 0 && value.type.dtype === 'float32';

/** Whether a convolution or Gemm that nothing else reads is the next thing above, but for operators that move elements. */
function startsAtLayer(value: Value | undefined): boolean {
  for (let current = value; current?.uses.size === 1; [current] = current.producer?.inputs ?? []) {
    if (['Conv', 'Gemm'].includes(current.producer?.op ?? '')) return true;
    if (!['MaxPool', 'Flatten', 'Reshape', 'Transpose', 'Squeeze'].includes(current.producer?.op ?? '')) return false;
  }
  return false;
}

/** `Conv 3, Clip 2, Gemm 1`: how often each operator occurs, the most frequent first, then by name. */
export function histogram(graph: Graph): string {
  const counts = new Map<string, number>();
  for (const node of graph.nodes) counts.set(opName(node), (counts.get(opName(node)) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
