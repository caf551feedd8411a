import { isConstant, type Node, type Value } from '../../ir/graph.js';

/** Inputs that bring elements into the result; the others say how, and keep their type. */
const ALL = 'all';
const FIRST: readonly number[] = [0];

const DATA_INPUTS: ReadonlyMap<string, readonly number[] | typeof ALL> = new Map<
  string,
  readonly number[] | typeof ALL
>([
  ['Flatten', FIRST],
  ['Reshape', FIRST],
  ['Transpose', FIRST],
  ['Squeeze', FIRST],
  ['Unsqueeze', FIRST],
  ['Concat', ALL],
  ['Slice', FIRST],
  ['Pad', [0, 2]],
  ['Gather', FIRST],
  ['Expand', FIRST],
  ['Tile', FIRST],
  ['DepthToSpace', FIRST],
  ['SpaceToDepth', FIRST],
  ['Resize', FIRST],
  ['MaxPool', FIRST],
  ['GlobalMaxPool', FIRST],
  ['Max', ALL],
  ['Min', ALL],
  ['ReduceMax', FIRST],
  ['ReduceMin', FIRST],
]);

/** Operators of ai.onnx whose every result element is one of the elements given, so that they commute with a scale (spec 1.5). */
export const MOVERS: ReadonlySet<string> = new Set(DATA_INPUTS.keys());

/** Whether a node only moves elements, as MOVERS do, the way its attributes have it: a Resize may interpolate instead. */
export function isMover({ domain, op, attrs }: Node): boolean {
  if (domain !== '' || !MOVERS.has(op)) return false;
  if (op !== 'Resize') return true;
  const nearest = attrs.string('mode', 'nearest') === 'nearest';
  return nearest && attrs.string('coordinate_transformation_mode', 'half_pixel') !== 'tf_crop_and_resize';
}

/** Whether input `index` of a mover brings elements into its result. */
export function bringsElements(op: string, index: number): boolean {
  const inputs = DATA_INPUTS.get(op);
  return inputs === ALL || inputs?.includes(index) === true;
}

/** The tensors, constants among them, whose elements a mover's result consists of. A Pad without a value adds zeros. */
export const movedInputs = (node: Node): Value[] =>
  node.inputs.filter((input, index) => input !== undefined && bringsElements(node.op, index)) as Value[];

/** The same without constants. */
export const movedTensors = (node: Node): Value[] => movedInputs(node).filter((input) => !isConstant(input));
