import { mergeOrigins, opName, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { numberData } from '../../../ir/tensor.js';
import type { Target } from '../../targets.js';
import type { LayerSummary, TensorSummary } from '../../summary.js';
import { accumulatorOf, FLOAT32_EXACT, isPool } from '../arithmetic/accumulators.js';
import { isNamed, layerName } from '../../report/layer-name.js';
import { layersOf, type Layer } from './layers.js';
import type { TensorAgreement } from '../../report/measure.js';
import { place } from '../placement/place.js';
import type { RuleSet } from '../placement/rules.js';
import { cpuReason } from './cpu-reason.js';
import { rowsPerSample } from '../../report/rows.js';
import { constantCost, workOf } from '../../report/work.js';

/** Rows of the layer table in order of execution. */
export function summariseLayers(
  graph: Graph,
  target: Target,
  rules: RuleSet,
  tensors: ReadonlyMap<string, TensorAgreement>,
): LayerSummary[] {
  const rows = rowsPerSample(graph);
  const rowsOf = (value: Value): number => rows.get(value) ?? 1;
  return layersOf(graph).map((layer) => {
    const agreement = agreementOf(layer.output, tensors);
    return { ...summariseLayer(layer, target, rules, agreement), ...workOf(layer.accumulating ?? layer.node, rowsOf) };
  });
}

/** Of the tensor itself, or of the real numbers it is turned into. */
function agreementOf(
  { name, uses }: Value,
  tensors: ReadonlyMap<string, TensorAgreement>,
): TensorAgreement | undefined {
  const reals = [...uses].flatMap(({ node }) => (opName(node) === 'q.Dequantize' ? node.outputs : []));
  return [name, ...reals.map((value) => value.name)].flatMap((label) => tensors.get(label) ?? [])[0];
}

function summariseLayer(
  layer: Layer,
  target: Target,
  rules: RuleSet,
  agreement: TensorAgreement | undefined,
): Omit<LayerSummary, 'macs' | 'operations'> {
  const { node, bnorm, accumulating, input, output, shape, island } = layer;
  const weight = accumulating?.inputs[1]?.constant;
  const requantises = bnorm !== undefined;
  const shifting = opName(node) === 'q.InputNorm' ? node : bnorm;
  const shift = shifting?.attrs.has('shift') === true ? [shifting.attrs.int('shift')] : numbersOf(shifting?.inputs[3]);
  // Beside weights of 4 and 2 bits, and in sums without weights, a bias has 16 bits (spec 1.2, 1.3).
  const biasBytes = weight === undefined || shape.weightBits < 8 ? 2 : 3;
  const channels = requantises ? shape.outputChannels : 0;
  const accumulator = bnorm && accumulatorOf(bnorm);
  const op = opOf(layer);
  const { unit, reason } = place(shape, target, rules, cpuReason(op, island));
  const constants = requantises ? undefined : constantCost(node);
  const inputScale = input?.type.quantisation?.scale ?? null;
  const outputScale = output.type.quantisation?.scale ?? null;
  return {
    name: nameOf(layer),
    source: mergeOrigins([accumulating, bnorm, node].filter((each) => each !== undefined)).map(({ name }) => name),
    op,
    pattern: shape.pattern ?? null,
    placement: unit,
    reason,
    outputShape: output.type.shape,
    island: island?.number ?? null,
    weightBits: weight === undefined ? (constants?.bits ?? null) : shape.weightBits,
    weightCount: weight?.size ?? constants?.count ?? 0,
    bytes: {
      weights: constants?.bytes ?? Math.ceil(((weight?.size ?? 0) * shape.weightBits) / 8),
      ...(bnorm?.op === 'RequantShift' ? wideConstants(bnorm) : { bias: channels * biasBytes, scale: channels }),
      shift: bnorm?.op === 'RequantShift' ? 0 : channels,
    },
    weightScale:
      weight === undefined || inputScale === null || outputScale === null
        ? []
        : shift.map((n) => (2 ** -n * outputScale) / inputScale),
    inputScale,
    inputZeroPoint: inputScale === null ? null : 0,
    outputScale,
    outputZeroPoint: outputScale === null ? null : 0,
    shift,
    accumulator: accumulator === undefined ? null : { min: accumulator.min, max: accumulator.max },
    bound: accumulator?.bound ?? null,
    exactInFloat32: accumulator === undefined ? null : accumulator.bound <= FLOAT32_EXACT,
    sqnrDb: agreement !== undefined && Number.isFinite(agreement.sqnrDb) ? agreement.sqnrDb : null,
  };
}

/** A layer that was read from a file is called after what accumulates, which its requantisation does not know. */
function nameOf({ node, bnorm, accumulating, output }: Layer): string {
  const named = bnorm ?? node;
  const own = accumulating === undefined || isNamed(named) || !isNamed(accumulating);
  return layerName(own ? named : accumulating) || output.name;
}

/** The 32-bit multipliers and addends of a q.RequantShift; its shift is part of the code. */
const wideConstants = ({
  inputs: [, multiplier, addend],
}: Node): { readonly bias: number; readonly scale: number } => ({
  bias: 4 * (addend?.constant?.size ?? 0),
  scale: 4 * (multiplier?.constant?.size ?? 0),
});

/** What the layer does, in the words of ONNX. */
function opOf({ node, accumulating }: Layer): string {
  switch (accumulating === undefined ? opName(node) : opName(accumulating)) {
    case 'q.InputNorm':
      return 'quantise';
    case 'q.Conv':
      return accumulating !== undefined && isPool(accumulating) ? 'AveragePool' : 'Conv';
    case 'q.ConvTranspose':
      return 'ConvTranspose';
    case 'q.MatMul':
      return 'Gemm';
    case 'q.GlobalSum':
      return 'GlobalAveragePool';
    default:
      return node.op;
  }
}

const numbersOf = (value: Value | undefined): number[] => {
  const data = value?.constant && numberData(value.constant);
  return data === undefined ? [] : Array.from(data);
};

/** An input or output as the application sees it; float tensors have 32 bits and scale 1. */
export function summariseTensor(name: string, { type: { shape, quantisation } }: Value): TensorSummary {
  const { scale, bits, signed } = quantisation ?? { scale: 1, bits: 32, signed: true };
  return { name, shape, scale, zeroPoint: 0, bits, signed };
}
