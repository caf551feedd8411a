import type { Tensor } from '../../ir/tensor.js';

/** A tensor and its name. */
export interface NamedTensor {
  /** As the model calls it. */
  readonly name: string;
  readonly tensor: Tensor;
}

/** One golden vector to be written. */
export interface GoldenVector {
  readonly label: string;
  readonly inputs: readonly NamedTensor[];
  /** The integers that inputs become, by name of the input; none for a model that takes integers. */
  readonly integers: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  readonly tensors: readonly NamedTensor[];
}
