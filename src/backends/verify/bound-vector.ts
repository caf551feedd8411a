import type { Value } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';

/** `input-sequence`: the integers of a header's constants against those of the file or the model. */
export type ExpectedKind = 'input-sequence' | 'tensor' | 'output';

/** What a tensor of the model, or an output by its name, must be. */
export interface ExpectedTensor {
  readonly name: string;
  readonly kind: ExpectedKind;
  /** Row-major; its length is that of the tensor. */
  readonly elements: ArrayLike<number>;
  /** Whether they were stored as integers: exact, not decimals of a float32. */
  readonly integers?: boolean;
  /** What was computed, where that is not the model's business. */
  readonly given?: ArrayLike<number>;
  /** What `given` would be with the truncation of C code. */
  readonly truncated?: ArrayLike<number>;
}

/** One run of a model and what it must give. */
export interface BoundVector {
  readonly label: string;
  /** By name of the input. */
  readonly feeds: ReadonlyMap<string, Tensor>;
  /** Values that are given instead of computed: the integers of an input whose floats are not known. */
  readonly forced: ReadonlyMap<Value, Tensor>;
  /** The feeds that C code would compute, which truncates, where a header's input sequence made them. */
  readonly truncatedFeeds: ReadonlyMap<string, Tensor> | undefined;
  readonly expected: readonly ExpectedTensor[];
}
