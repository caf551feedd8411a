import { cloneGraph } from '../../ir/clone.js';
import { UserError } from '../../ir/diagnostics.js';
import type { Graph, Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { NonFiniteError } from '../../passes/calibration/observers/observer.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { prepare } from '../../runtime/executor.js';
import type { KernelTable } from '../../runtime/kernel.js';
import { roundHalfEven } from '../quantisation.js';
import type { CalibrationPlan, FakeGrid, Tap } from './recipes/recipe.js';

export interface CalibrationOptions {
  readonly kernels: KernelTable;
  /** Samples an observer sees at once. */
  readonly batchSize: number;
  /** Called after each batch with the number of samples seen so far. */
  readonly progress?: ((samples: number) => void) | undefined;
}

/**
 * Runs the float graph over the samples, batch by batch; each tap's observer updates with the whole batch, then the
 * recipe's fake quantisation, if any, replaces the tensor for the layers behind it (spec 1.7 step 2).
 * @returns the number of samples seen.
 */
export async function calibrate(
  graph: Graph,
  plan: CalibrationPlan,
  samples: SampleSource,
  { kernels, batchSize, progress }: CalibrationOptions,
): Promise<number> {
  const { graph: simulated, values } = cloneGraph(graph, (constant) => {
    const weights = plan.weights?.(constant);
    return weights && new Tensor('float32', constant.constant.dims, weights);
  });
  const taps = new Map<Value | undefined, Tap>(plan.taps.map((tap) => [values.get(tap.value), tap]));
  const program = prepare(simulated, kernels);
  let seen = 0;
  for await (const batch of samples.batches(batchSize)) {
    program.run(batch, {
      observe: (value, tensor) => {
        const tap = taps.get(value);
        return tap && tensor.is('float32') ? observe(tap, tensor) : undefined;
      },
    });
    const [first] = batch.values();
    seen += first?.dims[0] ?? 0;
    progress?.(seen);
  }
  return seen;
}

function observe({ observer, fake, value }: Tap, tensor: Tensor<'float32'>): Tensor | undefined {
  try {
    observer.observe(tensor.data);
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
  return fake && new Tensor('float32', tensor.dims, fakeQuantise(tensor.data, fake(observer.range())));
}

/** Nearest point of the grid, every operation in float32 as torch computes it. */
function fakeQuantise(data: Float32Array, { scale, zero, top }: FakeGrid): Float32Array {
  const inverse = Math.fround(1 / scale);
  return data.map((x) => {
    const level = roundHalfEven(Math.fround(x * inverse)) + zero;
    return (Math.max(0, Math.min(top, level)) - zero) * scale;
  });
}
