import { isConstant, opName, type Node } from '../../../ir/graph.js';
import { numberData } from '../../../ir/tensor.js';
import { boundsOf } from '../../../passes/bounds.js';
import { dataInputs } from '../../split/data-inputs.js';
import { moverComplaint } from '../../split/mover-complaint.js';
import { isMover } from '../../split/movers.js';

/**
 * What a node of a canonical float graph is between quantised tensors. `layer`: a product with constant weights.
 * `arithmetic`: any other operator that runtimes compute on integers of free scales. `join`: elements of several tensors.
 * `mover`: elements pass as they are. `clip`: bounds. `float`: it computes on real numbers, for the reason given.
 */
export type GenericForm =
  | { readonly kind: 'layer' | 'arithmetic' | 'join' | 'mover' | 'clip' }
  | { readonly kind: 'float'; readonly reason: string };

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm']);

/** Operators that ONNX Runtime has integer kernels for, which compute what the float operator does between its grids. */
const ARITHMETIC: ReadonlySet<string> = new Set([
  'Add',
  'Mul',
  'AveragePool',
  'GlobalAveragePool',
  'Sigmoid',
  'LeakyRelu',
  'MatMul',
]);

const JOINS: ReadonlySet<string> = new Set(['Concat', 'Max', 'Min']);

/** Decides by the node alone, whatever surrounds it (spec 3.4). */
export function genericForm(node: Node): GenericForm {
  const name = opName(node);
  const [output] = node.outputs;
  if (output?.type.dtype !== 'float32') return float(`${name} computes no float32 numbers`);
  if (dataInputs(node).length === 0) return float(`${name} reads no float32 numbers`);
  if (LAYERS.has(name) || (name === 'MatMul' && isMatrix(node.inputs[1]))) {
    const complaint = layerComplaint(node);
    return complaint === undefined ? { kind: 'layer' } : float(complaint);
  }
  if (ARITHMETIC.has(name)) {
    return hasFiniteConstants(node) ? { kind: 'arithmetic' } : float('a constant holds NaN or infinite values');
  }
  if (name === 'Clip')
    return boundsOf(node) === undefined ? float('the bounds are computed by the model') : { kind: 'clip' };
  if (!isMover(node)) return float(reasonOf(node));
  const complaint = moverComplaint(node);
  if (complaint !== undefined) return float(complaint);
  return { kind: JOINS.has(name) ? 'join' : 'mover' };
}

const float = (reason: string): GenericForm => ({ kind: 'float', reason });

const reasonOf = (node: Node): string =>
  opName(node) === 'Resize' ? 'Resize interpolates, or crops' : `${opName(node)} has no integer form`;

const isMatrix = (value: Node['inputs'][number]): boolean =>
  value !== undefined && isConstant(value) && value.constant.rank === 2;

/** What keeps the weights from becoming integers with one scale for each output channel. */
function layerComplaint({ op, attrs, inputs: [x, weight, bias], outputs: [y] }: Node): string | undefined {
  if (weight?.constant?.is('float32') !== true || (bias !== undefined && bias.constant?.is('float32') !== true)) {
    return 'the weights are computed by the model';
  }
  if (x === undefined || isConstant(x)) return 'it computes on a constant';
  if (op === 'Gemm') {
    const plain = ['transA', 'transB'].every((name) => attrs.int(name, 0) === 0);
    const unscaled = ['alpha', 'beta'].every((name) => attrs.float(name, 1) === 1);
    const channels = weight.constant.dims[1];
    const perChannel = bias === undefined || (bias.constant?.rank === 1 && bias.constant.dims[0] === channels);
    if (!plain || !unscaled || !perChannel) return 'Gemm transposes, scales, or adds more than a bias';
  }
  return y?.type.shape.length === 0 ? 'its result has no axes' : undefined;
}

const hasFiniteConstants = ({ inputs }: Node): boolean =>
  inputs.every((input) => {
    const data = input?.constant && numberData(input.constant);
    return data === undefined || data.every(Number.isFinite);
  });
