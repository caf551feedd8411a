import { numberData, Tensor } from '../../../src/ir/tensor.js';
import type { AttributeSpec } from '../onnx-builder.js';
import type { DraftNode } from '../model-draft.js';
import { operandsOf, type Form } from './form.js';

const intsOf = ({ attributes }: DraftNode, name: string): readonly number[] | undefined => {
  const attribute = attributes?.[name];
  return attribute !== undefined && 'ints' in attribute ? attribute.ints.map(Number) : undefined;
};

/** Add(Conv(x, w), b) → Conv(x, w, b); Add(MatMul(x, w), b) → Gemm(x, w, b). */
const biasIntoLayer: Form = {
  name: 'bias-into-layer',
  rewrite: (node, draft) => {
    const add = node.op === 'Add' ? operandsOf(node, draft) : undefined;
    const layer = add && draft.isInner(add.x) ? draft.producer(add.x) : undefined;
    const bias = add && draft.dataOf(add.c);
    if (layer === undefined || bias === undefined || layer.inputs.length > 2) return undefined;
    if (layer.op !== 'Conv' && layer.op !== 'MatMul') return undefined;
    const channels = draft.shapeOf(node.outputs[0])[1] ?? 0;
    if (bias.length !== channels && bias.length !== 1) return undefined;
    const list = bias.length === channels ? bias : new Array<number>(channels).fill(bias[0] ?? 0);
    const op = layer.op === 'Conv' ? 'Conv' : 'Gemm';
    return [{ ...layer, op, inputs: [...layer.inputs, draft.floats([channels], list)], outputs: node.outputs }];
  },
};

function transposed({ dims, data }: Tensor<'float32'>): Tensor<'float32'> {
  const [rows = 0, columns = 0] = dims;
  const elements = Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
  return Tensor.float32([columns, rows], elements);
}

/** MatMul(x, w) → Gemm with w as it is or transposed, or MatMul by a Transpose. */
const productForms: Form = {
  name: 'product-forms',
  rewrite: (node, draft, dice) => {
    const [x = '', w = ''] = node.inputs;
    const weights = draft.constants.get(w);
    if (node.op !== 'MatMul' || weights?.is('float32') !== true || draft.shapeOf(x).length !== 2) return undefined;
    const form = dice.of(['gemm', 'gemm-transposed', 'transpose']);
    if (form === 'gemm') return [{ ...node, op: 'Gemm' }];
    const across = draft.constant(transposed(weights), w);
    if (form === 'gemm-transposed')
      return [{ op: 'Gemm', inputs: [x, across], outputs: node.outputs, attributes: { transB: { int: 1 } } }];
    const back = draft.tensor(weights.dims, 'transposed');
    return [
      { op: 'Transpose', inputs: [across], outputs: [back], attributes: { perm: { ints: [1, 0] } } },
      { ...node, inputs: [x, back] },
    ];
  },
};

/** Conv with pads → Conv of a Pad. */
const padBefore: Form = {
  name: 'pad-before',
  rewrite: (node, draft, dice) => {
    const [x = '', ...rest] = node.inputs;
    const pads = node.op === 'Conv' ? (intsOf(node, 'pads') ?? []) : [];
    if (pads.every((pad) => pad === 0)) return undefined;
    const half = pads.length / 2;
    const full = [0, 0, ...pads.slice(0, half), 0, 0, ...pads.slice(half)];
    const shape = draft.shapeOf(x).map((dim, axis) => dim + (full[axis] ?? 0) + (full[axis + 2 + half] ?? 0));
    const padded = draft.tensor(shape, 'padded');
    const value = dice.chance(0.5) ? [draft.floats([], [0])] : [];
    return [
      {
        op: 'Pad',
        inputs: [x, draft.ints(full), ...value],
        outputs: [padded],
        attributes: { mode: { string: 'constant' } },
      },
      { ...node, inputs: [padded, ...rest], attributes: { ...node.attributes, pads: { ints: pads.map(() => 0) } } },
    ];
  },
};

/** Conv whose pads keep the size → auto_pad, and defaults left out. */
const autoPad: Form = {
  name: 'auto-pad',
  rewrite: (node, draft) => {
    if (node.op !== 'Conv' && node.op !== 'MaxPool' && node.op !== 'AveragePool') return undefined;
    const { attributes = {} } = node;
    const pads = intsOf(node, 'pads') ?? [];
    const kernel = intsOf(node, 'kernel_shape') ?? draft.shapeOf(node.inputs[1]).slice(2);
    const same =
      (intsOf(node, 'strides') ?? []).every((stride) => stride === 1) &&
      (intsOf(node, 'dilations') ?? []).every((dilation) => dilation === 1) &&
      kernel.every((side, axis) => pads[axis] === (side - 1) / 2 && pads[axis + kernel.length] === (side - 1) / 2);
    const none = pads.every((pad) => pad === 0);
    if (!same && !none) return undefined;
    const kept = Object.entries(attributes).filter(
      ([name, value]) =>
        name !== 'pads' &&
        !('ints' in value && /strides|dilations/.test(name) && value.ints.every((item) => item === 1)),
    );
    return [
      { ...node, attributes: { ...Object.fromEntries(kept), auto_pad: { string: same ? 'SAME_UPPER' : 'VALID' } } },
    ];
  },
};

/** Conv or MaxPool of maps one element wide → the one-dimensional operator between a Squeeze and an Unsqueeze. */
const oneDimensional: Form = {
  name: 'one-dimensional',
  rewrite: (node, draft) => {
    const [x = '', w, ...rest] = node.inputs;
    const [y = ''] = node.outputs;
    if (node.op !== 'Conv' && node.op !== 'MaxPool' && node.op !== 'AveragePool') return undefined;
    const [shape, result] = [draft.shapeOf(x), draft.shapeOf(y)];
    const kernel = w === undefined ? intsOf(node, 'kernel_shape') : draft.shapeOf(w).slice(2);
    if (shape.length !== 4 || shape[3] !== 1 || result[3] !== 1 || kernel?.[1] !== 1 || node.outputs.length > 1)
      return undefined;
    if (node.attributes?.['auto_pad'] !== undefined) return undefined;
    const weights = w === undefined ? undefined : draft.constants.get(w);
    if (w !== undefined && weights === undefined) return undefined;
    const pads = intsOf(node, 'pads');
    const attributes = Object.fromEntries(
      Object.entries(node.attributes ?? {}).map(([name, value]): [string, AttributeSpec] => {
        if (!('ints' in value)) return [name, value];
        return [name, { ints: name === 'pads' ? [pads?.[0] ?? 0, pads?.[2] ?? 0] : value.ints.slice(0, 1) }];
      }),
    );
    const [flat, inner] = [draft.tensor(shape.slice(0, 3), 'line'), draft.tensor(result.slice(0, 3), 'line')];
    const narrow = weights && draft.constant(weights.reshape(weights.dims.slice(0, 3)), w);
    const axis = draft.ints([3]);
    return [
      { op: 'Squeeze', inputs: [x, axis], outputs: [flat] },
      { ...node, inputs: [flat, ...(narrow === undefined ? [] : [narrow]), ...rest], outputs: [inner], attributes },
      { op: 'Unsqueeze', inputs: [inner, axis], outputs: [y] },
    ];
  },
};

/** Weights that are integers of 8 bits, with their Cast to float in the file. */
const castWeights: Form = {
  name: 'cast-weights',
  rewrite: (node, draft) => {
    const [x = '', w = '', ...rest] = node.inputs;
    const tensor = draft.constants.get(w);
    const data = tensor && numberData(tensor);
    if ((node.op !== 'Conv' && node.op !== 'MatMul') || tensor === undefined) return undefined;
    if (data?.every((item) => Number.isInteger(item) && Math.abs(item) < 128) !== true) return undefined;
    const cast = draft.tensor(tensor.dims, 'float');
    const integers = draft.constant(new Tensor('int8', tensor.dims, Int8Array.from(data)), w);
    return [
      { op: 'Cast', inputs: [integers], outputs: [cast], attributes: { to: { int: 1 } } },
      { ...node, inputs: [x, cast, ...rest] },
    ];
  },
};

/** Convolutions and products in other forms. */
export const LAYERS: readonly Form[] = [biasIntoLayer, productForms, padBefore, autoPad, oneDimensional, castWeights];
