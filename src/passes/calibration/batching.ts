import { UserError } from '../../ir/diagnostics.js';
import type { SampleInput } from './samples.js';

/** What the shapes of a model's inputs demand of its batches. */
export interface Batching {
  /** Samples in every batch; undefined when any number will do. */
  readonly fixed: number | undefined;
  /** Rows of the input's axis 0 that are one sample. */
  readonly rowsPerSample: (input: SampleInput) => number;
  /** Whether samples of different batches may be put together anew: not if inputs differ in their rows. */
  readonly divisible: boolean;
}

/**
 * A model whose inputs have a known size of axis 0 takes batches of that size; where the sizes differ, one sample is
 * everything that the model takes at once.
 * @throws UserError for a model without inputs or with a batch of size 0.
 */
export function batchingOf(inputs: readonly SampleInput[]): Batching {
  if (inputs.length === 0) throw refusal('no-inputs', 'the model has no inputs, so no data can be run through it');
  const rowsOf = (input: SampleInput): number | undefined => {
    const dim = input.type.shape[0];
    return typeof dim === 'number' ? dim : undefined;
  };
  const empty = inputs.find((input) => rowsOf(input) === 0);
  if (empty !== undefined) throw refusal('sample-shape', `input '${empty.name}' has batches of size 0`);
  const [fixed, ...others] = new Set(inputs.flatMap((input) => rowsOf(input) ?? []));
  if (others.length === 0) return { fixed, rowsPerSample: () => 1, divisible: true };
  return { fixed: 1, rowsPerSample: (input) => rowsOf(input) ?? 1, divisible: false };
}

const refusal = (code: string, message: string): UserError => new UserError({ code, severity: 'error', message });
