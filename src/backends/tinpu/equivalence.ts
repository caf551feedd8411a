import { valuesOf, type Graph } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { prepare } from '../../runtime/executor.js';
import { TINPU_KERNELS } from './dialect.js';

/** What two graphs have in common. */
export interface Equivalence {
  /** Labels of the tensors that were compared, and names of the outputs. */
  readonly compared: ReadonlySet<string>;
  /** Those among them whose elements differ in any sample, in the order in which the first graph computes them. */
  readonly differing: readonly string[];
}

/** Samples in a batch of graphs that take any number. */
const BATCH = 16;

/**
 * Runs two graphs on the same samples and compares, element by element as numbers, every output and every tensor whose label
 * both have. Of graphs that have the same layers in other forms, tensors of other sizes are left out; outputs are not.
 */
export async function compareGraphs(one: Graph, other: Graph, samples: SampleSource): Promise<Equivalence> {
  const [first, second] = [prepare(one, TINPU_KERNELS), prepare(other, TINPU_KERNELS)];
  const labels = new Set([...valuesOf(other)].flatMap(({ name, constant }) => (constant === undefined ? [name] : [])));
  const compared = new Set<string>();
  const differing = new Set<string>();
  for await (const batch of samples.batches(BATCH)) {
    const expected = new Map<string, number[]>();
    const outputs = first.run(batch, {
      observe: ({ name }, tensor) => {
        if (labels.has(name)) expected.set(name, tensor.toNumbers());
        return undefined;
      },
    });
    const results = second.run(batch, {
      observe: ({ name }, tensor) => {
        const numbers = expected.get(name);
        if (numbers?.length !== tensor.size) return undefined;
        compared.add(name);
        if (!equal(numbers, tensor)) differing.add(name);
        return undefined;
      },
    });
    for (const [name, tensor] of outputs) {
      const result = results.get(name);
      compared.add(name);
      if (result === undefined || !equal(tensor.toNumbers(), result)) differing.add(name);
    }
  }
  const order = [...valuesOf(one)].map(({ name }) => name);
  return { compared, differing: [...differing].sort((a, b) => order.indexOf(a) - order.indexOf(b)) };
}

/** A zero has a sign in floats alone. */
const equal = (numbers: readonly number[], { data, size }: Tensor): boolean =>
  numbers.length === size && numbers.every((number, i) => Object.is(number + 0, Number(data[i]) + 0));
