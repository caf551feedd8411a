import type { AttributeSpec } from '../onnx-builder.js';
import type { DraftNode, ModelDraft } from '../model-draft.js';
import type { Form } from './form.js';

/** A sum over the axes 2 and 3 of a map. */
function sumOfMap(node: DraftNode, draft: ModelDraft): { x: string; y: string; keeps: boolean } | undefined {
  const [x = '', axes] = node.inputs;
  const [y = ''] = node.outputs;
  const keepdims = node.attributes?.['keepdims'];
  const list = axes === undefined ? undefined : draft.constants.get(axes)?.toNumbers();
  if (
    node.op !== 'ReduceSum' ||
    list
      ?.map((axis) => (axis < 0 ? axis + 4 : axis))
      .sort()
      .join() !== '2,3'
  )
    return undefined;
  return { x, y, keeps: keepdims === undefined || !('int' in keepdims) || keepdims.int === 1 };
}

const keepdims = (keeps: boolean): Readonly<Record<string, AttributeSpec>> => ({ keepdims: { int: keeps ? 1 : 0 } });

/** ReduceSum over axes counted from the end, one after the other, or without an axis of one element. */
const axesOfSum: Form = {
  name: 'axes-of-sum',
  rewrite: (node, draft, dice) => {
    const sum = sumOfMap(node, draft);
    if (sum === undefined) return undefined;
    const { x, y, keeps } = sum;
    const shape = draft.shapeOf(x);
    const form = dice.of(['from-the-end', 'one-by-one', 'without-unit-axes']);
    if (form === 'from-the-end')
      return [
        {
          ...node,
          inputs: [
            x,
            draft.ints(
              dice.of([
                [-1, -2],
                [-2, -1],
                [3, 2],
              ]),
            ),
          ],
        },
      ];
    if (form === 'without-unit-axes') {
      if (!keeps || shape[3] !== 1) return undefined;
      return [{ ...node, inputs: [x, draft.ints([2])] }];
    }
    const row = draft.tensor(keeps ? [...shape.slice(0, 3), 1] : shape.slice(0, 3), 'rows');
    return [
      { op: 'ReduceSum', inputs: [x, draft.ints([3])], outputs: [row], attributes: keepdims(keeps) },
      { op: 'ReduceSum', inputs: [row, draft.ints([2])], outputs: [y], attributes: keepdims(keeps) },
    ];
  },
};

/** ReduceSum without keepdims → with them, and a Squeeze, Reshape or Flatten. */
const squeezedSum: Form = {
  name: 'squeezed-sum',
  rewrite: (node, draft, dice) => {
    const sum = sumOfMap(node, draft);
    if (sum === undefined || sum.keeps) return undefined;
    const [batch = 1, channels = 1] = draft.shapeOf(sum.x);
    const total = draft.tensor([batch, channels, 1, 1], 'total');
    const squeeze = dice.of<DraftNode>([
      { op: 'Squeeze', inputs: [total, draft.ints([2, 3])], outputs: [sum.y] },
      { op: 'Squeeze', inputs: [total, draft.ints([-1, -2])], outputs: [sum.y] },
      { op: 'Reshape', inputs: [total, draft.ints([-1, channels])], outputs: [sum.y] },
      { op: 'Flatten', inputs: [total], outputs: [sum.y], attributes: { axis: { int: 1 } } },
    ]);
    return [{ ...node, outputs: [total], attributes: keepdims(true) }, squeeze];
  },
};

/** Round(ReduceSum(x)) → Round(mean · area), the mean as one of three operators. */
const sumAsMean: Form = {
  name: 'sum-as-mean',
  rewrite: (node, draft, dice) => {
    const before = node.op === 'Round' && draft.isInner(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
    const sum = before && sumOfMap(before, draft);
    if (sum === undefined) return undefined;
    const shape = draft.shapeOf(sum.x);
    const [batch = 1, channels = 1, height = 1, width = 1] = shape;
    const area = draft.floats(dice.of([[], [1], [1, 1]]), [height * width]);
    const result = draft.shapeOf(sum.y);
    const product = draft.tensor(result, 'product');
    const tail = (mean: string): DraftNode[] => [
      { op: 'Mul', inputs: [mean, area], outputs: [product] },
      { ...node, inputs: [product] },
    ];
    const mean = draft.tensor(result, 'mean');
    if (dice.chance(0.34)) {
      const axes = draft.ints(
        dice.of([
          [2, 3],
          [-1, -2],
        ]),
      );
      return [
        { op: 'ReduceMean', inputs: [sum.x, axes], outputs: [mean], attributes: keepdims(sum.keeps) },
        ...tail(mean),
      ];
    }
    const pool = dice.chance(0.5)
      ? { op: 'GlobalAveragePool', inputs: [sum.x] }
      : { op: 'AveragePool', inputs: [sum.x], attributes: { kernel_shape: { ints: [height, width] } } };
    if (sum.keeps) return [{ ...pool, outputs: [mean] }, ...tail(mean)];
    const map = draft.tensor([batch, channels, 1, 1], 'mean');
    const squeeze: DraftNode = { op: 'Flatten', inputs: [map], outputs: [mean], attributes: { axis: { int: 1 } } };
    return [{ ...pool, outputs: [map] }, squeeze, ...tail(mean)];
  },
};

/** Round of what is whole without it → left out. */
const withoutRound: Form = {
  name: 'without-round',
  rewrite: (node, draft) => {
    const [x = ''] = node.inputs;
    if (node.op !== 'Round' || draft.producer(x)?.op !== 'ReduceSum') return undefined;
    return [{ op: 'Identity', inputs: [x], outputs: node.outputs }];
  },
};

/** Round(AveragePool(x) · area) → with the area as divisor, or as a convolution with ones. */
const windowSum: Form = {
  name: 'window-sum',
  rewrite: (node, draft) => {
    const product = node.op === 'Round' ? draft.producer(node.inputs[0]) : undefined;
    const pool = product?.op === 'Mul' ? draft.producer(product.inputs[0]) : undefined;
    const [x = ''] = pool?.inputs ?? [];
    if (pool?.op !== 'AveragePool' || draft.shapeOf(x).length !== 4) return undefined;
    const { kernel_shape: kernel, strides, pads } = pool.attributes ?? {};
    if (kernel === undefined || !('ints' in kernel) || pool.attributes?.['auto_pad'] !== undefined) return undefined;
    if (pads !== undefined && 'ints' in pads && pads.ints.some((pad) => pad !== 0)) return undefined;
    const channels = draft.shapeOf(x)[1] ?? 1;
    const dims = [channels, 1, ...kernel.ints.map(Number)];
    const ones = draft.floats(dims, new Array<number>(dims.reduce((a, b) => a * b, 1)).fill(1));
    const attributes = { group: { int: channels }, ...(strides !== undefined && { strides }) };
    return [{ op: 'Conv', inputs: [x, ones], outputs: node.outputs, attributes }];
  },
};

/** Sums and means of maps in other forms. */
export const POOLS: readonly Form[] = [axesOfSum, squeezedSum, sumAsMean, withoutRound, windowSum];
