/** The interval of real values that a tensor is quantised for; `min` ≤ `max`, both finite. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Watches one tensor during calibration and answers what to quantise it to. */
export interface Observer {
  /**
   * Takes in all elements of one batch. An empty batch changes nothing.
   * @throws NonFiniteError for NaN and infinities, and then nothing of the batch has been taken in.
   */
  observe(data: Float32Array): void;
  /**
   * The range for what has been seen so far; further batches may follow.
   * @throws NothingObservedError before the first element.
   */
  range(): Range;
}

/** An observer has met a value that no range covers. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';
  /** Position in the batch. */
  readonly index: number;
  readonly value: number;

  constructor(index: number, value: number) {
    super(`element ${index} is ${value}; only finite values have a range`);
    this.index = index;
    this.value = value;
  }
}

/** The range of a tensor was asked for that never had an element. */
export class NothingObservedError extends Error {
  override readonly name = 'NothingObservedError';

  constructor() {
    super('no element has been observed, so there is no range');
  }
}
