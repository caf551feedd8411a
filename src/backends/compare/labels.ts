import { isFloat } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/tensor.js';
import { UserError } from '../../ir/diagnostics.js';

/** What the samples are known to be. */
export interface Labels {
  /** Elements of all samples, one after the other. */
  readonly elements: readonly number[];
  readonly perSample: number;
  /** Whether they were stored as floating-point numbers. */
  readonly stored: 'integers' | 'floats';
}

/**
 * Labels of `samples` samples, one row each; a model of fixed batch leaves out a rest of less than `slack` rows at the end.
 * @throws UserError when there are not as many
 */
export function labelsOf(tensor: Tensor, samples: number, slack = 1): Labels {
  const rows = tensor.dims[0] ?? 1;
  const spare = rows - samples;
  if (spare < 0 || spare >= slack || tensor.size === 0) {
    throw new UserError({
      code: 'label-count',
      severity: 'error',
      message: `there are ${rows} labels for ${samples} samples`,
      hint: 'give one label for each sample, along axis 0',
    });
  }
  const perSample = tensor.size / rows;
  const data = tensor.data;
  const elements = Array.from(data.subarray(0, samples * perSample) as ArrayLike<number | bigint>, Number);
  return { elements, perSample, stored: isFloat(tensor.dtype) ? 'floats' : 'integers' };
}
