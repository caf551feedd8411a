import { InternalError } from '../../../ir/diagnostics.js';
import { isConstant, opName, type Node, type Value } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import { isStatedInput } from '../arithmetic/integer-range.js';
import { layerName } from '../../report/layer-name.js';
import { bringsElements, isMover, movedTensors } from '../../split/movers.js';
import type { Carrier, Emitter } from './carrier.js';

/** Clip(Floor(Mul(Mul(Add(x, bias), scale), 2^-shift))), the sequence TI's compiler knows (spec 1.2, 1.4). */
function emitRequantisation(node: Node, to: Carrier, dimsOf: (list: Tensor) => readonly number[]): void {
  const [x, bias, scale, shift] = node.inputs;
  const result = resultOf(node);
  const layer = layerName(node);
  const prefix = node.op === 'InputNorm' ? `${result.name}/quantize` : layer;
  const part = (name: string, op: string, inputs: readonly Value[]): Value =>
    to.op(`${prefix}/${name}`, op, inputs, `${result.name}/${name}`);
  const list = (value: Value | undefined): Value => to.constant(value, value?.constant && dimsOf(value.constant));
  const sum = part('Add', 'Add', [to.read(x), list(bias)]);
  const product = part('Mul', 'Mul', [sum, list(scale)]);
  const quotient = part('Shift', 'Mul', [
    product,
    to.tensor(powers(shift, dimsOf), `${shift?.name ?? 'shift'}_factor`),
  ]);
  const floor = part('Floor', 'Floor', [quotient]);
  emitClip(node, `${prefix}/Clip`, floor, to);
}

function emitClip(node: Node, name: string, argument: Value, to: Carrier): void {
  const bounds = [to.scalar(node.attrs.int('lo')), to.scalar(node.attrs.int('hi'))];
  to.results([resultOf(node)], name, 'Clip', [argument, ...bounds]);
}

function powers(shift: Value | undefined, dimsOf: (list: Tensor) => readonly number[]): Tensor {
  const shifts = shift?.constant && numberData(shift.constant);
  if (shift?.constant === undefined || shifts === undefined) throw new InternalError('a shift is constant');
  return new Tensor(
    'float32',
    dimsOf(shift.constant),
    Float32Array.from(shifts, (n) => 2 ** -n),
  );
}

const bnorm: Emitter = (node, to) => {
  const rank = resultOf(node).type.shape.length;
  emitRequantisation(node, to, ({ size }) => Array.from({ length: rank }, (_, axis) => (axis === 1 ? size : 1)));
};

const inputNorm: Emitter = (node, to) => emitRequantisation(node, to, ({ dims }) => dims);

const conv: Emitter = (node, to) => {
  const [x, weight] = node.inputs;
  const kernel = weight?.constant?.dims.slice(2) ?? [];
  const attrs = node.attrs.with('kernel_shape', kernel);
  to.results([resultOf(node)], `${layerName(node)}/${node.op}`, node.op, [to.read(x), to.constant(weight)], attrs);
};

const matMul: Emitter = (node, to) => {
  const [x, weight] = node.inputs;
  to.results([resultOf(node)], `${layerName(node)}/MatMul`, 'MatMul', [to.read(x), to.constant(weight)]);
};

const globalSum: Emitter = (node, to) => {
  const [x] = node.inputs;
  const result = resultOf(node);
  const inputs = [to.read(x), to.tensor(Tensor.int64([2, 3]), `${result.name}/axes`)];
  to.results([result], `${layerName(node)}/ReduceSum`, 'ReduceSum', inputs, { keepdims: 1 });
};

/** Clip(Add(a, b)), as TI's compiler knows it behind a residual requantisation (spec 1.2). */
const add: Emitter = (node, to) => {
  const { name } = resultOf(node);
  const operands = node.inputs.map((input) => to.integers(input));
  emitClip(node, `${name}/add/Clip`, to.op(`${name}/add/Add`, 'Add', operands, `${name}/sum`), to);
};

/** The clip of a tensor that clips itself stays one of its own behind an Identity: TI's exporter means one by two in a row. */
const clip: Emitter = (node, to) => {
  const [x] = node.inputs;
  const { name } = resultOf(node);
  const clipped = x?.producer !== undefined && CLIPPING.has(opName(x.producer));
  const argument = to.integers(x);
  emitClip(
    node,
    `${name}/clip/Clip`,
    clipped ? to.op(`${name}/clip/Identity`, 'Identity', [argument], `${name}/unclipped`) : argument,
    to,
  );
};

const CLIPPING: ReadonlySet<string> = new Set(['q.Bnorm', 'q.Add']);

const dequantize: Emitter = (node, to) => {
  const result = resultOf(node);
  const inputs = [to.integers(node.inputs[0]), to.scalar(node.attrs.float('scale'))];
  to.results([result], `${result.name}/dequantize`, 'Mul', inputs);
};

/**
 * Movers and functions in float are ai.onnx operators already. Operands such as axes keep their type; constants among
 * integers that are moved become float32 as those are.
 */
const unchanged: Emitter = (node, to) => {
  const carried = isMover(node) && movedTensors(node).some((tensor) => to.carries(tensor));
  const inputs = node.inputs.map((input, index) => {
    if (input === undefined || !isConstant(input)) return input && to.read(input);
    return carried && bringsElements(node.op, index) ? to.constant(input) : to.operand(input);
  });
  // Behind a Floor the bounds would be taken for the end of an input sequence.
  if (node.op === 'Clip' && inputs[0]?.producer?.op === 'Floor') {
    inputs[0] = to.op(`${node.name}/Identity`, 'Identity', [inputs[0]], `${resultOf(node).name}/unclipped`);
  }
  const name = node.name === '' ? layerName(node) : node.name;
  to.results(node.outputs, name, node.op, inputs, node.attrs);
};

/**
 * A Cast between integers and the float32 that holds them says nothing in the carrier, be it that results are shown as
 * floats or that inputs are stated to be integers.
 */
const cast: Emitter = (node, to) => {
  const [x] = node.inputs;
  const result = resultOf(node);
  const shown = x !== undefined && result.type.dtype === 'float32' && to.carries(x);
  if (x !== undefined && (shown || isStatedInput(result))) to.define(result, to.read(x));
  else unchanged(node, to);
};

const EMITTERS: ReadonlyMap<string, Emitter> = new Map([
  ['q.InputNorm', inputNorm],
  ['q.Bnorm', bnorm],
  ['q.Conv', conv],
  ['q.ConvTranspose', conv],
  ['q.MatMul', matMul],
  ['q.GlobalSum', globalSum],
  ['q.Add', add],
  ['q.Clip', clip],
  ['q.Dequantize', dequantize],
  ['Cast', cast],
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
