import { codeOfName } from '../data-type.js';
import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import { dropped, type NormalRule } from './rule.js';

/** Memory hints of opset 1. */
export const CONSUMED_INPUTS: NormalRule = {
  below: 7,
  apply: (draft) => dropped(draft.drop('consumed_inputs'), 'it is a memory hint'),
};

/** Cast of opsets before 6 names its target. */
export const CAST: NormalRule = {
  ops: ['Cast'],
  below: 6,
  apply(draft) {
    if (draft.attrs.get('to')?.kind !== 'string') return undefined;
    const name = draft.attrs.string('to');
    const code = codeOfName(name);
    if (code === undefined) {
      throw new OperatorFault('invalid-attribute', `attribute to of Cast is ${JSON.stringify(name)}, which is no type`);
    }
    draft.set('to', code);
    return `the type ${name} is written as its number ${code}`;
  },
};

/** Concat of opsets before 4 joins along axis 1 unless told otherwise. */
export const CONCAT: NormalRule = {
  ops: ['Concat'],
  below: 4,
  apply(draft) {
    if (draft.attrs.has('axis')) return undefined;
    draft.set('axis', 1);
    return 'the default axis 1 is written out';
  },
};

/** Selu of opsets before 6 has shorter default coefficients. */
export const SELU: NormalRule = {
  ops: ['Selu'],
  below: 6,
  apply(draft) {
    const missing = ['alpha', 'gamma'].filter((name) => !draft.attrs.has(name));
    for (const name of missing) draft.set(name, { float: name === 'alpha' ? 1.6732 : 1.0507 });
    return missing.length === 0 ? undefined : 'the default coefficients are written out';
  },
};

/** Recurrent layers of opsets before 7 say whether the sequence is an output; the outputs themselves say so too. */
export const RECURRENT: NormalRule = {
  ops: ['RNN', 'GRU', 'LSTM'],
  below: 7,
  apply: (draft) => dropped(draft.drop('output_sequence'), 'the outputs say it'),
};

/** LpPool of opset 1 has a float for the order of its norm. */
export const LP_POOL: NormalRule = {
  ops: ['LpPool', 'GlobalLpPool'],
  below: 2,
  apply(draft) {
    if (draft.attrs.get('p')?.kind !== 'float') return undefined;
    const p = draft.attrs.float('p');
    if (!Number.isInteger(p)) {
      throw new OperatorFault('unsupported-attribute', `attribute p of ${draft.op} is ${p}, integers are accepted`);
    }
    draft.set('p', p);
    return 'p becomes an integer';
  },
};

/** GlobalLpPool is a norm over all spatial axes. */
export const GLOBAL_LP_POOL: NormalRule = {
  ops: ['GlobalLpPool'],
  apply(draft) {
    const p = draft.attrs.int('p', 2);
    if (p !== 1 && p !== 2) {
      throw new OperatorFault('unsupported-attribute', `attribute p of GlobalLpPool is ${p}, accepted: 1, 2`);
    }
    const axes = draft.shape(0).flatMap((_, axis) => (axis < 2 ? [] : [axis]));
    if (axes.length === 0) {
      throw new OperatorFault(
        'shape-mismatch',
        `GlobalLpPool has data of rank ${draft.shape(0).length}, 3 or more is accepted`,
      );
    }
    draft.drop('p');
    draft.op = p === 1 ? 'ReduceL1' : 'ReduceL2';
    draft.setInput(1, draft.constant(Tensor.int64(axes), 'axes'));
    return `it is ${draft.op} over the spatial axes`;
  },
};

/** Scatter is the old name of ScatterElements. */
export const SCATTER: NormalRule = {
  ops: ['Scatter'],
  apply(draft) {
    draft.op = 'ScatterElements';
    return 'Scatter is called ScatterElements';
  },
};
