import { Tensor } from '../../../src/ir/tensor.js';
import type { DraftNode, ModelDraft } from '../model-draft.js';
import { operandsOf, type Dice, type Form } from './form.js';

const flattens = ({ op, inputs: [x], outputs: [y] }: DraftNode, draft: ModelDraft): boolean =>
  /^(Flatten|Reshape)$/.test(op) && draft.shapeOf(y).length === 2 && draft.shapeOf(x)[0] === draft.shapeOf(y)[0];

/** Size of an axis of a tensor as a rank-1 list, computed in the graph. */
function sizeOfAxis(x: string, axis: number, draft: ModelDraft, dice: Dice): { nodes: DraftNode[]; name: string } {
  const rank = draft.shapeOf(x).length;
  const [shape, one] = [draft.tensor([rank], 'shape'), draft.tensor([1], 'size')];
  const first: DraftNode = { op: 'Shape', inputs: [x], outputs: [shape] };
  const form = dice.of(['gather', 'gather-list', 'slice']);
  if (form === 'slice') {
    const bounds = [draft.ints([axis]), draft.ints([axis + 1]), draft.ints([0])];
    return { nodes: [first, { op: 'Slice', inputs: [shape, ...bounds], outputs: [one] }], name: one };
  }
  if (form === 'gather-list')
    return { nodes: [first, { op: 'Gather', inputs: [shape, draft.ints([axis])], outputs: [one] }], name: one };
  const scalar = draft.tensor([], 'size');
  const index = draft.constant(Tensor.int64(axis));
  return {
    nodes: [
      first,
      { op: 'Gather', inputs: [shape, index], outputs: [scalar], attributes: { axis: { int: 0 } } },
      { op: 'Unsqueeze', inputs: [scalar, draft.ints([0])], outputs: [one] },
    ],
    name: one,
  };
}

/** Flatten or Reshape to [N, everything] in other words, the shape constant or computed. */
const flattening: Form = {
  name: 'flattening',
  rewrite: (node, draft, dice) => {
    if (!flattens(node, draft)) return undefined;
    const [x = ''] = node.inputs;
    const [y = ''] = node.outputs;
    const [batch = 1, features = 1] = draft.shapeOf(y);
    const rank = draft.shapeOf(x).length;
    const reshape = (shape: string): DraftNode => ({ op: 'Reshape', inputs: [x, shape], outputs: [y] });
    const form = dice.of(['flatten', 'flatten-from-end', 'constant', 'computed', 'squeeze']);
    if (form === 'flatten') return [{ op: 'Flatten', inputs: [x], outputs: [y] }];
    if (form === 'flatten-from-end')
      return [{ op: 'Flatten', inputs: [x], outputs: [y], attributes: { axis: { int: 1 - rank } } }];
    if (form === 'constant')
      return [
        reshape(
          draft.ints(
            dice.of([
              [batch, -1],
              [0, -1],
              [batch, features],
              [-1, features],
            ]),
          ),
        ),
      ];
    if (form === 'squeeze') {
      const ones = draft.shapeOf(x).flatMap((dim, axis) => (axis >= 2 && dim === 1 ? [axis] : []));
      if (ones.length === 0 || ones.length !== rank - 2) return undefined;
      return [{ op: 'Squeeze', inputs: [x, draft.ints(ones)], outputs: [y] }];
    }
    const size = sizeOfAxis(x, 0, draft, dice);
    const shape = draft.tensor([2], 'shape');
    const list = dice.chance(0.5) ? draft.ints([-1]) : draft.ints([features]);
    const concat = { op: 'Concat', inputs: [size.name, list], outputs: [shape], attributes: { axis: { int: 0 } } };
    return [...size.nodes, concat, reshape(shape)];
  },
};

/** Arithmetic with a constant per channel on [N, C, L, 1] → on [N, C, L], or on [N, K] → on [N, K, 1, 1]. */
const arithmeticElsewhere: Form = {
  name: 'arithmetic-elsewhere',
  rewrite: (node, draft) => {
    const operands = operandsOf(node, draft);
    const data = operands && draft.dataOf(operands.c);
    if (!/^(Add|Sub|Mul|Div)$/.test(node.op) || operands === undefined || data === undefined) return undefined;
    const shape = draft.shapeOf(operands.x);
    const channels = shape[1] ?? 1;
    if (data.length !== channels && data.length !== 1) return undefined;
    const narrow = shape.length === 4 && shape[3] === 1;
    if (!narrow && shape.length !== 2) return undefined;
    const other = narrow ? shape.slice(0, 3) : [...shape, 1, 1];
    const axes = draft.ints(narrow ? [3] : [2, 3]);
    const [there, done] = [draft.tensor(other, 'elsewhere'), draft.tensor(other, 'elsewhere')];
    const dims = data.length === 1 ? [] : [channels, ...other.slice(2).map(() => 1)];
    const constant = draft.floats(dims, data, operands.c);
    return [
      { op: narrow ? 'Squeeze' : 'Unsqueeze', inputs: [operands.x, axes], outputs: [there] },
      { ...node, inputs: node.inputs.map((input) => (input === operands.c ? constant : there)), outputs: [done] },
      { op: narrow ? 'Unsqueeze' : 'Squeeze', inputs: [done, axes], outputs: node.outputs },
    ];
  },
};

/** Floor, Clip and Relu on another layout of the same elements. */
const unaryElsewhere: Form = {
  name: 'unary-elsewhere',
  rewrite: (node, draft) => {
    const [x = '', ...rest] = node.inputs;
    if (!/^(Floor|Clip|Relu)$/.test(node.op)) return undefined;
    const shape = draft.shapeOf(x);
    if (shape.length < 2) return undefined;
    const flat = [shape[0] ?? 1, shape.slice(1).reduce((a, b) => a * b, 1)];
    const [there, done] = [draft.tensor(flat, 'flat'), draft.tensor(flat, 'flat')];
    return [
      { op: 'Reshape', inputs: [x, draft.ints(flat)], outputs: [there] },
      { ...node, inputs: [there, ...rest], outputs: [done] },
      { op: 'Reshape', inputs: [done, draft.ints(shape)], outputs: node.outputs },
    ];
  },
};

/** Reshapes, and arithmetic on other sides of them. */
export const LAYOUT: readonly Form[] = [flattening, arithmeticElsewhere, unaryElsewhere];
