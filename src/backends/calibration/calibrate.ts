import { cloneGraph } from '../../ir/clone.js';
import { UserError } from '../../ir/diagnostics.js';
import type { Graph, Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { NonFiniteError } from '../../passes/calibration/observers/observer.js';
import { rowsOf } from '../../passes/calibration/rebatch.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { prepare } from '../../runtime/executor.js';
import type { KernelTable } from '../../runtime/kernel.js';
import { roundHalfEven } from '../../runtime/float/floats.js';
import type { FakeGrid, ObservationPlan, Tap } from './observation-plan.js';

export interface CalibrationOptions {
  readonly kernels: KernelTable;
  /** Samples an observer sees at once. */
  readonly batchSize: number;
  /** Called after each batch with the number of samples seen so far. */
  readonly progress?: ((samples: number) => void) | undefined;
}

/**
 * Runs the float graph over the samples, batch by batch; each tap's observer updates with the whole batch, then the
 * recipe's fake quantisation, if any, replaces the tensor for the layers behind it (spec 1.7 step 2). A model that is fixed
 * to fewer samples runs as often as it takes; observers then update after the last of them, and fake quantisation is a
 * batch behind.
 * @returns the number of samples seen.
 */
export async function calibrate(
  graph: Graph,
  plan: ObservationPlan,
  samples: SampleSource,
  { kernels, batchSize, progress }: CalibrationOptions,
): Promise<number> {
  const { graph: simulated, values } = cloneGraph(graph, (constant) => {
    const weights = plan.weights?.(constant);
    return weights && new Tensor('float32', constant.constant.dims, weights);
  });
  const gathers = (samples.fixedBatch ?? batchSize) < batchSize;
  const taps = plan.taps.map(
    (tap) => [values.get(tap.value), gathers ? new GatheringTap(tap) : new DirectTap(tap)] as const,
  );
  const byValue = new Map<Value | undefined, ActiveTap>(taps);
  const program = prepare(simulated, kernels);
  let seen = 0;
  let gathered = 0;
  const flush = (): void => {
    for (const [, tap] of taps) tap.flush();
    gathered = 0;
  };
  for await (const batch of samples.batches(batchSize)) {
    program.run(batch, {
      observe: (value, tensor) => {
        const tap = byValue.get(value);
        return tap && tensor.is('float32') ? tap.see(tensor) : undefined;
      },
    });
    const rows = rowsOf(batch);
    seen += rows;
    gathered += rows;
    if (gathered >= batchSize) flush();
    progress?.(seen);
  }
  flush();
  return seen;
}

/** A tap at work. */
interface ActiveTap {
  /** Takes in a tensor; what stands for it from then on, if anything. */
  readonly see: (tensor: Tensor<'float32'>) => Tensor | undefined;
  /** Ends a batch. */
  readonly flush: () => void;
}

/** Observes every tensor as a batch of its own. */
class DirectTap implements ActiveTap {
  readonly #tap: Tap;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  see(tensor: Tensor<'float32'>): Tensor | undefined {
    observe(this.#tap, tensor.data);
    return fakeTensor(this.#tap, tensor);
  }

  flush(): void {
    // Nothing is held back.
  }
}

/** Keeps the tensors of a batch and observes them together at its end. */
class GatheringTap implements ActiveTap {
  readonly #tap: Tap;
  readonly #parts: Float32Array[] = [];
  #observed = false;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  see(tensor: Tensor<'float32'>): Tensor | undefined {
    this.#parts.push(tensor.data.slice());
    return this.#observed ? fakeTensor(this.#tap, tensor) : undefined;
  }

  flush(): void {
    if (this.#parts.length === 0) return;
    const batch = new Float32Array(this.#parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of this.#parts.splice(0)) {
      batch.set(part, at);
      at += part.length;
    }
    observe(this.#tap, batch);
    this.#observed = true;
  }
}

function observe({ observer, value }: Tap, data: Float32Array): void {
  try {
    observer.observe(data);
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    throw new UserError({
      code: 'non-finite-activation',
      severity: 'error',
      message: `tensor '${value.name}' becomes ${error.value} on the calibration data`,
      at: { value: value.name },
      hint: 'the float model overflows or divides by zero on these samples; check the preprocessing of the data',
    });
  }
}

const fakeTensor = ({ observer, fake }: Tap, { dims, data }: Tensor<'float32'>): Tensor | undefined =>
  fake && new Tensor('float32', dims, fakeQuantise(data, fake(observer.range())));

/** Nearest point of the grid, every operation in float32 as torch computes it. */
function fakeQuantise(data: Float32Array, { scale, zero, top }: FakeGrid): Float32Array {
  const inverse = Math.fround(1 / scale);
  return data.map((x) => {
    const level = roundHalfEven(Math.fround(x * inverse)) + zero;
    return (Math.max(0, Math.min(top, level)) - zero) * scale;
  });
}
