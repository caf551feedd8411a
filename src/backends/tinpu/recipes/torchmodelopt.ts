import { isConstant, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { makeObserver, type ObserverKind } from '../../../passes/calibration/observers/index.js';
import type { Observer, Range } from '../../../passes/calibration/observers/observer.js';
import { powerOfTwoAbove } from '../arithmetic/requantisation.js';
import { quantiseInput } from '../arithmetic/input-constants.js';
import { quantiseLayer, weightPeaks } from '../arithmetic/layer-constants.js';
import { quantisePool } from '../arithmetic/pool-constants.js';
import { MOVERS } from '../../split/movers.js';
import { boundsOf, type QuantisationPoint } from '../split/roles.js';
import { keepWidths } from '../weights/keep-widths.js';
import { isFoldedConv, weightsOf } from '../../weights/weights-of.js';
import { isSigned, largestScale, saturatingScale, sharedScale } from './range-scale.js';
import type { FakeGrid, Tap } from '../../calibration/observation-plan.js';
import type { InputAffine, Recipe } from './recipe.js';
import { sharedObservers } from './shared-observers.js';
import { tiNarrowLayer, tiWeight, tiWeightScale } from './ti-weights.js';

/**
 * The decisions of TI's post-training wrapper (spec 1.7): moving averages over fake-quantised batches, every scale a power
 * of two, nearest rounding to even. Its documented defects are not followed: pools divide by their true area, bounds of
 * ReLU6 and the like are honoured by the scale.
 */
export const torchmodeloptRecipe: Recipe = {
  name: 'torchmodelopt',
  plan: (graph, points, kind: ObserverKind = 'moving-average') => {
    const shared = sharedObservers(graph);
    const observers = new Map<Value, Observer>();
    const observerOf = (value: Value): Observer => {
      const root = shared.find(value);
      const observer = observers.get(root) ?? makeObserver(kind, { bits: 8 });
      observers.set(root, observer);
      return observer;
    };
    const byValue = new Map(points.map((point) => [point.value, point]));
    const tapped = new Map<Value, Tap>();
    const tap = (value: Value): void => {
      const fake = (range: Range): FakeGrid => fakeGrid(range, byValue.get(value) ?? EIGHT_BITS);
      tapped.set(value, { value, observer: observerOf(value), fake });
    };
    for (const { value, node } of points) if (node === undefined) tap(value);
    for (const node of graph.nodes) {
      const [source] = node.inputs;
      const moved = source !== undefined && tapped.has(source) && MOVERS.has(node.op);
      for (const value of node.outputs) if (moved || byValue.has(value) || isObservedApart(graph, node)) tap(value);
    }
    return {
      taps: [...tapped.values()],
      rangeOf: ({ value }) => observerOf(value).range(),
      weights: fakeWeights(points),
    };
  },
  scale: ({ points }, { rangeOf, signed }) =>
    sharedScale(
      points.map((point) => {
        const range = rangeOf(point);
        const bound = saturatingScale(range, signed(point), point);
        return bound ?? Math.min(ownScale(range, point, signed(point)), largestScale(point, signed(point)));
      }),
    ),
  raise: (least, { points }) => (points.some(({ weightBits }) => weightBits === 8) ? powerOfTwoAbove(least) : least),
  layer: (input) => keepWidths(input, input.bits === 8 ? quantiseLayer(input) : tiNarrowLayer(input)),
  refines: () => false,
  // TI leaves sums of unequal scales in float; the tensors keep their scales.
  rescales: (factor) => factor > 1 + 1e-6,
  pool: quantisePool,
  input: (affine, scale) => {
    const constants = quantiseInput(affine, scale);
    return affine === undefined ? constants : { ...constants, bias: inputBias(affine, scale, constants.bias) };
  },
};

/**
 * (-μ + β·σ/γ) + s/2 / (γ/σ) with σ = √(σ² + ε), every operation in float32 in this order, which gives most of TI's numbers
 * to the last bit (spec 1.7 step 6); the given bias of a channel that is constant.
 */
function inputBias(
  { factor, deviation, center, offset }: InputAffine,
  scale: number,
  constant: Float32Array,
): Float32Array {
  return constant.map((bias, channel) => {
    const sigma = Math.fround(deviation[channel] ?? NaN);
    const gamma = Math.fround((factor[channel] ?? 0) * (deviation[channel] ?? NaN));
    if (gamma === 0) return bias;
    const shifted = Math.fround(
      Math.fround(Math.fround((offset[channel] ?? 0) * sigma) / gamma) - (center[channel] ?? 0),
    );
    return Math.fround(shifted + Math.fround(scale / 2 / Math.fround(gamma / sigma)));
  });
}

/** s = max(|min|, |max|) / 127.5 or max / 255 in float32, beside 8-bit weights rounded up to a power of two (spec 1.7 step 3); 0 for zeros. */
function ownScale(
  { min, max }: Range,
  { bits, weightBits }: Pick<QuantisationPoint, 'bits' | 'weightBits'>,
  signed: boolean,
): number {
  const steps = 2 ** bits - 1;
  const scale = signed ? Math.fround(Math.max(-min, max) / (steps / 2)) : Math.fround(max / steps);
  if (!(scale > 0)) return 0;
  return weightBits === 8 ? powerOfTwoAbove(scale) : scale;
}

/**
 * Whether TI's wrapper observes a layer before its activation function as well, with which it does not fuse: bounds other
 * than a Relu's, and a Relu behind a Gemm that took up a BatchNormalization.
 */
function isObservedApart(graph: Graph, { op, outputs, origins }: Node): boolean {
  const clip = outputs[0] && soleUser(graph, outputs[0]);
  if (clip?.op !== 'Clip' || !LAYERS.has(op)) return false;
  const bounds = boundsOf(clip);
  const normalised = op === 'Gemm' && origins.some((origin) => origin.op === 'BatchNormalization');
  return normalised || bounds?.min !== 0 || bounds.max !== Infinity;
}

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'Gemm']);

const EIGHT_BITS = { bits: 8, weightBits: 8 } as const;

/** The observer's own grid: zero point 127 when signed, so -127 … 128 steps. */
function fakeGrid(range: Range, widths: Pick<QuantisationPoint, 'bits' | 'weightBits'>): FakeGrid {
  const signed = isSigned(range, undefined);
  const { bits } = widths;
  const scale = sharedScale([ownScale(range, widths, signed)]);
  return { scale, zero: signed ? 2 ** (bits - 1) - 1 : 0, top: 2 ** bits - 1 };
}

/** Weights rounded to TI's grid and back, channel by channel. */
function fakeWeights(points: readonly QuantisationPoint[]): (constant: Value) => Float32Array | undefined {
  const rounded = new Map<Value, Float32Array>();
  for (const { kind, node, weightBits } of points) {
    const constant = node?.inputs[1];
    if (kind !== 'layer' || node === undefined || constant === undefined || !isConstant(constant)) continue;
    const layer = weightsOf(node);
    const peaks = weightPeaks(layer);
    rounded.set(
      constant,
      layer.weights.map((weight, i) => {
        const peak = peaks[layer.channelOf(i)] ?? 0;
        return tiWeight(weight, peak, weightBits, isFoldedConv(node)) * tiWeightScale(peak, weightBits);
      }),
    );
  }
  return (constant) => rounded.get(constant);
}
