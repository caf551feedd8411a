import { InternalError } from '../../../ir/diagnostics.js';
import type { Value } from '../../../ir/graph.js';
import { isConstant } from '../../../ir/graph.js';
import { makeObserver, type ObserverKind } from '../../../passes/calibration/observers/index.js';
import type { Observer, Range } from '../../../passes/calibration/observers/observer.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import { weightLimit } from '../../quantisation.js';
import { powerOfTwoAbove } from '../arithmetic.js';
import { quantiseInput } from '../input-constants.js';
import { quantiseLayer, weightPeaks } from '../layer-constants.js';
import { quantisePool } from '../pool-constants.js';
import { LAYOUT_OPERATORS } from '../layout-operators.js';
import type { QuantisationPoint } from '../roles.js';
import { weightsOf } from '../weights-of.js';
import { rawInput } from '../domains.js';
import { isSigned, largestScale, saturatingScale } from './range-scale.js';
import type { FakeGrid, Recipe, Tap } from './recipe.js';

/**
 * The decisions of TI's post-training wrapper (spec 1.7): moving averages over fake-quantised batches, every scale a power
 * of two, nearest rounding to even. Its documented defects are not followed: pools divide by their true area, bounds of
 * ReLU6 and the like are honoured by the scale.
 */
export const torchmodeloptRecipe: Recipe = {
  name: 'torchmodelopt',
  plan: (graph, points, kind: ObserverKind = 'moving-average') => {
    const observers = new Map<QuantisationPoint, Observer>();
    const taps: Tap[] = [];
    const byValue = new Map(points.map((point) => [point.value, point]));
    const own = new Map<Value, Observer>();
    const observerOf = (value: Value): Observer | undefined => {
      const point = byValue.get(value);
      if (point === undefined) return undefined;
      // A pool shares the observer of its input, which then updates twice a batch.
      const source = point.kind === 'pool' ? point.node?.inputs[0] : undefined;
      const shared = source && own.get(rawInput(source));
      const observer = shared ?? makeObserver(kind, { bits: 8 });
      observers.set(point, observer);
      return observer;
    };
    const tap = (value: Value, observer: Observer): void => {
      own.set(value, observer);
      taps.push({ value, observer, fake: (range) => fakeGrid(range, byValue.get(value)) });
    };
    for (const input of graph.inputs) {
      const observer = observerOf(input);
      if (observer !== undefined) tap(input, observer);
    }
    for (const { op, inputs, outputs } of graph.nodes) {
      const source = inputs[0] && own.get(inputs[0]);
      for (const output of outputs) {
        const observer = observerOf(output);
        if (observer !== undefined) tap(output, observer);
        else if (source !== undefined && op === 'MaxPool') tap(output, source);
        else if (source !== undefined && LAYOUT_OPERATORS.has(op)) tap(output, makeObserver(kind, { bits: 8 }));
      }
    }
    return {
      taps,
      rangeOf: (point) => {
        const observer = observers.get(point);
        if (observer === undefined) throw new InternalError(`'${point.value.name}' was not observed`);
        return observer.range();
      },
      weights: fakeWeights(points),
    };
  },
  scale: ({ points }, { rangeOf, signed }) =>
    Math.max(
      ...points.map((point) => {
        const range = rangeOf(point);
        const bound = saturatingScale(range, signed(point), point);
        return bound ?? Math.min(ownScale(range, point, signed(point)), largestScale(point, signed(point)));
      }),
    ),
  raise: powerOfTwoAbove,
  layer: quantiseLayer,
  pool: quantisePool,
  input: quantiseInput,
};

/** s = max(|min|, |max|) / 127.5 or max / 255 in float32, rounded up to a power of two (spec 1.7 step 3). */
function ownScale({ min, max }: Range, { bits }: Pick<QuantisationPoint, 'bits'>, signed: boolean): number {
  const steps = 2 ** bits - 1;
  const scale = signed ? Math.fround(Math.max(-min, max) / (steps / 2)) : Math.fround(max / steps);
  return scale > 0 ? powerOfTwoAbove(scale) : 1;
}

/** The observer's own grid: zero point 127 when signed, so -127 … 128 steps. */
function fakeGrid(range: Range, point: QuantisationPoint | undefined): FakeGrid {
  const signed = isSigned(range, point?.bounds);
  const bits = point?.bits ?? 8;
  return { scale: ownScale(range, { bits }, signed), zero: signed ? 2 ** (bits - 1) - 1 : 0, top: 2 ** bits - 1 };
}

/** Weights rounded to TI's 8-bit grid and back: per channel, max|w| / 127 rounded up to a power of two. */
function fakeWeights(points: readonly QuantisationPoint[]): (constant: Value) => Float32Array | undefined {
  const rounded = new Map<Value, Float32Array>();
  for (const { kind, node } of points) {
    const constant = node?.inputs[1];
    if (kind !== 'layer' || node === undefined || constant === undefined || !isConstant(constant)) continue;
    const layer = weightsOf(node);
    const limit = weightLimit(8);
    const scales = weightPeaks(layer).map((peak) => (peak === 0 ? 1 : powerOfTwoAbove(Math.fround(peak / limit))));
    rounded.set(
      constant,
      layer.weights.map((weight, i) => {
        const scale = scales[layer.channelOf(i)] ?? 1;
        return Math.max(-limit, Math.min(limit, roundHalfEven(weight / scale))) * scale;
      }),
    );
  }
  return (constant) => rounded.get(constant);
}
