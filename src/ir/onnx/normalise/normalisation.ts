import { isConstant } from '../../graph.js';
import { allocate } from '../../dtype.js';
import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import type { Draft } from './draft.js';
import { dropped, remarks, type NormalRule } from './rule.js';

/**
 * BatchNormalization of opsets before 14: the attributes spatial and is_test and the four outputs of training, whose
 * statistics inference does not use.
 */
export const BATCH_NORMALIZATION: NormalRule = {
  ops: ['BatchNormalization'],
  below: 14,
  apply(draft) {
    if (draft.opset < 9 && draft.attrs.int('spatial', 1) === 0) {
      throw new OperatorFault(
        'unsupported-attribute',
        'BatchNormalization has spatial = 0 (statistics per element), only statistics per channel are accepted',
      );
    }
    const trained = draft.outputs.slice(1);
    if (trained.some((output) => output.read)) {
      throw new OperatorFault(
        'unsupported-attribute',
        'BatchNormalization computes new statistics, only inference is accepted',
        'Export the model in evaluation mode.',
      );
    }
    const training = draft.opset < 7 && draft.attrs.int('is_test', 0) === 0;
    if (trained.some((output) => output.name !== '') || training) {
      draft.warn(
        'training-mode',
        'BatchNormalization is exported in training mode; it is read as it works in inference',
        'Export the model in evaluation mode.',
      );
    }
    draft.outputs = draft.outputs.slice(0, 1);
    return dropped(draft.drop('spatial', 'is_test'), 'inference per channel is the only form');
  },
};

/** GroupNormalization of opsets 18 to 20 has one scale and bias a group, not one a channel. */
export const GROUP_NORMALIZATION: NormalRule = {
  ops: ['GroupNormalization'],
  below: 21,
  apply(draft) {
    const channels = draft.shape(0)[1];
    const groups = draft.attrs.int('num_groups');
    if (typeof channels !== 'number' || groups < 1 || channels % groups !== 0) {
      throw new OperatorFault(
        'shape-mismatch',
        `GroupNormalization has ${groups} groups for ${String(channels)} channels, a known multiple is accepted`,
      );
    }
    if (channels === groups) return undefined;
    return remarks(...[1, 2].map((index) => repeatPerGroup(draft, index, groups, channels / groups)));
  },
};

function repeatPerGroup(draft: Draft, index: number, groups: number, times: number): string {
  const value = draft.input(index);
  const what = index === 1 ? 'scale' : 'bias';
  if (!isConstant(value) || value.constant.size !== groups) {
    throw new OperatorFault(
      'invalid-input',
      `the ${what} of GroupNormalization is not a constant of ${groups} elements`,
    );
  }
  const { dtype, data } = value.constant;
  const repeated = allocate(dtype, groups * times);
  for (let i = 0; i < repeated.length; i++) {
    const element = data[Math.floor(i / times)];
    if (element !== undefined) repeated[i] = element;
  }
  draft.setInput(index, draft.constant(new Tensor(dtype, [repeated.length], repeated), what));
  return `the ${what} is repeated for the channels of each group`;
}
