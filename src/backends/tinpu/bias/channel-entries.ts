import type { NumberArray } from '../../../ir/dtype.js';
import type { Node } from '../../../ir/graph.js';
import { numberData, type Tensor } from '../../../ir/tensor.js';
import type { BiasEntry } from './mean-shift.js';

/** The constants of a q.Bnorm, entry by entry, with the data that each entry serves: one channel, or all of them. */
export class ChannelEntries {
  /** Biases as they are, one for each entry. */
  readonly biases: Int32Array;
  readonly #scales: NumberArray;
  readonly #shifts: NumberArray;
  readonly #node: Node;
  readonly #resultScale: number;
  readonly #accumulators: readonly Tensor[];
  readonly #reals: readonly Tensor[];

  private constructor(
    node: Node,
    resultScale: number,
    [biases, scales, shifts]: readonly [NumberArray, NumberArray, NumberArray],
    accumulators: readonly Tensor[],
    reals: readonly Tensor[],
  ) {
    this.#node = node;
    this.#resultScale = resultScale;
    this.#scales = scales;
    this.#shifts = shifts;
    this.#accumulators = accumulators;
    this.#reals = reals;
    const count = Math.max(biases.length, scales.length, shifts.length);
    this.biases = Int32Array.from({ length: count }, (_, index) => itemOf(biases, index));
  }

  /**
   * @param accumulators int32 [N, C, …], batch by batch
   * @param reals the float32 tensors that the results stand for
   * @returns undefined when the two have other sizes, or the constants or the scale of the result are not known
   */
  static of(node: Node, accumulators: readonly Tensor[], reals: readonly Tensor[]): ChannelEntries | undefined {
    const [biases, scales, shifts] = node.inputs.slice(1).map((value) => value?.constant && numberData(value.constant));
    const scale = node.outputs[0]?.type.quantisation?.scale;
    if (biases === undefined || scales === undefined || shifts === undefined || scale === undefined) return undefined;
    const alike = accumulators.every(({ dims }, batch) => {
      const real = reals[batch];
      return real?.is('float32') === true && real.dims.join() === dims.join();
    });
    return alike ? new ChannelEntries(node, scale, [biases, scales, shifts], accumulators, reals) : undefined;
  }

  get count(): number {
    return this.biases.length;
  }

  /** BNORM scale / 2^shift. */
  factorAt(index: number): number {
    return itemOf(this.#scales, index) / 2 ** itemOf(this.#shifts, index);
  }

  at(index: number): BiasEntry {
    const channel = this.count === 1 ? undefined : index;
    const accumulators = planesOf(this.#accumulators, channel);
    const reals = planesOf(this.#reals, channel);
    return {
      accumulators: join(accumulators, new Int32Array(lengthOf(accumulators))),
      reals: join(reals, new Float32Array(lengthOf(reals))),
      bias: itemOf(this.biases, index),
      factor: this.factorAt(index),
      lo: this.#node.attrs.int('lo'),
      hi: this.#node.attrs.int('hi'),
      resultScale: this.#resultScale,
    };
  }
}

/** An entry of a list that has one for each channel, or one for all. */
const itemOf = (list: NumberArray, index: number): number => list[list.length === 1 ? 0 : index] ?? 0;

/** The elements of a channel of tensors [N, C, …], or all of them, tensor by tensor and plane by plane. */
function planesOf(tensors: readonly Tensor[], channel: number | undefined): NumberArray[] {
  return tensors.flatMap((tensor) => {
    const data = numberData(tensor);
    const [batch = 0, channels = 0] = tensor.dims;
    if (data === undefined || data.length === 0) return [];
    if (channel === undefined) return [data];
    const map = data.length / (batch * channels);
    return Array.from({ length: batch }, (_, n) => {
      const start = (n * channels + channel) * map;
      return data.subarray(start, start + map);
    });
  });
}

const lengthOf = (planes: readonly NumberArray[]): number => planes.reduce((sum, { length }) => sum + length, 0);

/** The planes one after the other. */
function join<A extends Int32Array | Float32Array>(planes: readonly NumberArray[], into: A): A {
  let at = 0;
  for (const plane of planes) {
    into.set(plane, at);
    at += plane.length;
  }
  return into;
}
