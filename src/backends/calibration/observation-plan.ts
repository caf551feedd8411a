import type { Value } from '../../ir/graph.js';
import type { Observer, Range } from '../../passes/calibration/observers/observer.js';

/** Watches one tensor while the float graph runs on calibration samples. */
export interface Tap {
  readonly value: Value;
  /** Several tensors may share one observer, which then updates for each. */
  readonly observer: Observer;
  /** The grid that later layers see the tensor on, for a recipe that calibrates on fake-quantised data. */
  readonly fake?: (range: Range) => FakeGrid;
}

/** x → scale · (clip(round(x / scale) + zero, 0, top) - zero) in float32, ties to even. */
export interface FakeGrid {
  readonly scale: number;
  readonly zero: number;
  readonly top: number;
}

/** What calibration watches, and the weights it runs on. */
export interface ObservationPlan {
  readonly taps: readonly Tap[];
  /** Fake-quantised weights, when the recipe calibrates on them; else the float graph runs as it is. */
  readonly weights?: (constant: Value) => Float32Array | undefined;
}
