import { InternalError } from '../../ir/diagnostics.js';
import type { NumberArray } from '../../ir/dtype.js';
import type { Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import type { SampleBatch } from '../../passes/calibration/samples.js';
import { prepare, type Observer, type Program } from '../../runtime/executor.js';
import { TINPU_KERNELS } from '../tinpu/dialect.js';
import { advise, causeOf, ownError } from './advise.js';
import type { LayerComparison } from './comparison.js';
import { layerCones, type LayerCone } from './layer-cone.js';
import { LayerMeasure } from './layer-measure.js';
import type { Pairing } from './pair-tensors.js';
import type { ResolvedGrid } from './resolve-scales.js';

interface ComparedLayer extends LayerCone {
  readonly measure: LayerMeasure;
  readonly grid: ResolvedGrid;
  readonly program: Program | undefined;
}

/**
 * Compares the layers of two models. For each batch the float graph and the quantised model run with the observers of this
 * object, then `finish` runs every float layer once more on the integers that the quantised layer reads.
 */
export class LayerComparer {
  readonly #layers: readonly ComparedLayer[];
  /** Float tensors by float value, and quantised ones by it as real numbers. */
  readonly #reals = new Map<Value, Tensor>();
  readonly #approximations = new Map<Value, Float32Array>();
  readonly #realOf: ReadonlyMap<Value, Value>;
  readonly #grids: ReadonlyMap<Value, ResolvedGrid>;

  constructor({ graph, pairs }: Pairing, grids: ReadonlyMap<Value, ResolvedGrid>) {
    this.#grids = grids;
    this.#realOf = new Map(pairs.map(({ value, real }) => [value, real]));
    this.#layers = layerCones(graph, pairs).map((cone) => {
      const grid = grids.get(cone.pair.value);
      if (grid === undefined) throw new InternalError(`'${cone.pair.value.name}' has no grid`);
      return {
        ...cone,
        grid,
        measure: new LayerMeasure(grid),
        program: cone.graph && prepare(cone.graph, TINPU_KERNELS),
      };
    });
    const wanted = new Set(pairs.map(({ real }) => real));
    this.observeFloat = (value, tensor) => {
      if (wanted.has(value)) this.#reals.set(value, new Tensor(tensor.dtype, tensor.dims, tensor.data.slice()));
      return undefined;
    };
  }

  readonly observeFloat: Observer;

  readonly observeQuantised: Observer = (value, tensor) => {
    const real = this.#realOf.get(value);
    const grid = this.#grids.get(value);
    const data = numberData(tensor);
    if (real === undefined || grid === undefined || data === undefined) return undefined;
    this.#approximations.set(real, dequantise(data, grid));
    return undefined;
  };

  /** Takes in a batch that both models have run. */
  finish(batch: SampleBatch): void {
    for (const layer of this.#layers) {
      const y = this.#reals.get(layer.pair.real);
      const result = this.#approximations.get(layer.pair.real);
      const real = y && numberData(y);
      if (y === undefined || real === undefined || result?.length !== real.length) continue;
      const inherited = layer.program === undefined ? real : this.#inherited(layer, layer.program, batch);
      if (inherited?.length === real.length) layer.measure.add(real, inherited, result, y.dims);
    }
    this.#reals.clear();
    this.#approximations.clear();
  }

  /** What the float layer makes of the integers. */
  #inherited({ pair, frontier }: LayerCone, program: Program, batch: SampleBatch): NumberArray | undefined {
    const feeds = new Map<string, Tensor>();
    for (const value of frontier) {
      const exact = this.#reals.get(value) ?? batch.get(value.name);
      const approximation = this.#approximations.get(value);
      if (exact === undefined) return undefined;
      const fits = approximation?.length === exact.size;
      feeds.set(value.name, fits ? new Tensor(exact.dtype, exact.dims, approximation) : exact);
    }
    const result = program.run(feeds).get(pair.real.name);
    return result && numberData(result);
  }

  /** The layers that were seen, the most damaging first. */
  results(recipe: string | undefined): LayerComparison[] {
    return this.#layers
      .filter(({ measure }) => measure.elements > 0)
      .map((layer) => compareLayer(layer, recipe))
      .sort((a, b) => b.damage - a.damage);
  }
}

function dequantise(data: ArrayLike<number>, { scale, zeroPoint }: ResolvedGrid): Float32Array {
  return Float32Array.from(data, (integer) => scale * (integer - zeroPoint));
}

function compareLayer(
  { pair, name, source, grid, measure }: ComparedLayer,
  recipe: string | undefined,
): LayerComparison {
  const errors = measure.errors();
  const { elements, signal, total, inherited, weights, rounding, saturation } = errors;
  const own = ownError(errors);
  const added = total - inherited;
  const damage = signal === 0 ? (added > 0 ? Infinity : 0) : added / signal;
  const facts = { name, activationBits: measure.bits, weights: pair.weights, recipe };
  return {
    name,
    tensor: pair.real.name,
    source,
    sqnrDb: decibels(signal, total),
    cosine: errors.product / Math.sqrt(signal * errors.energy),
    maxAbsDiff: errors.largest,
    inheritedSqnrDb: decibels(signal, inherited),
    damage,
    parts: own === 0 ? undefined : { weights: weights / own, rounding: rounding / own, saturation: saturation / own },
    cause: causeOf(errors),
    saturatedFraction: errors.saturated / elements,
    scale: grid.scale,
    fitted: grid.fitted,
    activationBits: measure.bits,
    weightBits: pair.weights?.bits,
    advice: damage > 0 ? advise(errors, facts) : undefined,
  };
}

const decibels = (signal: number, noise: number): number => (noise === 0 ? Infinity : 10 * Math.log10(signal / noise));
