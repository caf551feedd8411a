import { InternalError } from '../../../ir/diagnostics.js';
import { opName, type Node, type Value } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import { layerName } from '../layer-name.js';
import type { Carrier, Emitter } from './carrier.js';

/** Clip(Floor(Mul(Mul(Add(x, bias), scale), 2^-shift))), the sequence TI's compiler knows (spec 1.2, 1.4). */
function emitRequantisation(node: Node, to: Carrier, dims: (length: number) => readonly number[]): void {
  const [x, bias, scale, shift] = node.inputs;
  const result = resultOf(node);
  const layer = layerName(node);
  const prefix = node.op === 'InputNorm' ? `${result.name}/quantize` : layer;
  const part = (name: string, op: string, inputs: readonly Value[]): Value =>
    to.op(`${prefix}/${name}`, op, inputs, `${result.name}/${name}`);
  const list = (value: Value | undefined): Value => to.constant(value, dims(value?.constant?.size ?? 1));
  const sum = part('Add', 'Add', [to.read(x), list(bias)]);
  const product = part('Mul', 'Mul', [sum, list(scale)]);
  const quotient = part('Shift', 'Mul', [product, to.tensor(powers(shift, dims), `${shift?.name ?? 'shift'}_factor`)]);
  const floor = part('Floor', 'Floor', [quotient]);
  const bounds = [to.scalar(node.attrs.int('lo')), to.scalar(node.attrs.int('hi'))];
  to.define(result, to.op(`${prefix}/Clip`, 'Clip', [floor, ...bounds], result.name));
}

function powers(shift: Value | undefined, dims: (length: number) => readonly number[]): Tensor {
  const shifts = shift?.constant && numberData(shift.constant);
  if (shifts === undefined) throw new InternalError('a shift is constant');
  return new Tensor(
    'float32',
    dims(shifts.length),
    Float32Array.from(shifts, (n) => 2 ** -n),
  );
}

const bnorm: Emitter = (node, to) => {
  const rank = resultOf(node).type.shape.length;
  emitRequantisation(node, to, (length) => Array.from({ length: rank }, (_, axis) => (axis === 1 ? length : 1)));
};

const inputNorm: Emitter = (node, to) => {
  const dims = node.inputs[1]?.constant?.dims ?? [];
  emitRequantisation(node, to, () => dims);
};

const conv: Emitter = (node, to) => {
  const [x, weight] = node.inputs;
  const kernel = weight?.constant?.dims.slice(2) ?? [];
  const attrs = node.attrs.with('kernel_shape', kernel);
  const result = resultOf(node);
  to.define(result, to.op(`${layerName(node)}/Conv`, 'Conv', [to.read(x), to.constant(weight)], result.name, attrs));
};

const matMul: Emitter = (node, to) => {
  const [x, weight] = node.inputs;
  const result = resultOf(node);
  to.define(result, to.op(`${layerName(node)}/MatMul`, 'MatMul', [to.read(x), to.constant(weight)], result.name));
};

const globalSum: Emitter = (node, to) => {
  const [x] = node.inputs;
  const result = resultOf(node);
  const inputs = [to.read(x), to.tensor(Tensor.int64([2, 3]), `${result.name}/axes`)];
  to.define(result, to.op(`${layerName(node)}/ReduceSum`, 'ReduceSum', inputs, result.name, { keepdims: 1 }));
};

const dequantize: Emitter = (node, to) => {
  const result = resultOf(node);
  const inputs = [to.read(node.inputs[0]), to.scalar(node.attrs.float('scale'))];
  to.define(result, to.op(`${result.name}/dequantize`, 'Mul', inputs, result.name));
};

/** Layout, MaxPool and functions in float are ai.onnx operators already; operands such as axes keep their type. */
const unchanged: Emitter = (node, to) => {
  const result = resultOf(node);
  const inputs = node.inputs.map((input) => {
    if (input === undefined) return undefined;
    return input.constant === undefined ? to.read(input) : to.tensor(input.constant, input.name);
  });
  to.define(result, to.op(node.name === '' ? layerName(node) : node.name, node.op, inputs, result.name, node.attrs));
};

const EMITTERS: ReadonlyMap<string, Emitter> = new Map([
  ['q.InputNorm', inputNorm],
  ['q.Bnorm', bnorm],
  ['q.Conv', conv],
  ['q.MatMul', matMul],
  ['q.GlobalSum', globalSum],
  ['q.Dequantize', dequantize],
]);

export function emitterOf(node: Node): Emitter {
  const emitter = EMITTERS.get(opName(node)) ?? (node.domain === '' ? unchanged : undefined);
  if (emitter === undefined) throw new InternalError(`${opName(node)} cannot be emitted`);
  return emitter;
}

function resultOf(node: Node): Value {
  const [result] = node.outputs;
  if (result === undefined || node.outputs.length > 1) throw new InternalError(`${opName(node)} has one result`);
  return result;
}
