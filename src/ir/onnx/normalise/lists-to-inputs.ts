import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import { becomeInputs, type NormalRule } from './rule.js';

interface ListForm {
  readonly ops: readonly string[];
  /** The first opset in which the lists are inputs. */
  readonly since: number;
  /** Attributes by the position of the input that takes their place. */
  readonly inputs: readonly (readonly [attribute: string, index: number])[];
}

const FORMS: readonly ListForm[] = [
  { ops: ['Reshape'], since: 5, inputs: [['shape', 1]] },
  {
    ops: ['Slice'],
    since: 10,
    inputs: [
      ['starts', 1],
      ['ends', 2],
      ['axes', 3],
    ],
  },
  { ops: ['Squeeze', 'Unsqueeze', 'ReduceSum'], since: 13, inputs: [['axes', 1]] },
  { ops: ['Split'], since: 13, inputs: [['split', 1]] },
  {
    ops: [
      'ReduceL1',
      'ReduceL2',
      'ReduceLogSum',
      'ReduceLogSumExp',
      'ReduceMax',
      'ReduceMean',
      'ReduceMin',
      'ReduceProd',
      'ReduceSumSquare',
    ],
    since: 18,
    inputs: [['axes', 1]],
  },
];

/** Lists of integers that were attributes and are int64 inputs: axes, shapes, slices. INT64_MAX becomes 2^53 − 1. */
export const LISTS_TO_INPUTS: readonly NormalRule[] = FORMS.map(({ ops, since, inputs }) => ({
  ops,
  below: since,
  apply(draft) {
    const moved: string[] = [];
    for (const [name, index] of inputs) {
      if (!draft.attrs.has(name)) continue;
      draft.setInput(index, draft.constant(Tensor.int64(draft.attrs.ints(name)), name));
      draft.drop(name);
      moved.push(name);
    }
    return becomeInputs(moved);
  },
}));

/** TopK of opsets before 10 has its count as an attribute. */
export const TOP_K: NormalRule = {
  ops: ['TopK'],
  below: 10,
  apply(draft) {
    if (!draft.attrs.has('k')) return undefined;
    draft.setInput(1, draft.constant(Tensor.int64([draft.attrs.int('k')]), 'k'));
    return becomeInputs(draft.drop('k'));
  },
};

/** Split of opsets before 18 cuts into as many equal parts as it has outputs when it lists no sizes. */
export const SPLIT_COUNT: NormalRule = {
  ops: ['Split'],
  below: 18,
  apply(draft) {
    if (draft.has(1) || draft.attrs.has('num_outputs')) return undefined;
    const parts = draft.outputs.length;
    const size = draft.shape(0).at(draft.attrs.int('axis', 0));
    if (typeof size === 'number' && size % parts !== 0) {
      throw new OperatorFault(
        'shape-mismatch',
        `Split of opset ${draft.opset} cannot cut ${size} into ${parts} equal parts`,
      );
    }
    draft.set('num_outputs', parts);
    return 'the number of equal parts is written out as num_outputs';
  },
};
