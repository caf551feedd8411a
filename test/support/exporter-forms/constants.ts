import { Tensor } from '../../../src/ir/tensor.js';
import { tensorSpec, type DraftNode, type ModelDraft } from '../model-draft.js';
import { isPowerOfTwo, operandsOf, type Dice, type Form } from './form.js';

const PER_ELEMENT: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max']);
const FLOAT = 1;
const DOUBLE = 11;

/** The dims that a constant of arithmetic has without the axes of one element that broadcasting adds. */
function trimmed(dims: readonly number[]): readonly number[] {
  const first = dims.findIndex((dim) => dim !== 1);
  return first < 0 ? [] : dims.slice(first);
}

/** A constant of arithmetic with other dims that mean the same: fewer or more leading ones, a scalar, repeated elements. */
const otherDims: Form = {
  name: 'other-dims',
  rewrite: (node, draft, dice) => {
    const operands = PER_ELEMENT.has(node.op) ? operandsOf(node, draft) : undefined;
    const data = operands && draft.dataOf(operands.c);
    if (operands === undefined || data === undefined) return undefined;
    const dims = draft.shapeOf(operands.c);
    const shape = draft.shapeOf(operands.x);
    const forms: [readonly number[], readonly number[]][] = [[trimmed(dims), data]];
    const [first = 0] = data;
    if (data.every((item) => item === first)) {
      for (const wanted of [[], [1], shape.map(() => 1), perChannel(shape), shape]) {
        forms.push([wanted, new Array<number>(wanted.reduce((a, b) => a * b, 1)).fill(first)]);
      }
    } else {
      const lead = shape.length - trimmed(dims).length;
      forms.push([[...new Array<number>(lead).fill(1), ...trimmed(dims)], data]);
      const area = shape.slice(2).reduce((a, b) => a * b, 1);
      if (data.length === shape[1]) forms.push([shape, data.flatMap((item) => new Array<number>(area).fill(item))]);
    }
    const [wanted, elements] = dice.of(forms);
    return [withConstant(node, operands.c, draft.floats(wanted, elements, operands.c))];
  },
};

const perChannel = (shape: readonly number[]): readonly number[] => shape.map((dim, axis) => (axis === 1 ? dim : 1));

const withConstant = (node: DraftNode, from: string, to: string): DraftNode => ({
  ...node,
  inputs: node.inputs.map((input) => (input === from ? to : input)),
});

type Origin = (
  tensor: Tensor<'float32'>,
  draft: ModelDraft,
  dice: Dice,
) => { nodes: DraftNode[]; name: string } | undefined;

const nodeOf = (
  draft: ModelDraft,
  tensor: Tensor,
  op: string,
  rest: Omit<Partial<DraftNode>, 'op' | 'outputs'>,
): { nodes: DraftNode[]; name: string } => {
  const name = draft.tensor(tensor.dims, op);
  return { nodes: [{ op, inputs: [], ...rest, outputs: [name] }], name };
};

/** Ways in which the graph brings the elements of a constant about. */
const ORIGINS: readonly Origin[] = [
  (tensor, draft) => nodeOf(draft, tensor, 'Constant', { attributes: { value: { tensor: tensorSpec(tensor) } } }),
  (tensor, draft) => {
    const [item = 0] = tensor.data;
    if (tensor.rank === 0) return nodeOf(draft, tensor, 'Constant', { attributes: { value_float: { float: item } } });
    if (tensor.rank !== 1) return undefined;
    return nodeOf(draft, tensor, 'Constant', { attributes: { value_floats: { floats: Array.from(tensor.data) } } });
  },
  (tensor, draft) => nodeOf(draft, tensor, 'Identity', { inputs: [draft.constant(tensor, 'held')] }),
  (tensor, draft) => {
    const wide = new Tensor('float64', tensor.dims, Float64Array.from(tensor.data));
    return nodeOf(draft, tensor, 'Cast', {
      inputs: [draft.constant(wide, 'wide')],
      attributes: { to: { int: FLOAT } },
    });
  },
  (tensor, draft) => {
    if (!tensor.data.every((item) => Number.isInteger(item) && Math.abs(item) < 2 ** 31)) return undefined;
    const narrow = tensor.data.every((item) => Math.abs(item) < 128);
    const integers = narrow
      ? new Tensor('int8', tensor.dims, Int8Array.from(tensor.data))
      : new Tensor('int32', tensor.dims, Int32Array.from(tensor.data));
    return nodeOf(draft, tensor, 'Cast', {
      inputs: [draft.constant(integers, 'q')],
      attributes: { to: { int: FLOAT } },
    });
  },
  (tensor, draft) => {
    const flat = draft.constant(tensor.reshape([tensor.size]), 'flat');
    return nodeOf(draft, tensor, 'Reshape', { inputs: [flat, draft.ints(tensor.dims)] });
  },
  (tensor, draft) => {
    const ones = tensor.dims.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
    if (ones.length === 0) return undefined;
    const rest = draft.constant(tensor.reshape(tensor.dims.filter((dim) => dim !== 1)), 'rest');
    return nodeOf(draft, tensor, 'Unsqueeze', { inputs: [rest, draft.ints(ones)] });
  },
  (tensor, draft) => {
    const [item = 0] = tensor.data;
    if (!tensor.data.every((other) => other === item)) return undefined;
    return nodeOf(draft, tensor, 'Expand', { inputs: [draft.floats([], [item]), draft.ints(tensor.dims)] });
  },
  (tensor, draft) => {
    const [item = 0] = tensor.data;
    if (!tensor.data.every((other) => other === item)) return undefined;
    const value = { tensor: { type: FLOAT, dims: [1], floats: [item] } };
    return nodeOf(draft, tensor, 'ConstantOfShape', { inputs: [draft.ints(tensor.dims)], attributes: { value } });
  },
  (tensor, draft) =>
    nodeOf(draft, tensor, 'Neg', {
      inputs: [
        draft.floats(
          tensor.dims,
          Array.from(tensor.data, (x) => -x),
        ),
      ],
    }),
  (tensor, draft) => {
    if (!tensor.data.every(isPowerOfTwo)) return undefined;
    const inverse = draft.floats(
      tensor.dims,
      Array.from(tensor.data, (x) => 1 / x),
    );
    return nodeOf(draft, tensor, 'Reciprocal', { inputs: [inverse] });
  },
  (tensor, draft) => {
    if (!tensor.data.every(isPowerOfTwo)) return undefined;
    const exponents = draft.floats(
      tensor.dims,
      Array.from(tensor.data, (x) => Math.log2(x)),
    );
    return nodeOf(draft, tensor, 'Pow', { inputs: [draft.floats([], [2]), exponents] });
  },
  (tensor, draft) => {
    const name = draft.constant(tensor, 'listed');
    draft.listed.add(name);
    return { nodes: [], name };
  },
];

/** A float constant of whatever node that the graph computes, or that is written elsewhere than among the initializers. */
const otherOrigin: Form = {
  name: 'other-origin',
  rewrite: (node, draft, dice) => {
    const constants = node.inputs.filter((name) => draft.constants.get(name)?.is('float32') === true);
    if (constants.length === 0) return undefined;
    const name = dice.of(constants);
    const tensor = draft.constants.get(name);
    const made = tensor?.is('float32') === true ? dice.of(ORIGINS)(tensor, draft, dice) : undefined;
    return made && [...made.nodes, withConstant(node, name, made.name)];
  },
};

/** x → Cast to double and back, as scripts of mixed precision leave it behind arithmetic. */
const throughDouble: Form = {
  name: 'through-double',
  rewrite: (node, draft) => {
    const [y = ''] = node.outputs;
    if (!PER_ELEMENT.has(node.op) && node.op !== 'Floor') return undefined;
    const shape = draft.shapeOf(y);
    const [inner, wide] = [draft.tensor(shape, 'narrow'), draft.tensor(shape, 'wide')];
    return [
      { ...node, outputs: [inner] },
      { op: 'Cast', inputs: [inner], outputs: [wide], attributes: { to: { int: DOUBLE } } },
      { op: 'Cast', inputs: [wide], outputs: [y], attributes: { to: { int: FLOAT } } },
    ];
  },
};

/** Constants with other dims and from elsewhere. */
export const CONSTANTS: readonly Form[] = [otherDims, otherOrigin, throughDouble];
