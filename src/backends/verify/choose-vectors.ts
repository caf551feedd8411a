import type { Graph, Value } from '../../ir/graph.js';
import { sizeOf } from '../../ir/shape.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import type { OpenedModel } from '../run.js';

/** What makes a sample worth keeping: the channels it saturates, and where its outputs lie. */
export interface SampleTraits {
  /** Numbers of saturated channels, for each bound, over all tensors. */
  readonly saturated: ReadonlySet<number>;
  /** Elements of the outputs, one after the other. */
  readonly outputs: readonly number[];
}

/** Tensors with bounds that they clip to. */
const clipped = ({ nodes }: Graph): Value[] =>
  nodes.filter(({ domain, attrs }) => domain === 'q' && attrs.has('lo')).flatMap(({ outputs }) => outputs);

/** The traits of every sample, in order. A sample is one run: of the only batch that the model takes, or of one. */
export async function traitsOf(
  model: Pick<OpenedModel, 'graph' | 'run'>,
  samples: SampleSource,
  progress?: (samples: number) => void,
): Promise<readonly SampleTraits[]> {
  const places = new Map<Value, number>();
  let next = 0;
  for (const value of clipped(model.graph)) {
    const channels = value.type.shape[1];
    places.set(value, next);
    next += 2 * (typeof channels === 'number' ? channels : 1);
  }
  const traits: SampleTraits[] = [];
  for await (const feeds of samples.batches(1)) {
    const saturated = new Set<number>();
    const results = model.run(feeds, {
      observe: (value, tensor) => {
        const place = places.get(value);
        if (place !== undefined) mark(value, tensor, place, saturated);
        return undefined;
      },
    });
    traits.push({ saturated, outputs: [...results.values()].flatMap((tensor) => tensor.toNumbers()) });
    progress?.(traits.length);
  }
  return traits;
}

function mark({ producer, type }: Value, tensor: Tensor, place: number, saturated: Set<number>): void {
  const data = numberData(tensor);
  if (producer === undefined || data === undefined) return;
  const [lo, hi] = [producer.attrs.int('lo'), producer.attrs.int('hi')];
  const channels = typeof type.shape[1] === 'number' ? type.shape[1] : 1;
  const map = sizeOf(tensor.dims.slice(2)) * (channels === 1 ? (tensor.dims[1] ?? 1) : 1);
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value === lo || value === hi)
      saturated.add(place + 2 * (Math.floor(i / map) % channels) + (value === lo ? 0 : 1));
  }
}

/**
 * Chooses samples, the same for the same data: first those that together show every saturation that any shows, the one that
 * adds most first; then, one after the other, the one whose outputs are farthest from those chosen. Ties go to the earlier.
 * @returns indices in ascending order, at most `count`
 */
export function chooseVectors(traits: readonly SampleTraits[], count: number): number[] {
  const chosen: number[] = [];
  const left = new Set(traits.flatMap(({ saturated }) => [...saturated]));
  const gainOf = (i: number): number => [...(traits[i]?.saturated ?? [])].filter((key) => left.has(key)).length;
  while (left.size > 0 && chosen.length < count) {
    const best = bestOf(traits.length, gainOf);
    chosen.push(best);
    for (const key of traits[best]?.saturated ?? []) left.delete(key);
  }
  const nearest = traits.map(() => Infinity);
  const approach = (index: number): void => {
    for (const [i, { outputs }] of traits.entries()) {
      nearest[i] = Math.min(nearest[i] ?? 0, squaredDistance(outputs, traits[index]?.outputs ?? []));
    }
    nearest[index] = -1;
  };
  for (const index of chosen) approach(index);
  while (chosen.length < Math.min(count, traits.length)) {
    const best = bestOf(traits.length, (i) => nearest[i] ?? -1);
    chosen.push(best);
    approach(best);
  }
  return chosen.sort((a, b) => a - b);
}

function bestOf(count: number, scoreOf: (index: number) => number): number {
  let best = 0;
  let most = -Infinity;
  for (let i = 0; i < count; i++) {
    const score = scoreOf(i);
    if (score > most) [best, most] = [i, score];
  }
  return best;
}

const squaredDistance = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => {
    const difference = value - (b[i] ?? 0);
    return sum + (Number.isFinite(difference) ? difference * difference : 0);
  }, 0);
