import { InternalError } from '../ir/diagnostics.js';
import type { Graph } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import type { SampleBatch } from '../passes/calibration/samples.js';
import { prepare, type Program } from '../runtime/executor.js';
import type { KernelTable } from '../runtime/kernel.js';

/** Runs what was read back from the emitted file and compares it with the interpreter (spec 4.2). */
export class SelfCheck {
  readonly #program: Program;

  /** @param readBack the emitted bytes, imported and lifted again */
  constructor(readBack: Graph, kernels: KernelTable) {
    this.#program = prepare(readBack, kernels);
  }

  /**
   * @param expected every tensor of the lowered graph on the batch, by label
   * @throws InternalError naming the first tensor that is missing or differs
   */
  check(batch: SampleBatch, expected: ReadonlyMap<string, Tensor>): void {
    const missing = new Set(expected.keys());
    this.#program.run(batch, {
      observe: ({ name }, tensor) => {
        const reference = expected.get(name);
        if (reference === undefined) return undefined;
        compare(name, reference, tensor);
        missing.delete(name);
        return undefined;
      },
    });
    const [first] = missing;
    if (first !== undefined) throw new InternalError(`tensor '${first}' is not in the emitted model`);
  }
}

function compare(name: string, expected: Tensor, actual: Tensor): void {
  const a = expected.data;
  const b = actual.data;
  if (b.length !== a.length || typeof a[0] !== typeof b[0]) {
    throw new InternalError(`tensor '${name}' of the emitted model has another type or size`);
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i] || Object.is(a[i], b[i])) continue;
    const found = `${b[i] ?? NaN} instead of ${a[i] ?? NaN}`;
    throw new InternalError(`element ${i} of tensor '${name}' of the emitted model is ${found}`);
  }
}
