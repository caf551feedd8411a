import { EntropyObserver } from './entropy.js';
import { MinMaxObserver } from './minmax.js';
import { MovingAverageObserver } from './moving-average.js';
import { MseObserver } from './mse.js';
import { MseIntervalObserver } from './mse-interval.js';
import type { Observer } from './observer.js';
import { PercentileObserver } from './percentile.js';

/** The values of `--observer` (spec 4.1). */
export const OBSERVER_KINDS = ['minmax', 'moving-average', 'percentile', 'mse', 'entropy'] as const;
/** The name of an observer: how ranges follow from what tensors hold. */
export type ObserverKind = (typeof OBSERVER_KINDS)[number];

export const isObserverKind = (name: string): name is ObserverKind =>
  (OBSERVER_KINDS as readonly string[]).includes(name);

/** What observers are told. */
export interface ObserverOptions {
  /** Width of the integers the tensor becomes, 2 … 16; `mse` and `entropy` choose for it. */
  readonly bits: number;
  /** Whether the integers have a zero point, so that `mse` may choose both ends of the range; false. */
  readonly zeroPoint?: boolean | undefined;
  /** Per cent of the values that `percentile` keeps at either end, 99.99. */
  readonly percentile?: number | undefined;
  /** How far `moving-average` goes towards each batch, 0.01. */
  readonly averagingConstant?: number | undefined;
}

/** A fresh observer for one tensor. @throws RangeError for options outside their range. */
export function makeObserver(kind: ObserverKind, options: ObserverOptions): Observer {
  const { bits, zeroPoint, percentile, averagingConstant } = options;
  if (!Number.isInteger(bits) || bits < 2 || bits > 16) throw new RangeError(`bits is 2 … 16, not ${bits}`);
  switch (kind) {
    case 'minmax':
      return new MinMaxObserver();
    case 'moving-average':
      return new MovingAverageObserver(averagingConstant);
    case 'percentile':
      return new PercentileObserver(percentile);
    case 'mse':
      return zeroPoint === true ? new MseIntervalObserver(bits) : new MseObserver(bits);
    case 'entropy':
      return new EntropyObserver(bits);
  }
}
