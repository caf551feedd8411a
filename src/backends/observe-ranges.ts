import { valuesOf, type Graph, type Value } from '../ir/graph.js';
import { makeObserver, type ObserverKind } from '../passes/calibration/observers/index.js';
import { NothingObservedError, type Observer, type Range } from '../passes/calibration/observers/observer.js';
import { FLOAT_KERNELS } from '../runtime/float/index.js';
import { openSamples, type CalibrationData } from './calibration-data.js';
import { calibrate } from './calibration/calibrate.js';

/** How tensors are observed. */
export interface ObserveRangesOptions {
  /** A kind of observer, or what makes the observer of a tensor; `minmax`. */
  readonly observer?: ObserverKind | ((value: Value) => Observer) | undefined;
  /** Width of the integers that `mse` and `entropy` choose for, 8. */
  readonly bits?: number | undefined;
  /** The tensors to observe, of element type float32; all inputs and results of nodes when omitted. */
  readonly values?: Iterable<Value> | undefined;
  /** Samples an observer sees at once, 16. */
  readonly batchSize?: number | undefined;
  /** Called after each batch with the number of samples seen so far. */
  readonly progress?: ((samples: number) => void) | undefined;
}

/**
 * Runs a float graph on calibration data and answers the range of real values that each tensor is to be quantised for; a
 * tensor without elements has none (spec 4.5). The samples of a stream started by a function are never held together.
 * @throws UserError when data do not fit the inputs, or a tensor becomes NaN or infinite
 */
export async function observeRanges(
  graph: Graph,
  data: CalibrationData,
  options: ObserveRangesOptions = {},
): Promise<ReadonlyMap<Value, Range>> {
  const { observer = 'minmax', bits = 8, values = valuesOf(graph), batchSize = 16, progress } = options;
  const make = typeof observer === 'function' ? observer : (): Observer => makeObserver(observer, { bits });
  const taps = [...new Set(values)]
    .filter(({ constant, type }) => constant === undefined && type.dtype === 'float32')
    .map((value) => ({ value, observer: make(value) }));
  const samples = await openSamples(graph.inputs, data);
  await calibrate(graph, { taps }, samples, { kernels: FLOAT_KERNELS, batchSize, progress });
  return new Map(
    taps.flatMap((tap) => {
      const range = rangeOf(tap.observer);
      return range === undefined ? [] : [[tap.value, range] as const];
    }),
  );
}

function rangeOf(observer: Observer): Range | undefined {
  try {
    return observer.range();
  } catch (error) {
    if (error instanceof NothingObservedError) return undefined;
    throw error;
  }
}
