import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import { becomeInputs, remarks, scalarOf, type NormalRule } from './rule.js';

/** The largest float32; as a bound of Clip it stands for none. */
const LARGEST = 3.4028234663852886e38;

/** Clip of opsets before 11: the attributes min and max. */
export const CLIP: NormalRule = {
  ops: ['Clip'],
  below: 11,
  apply(draft) {
    const moved: string[] = [];
    for (const [name, index, none] of [
      ['min', 1, -LARGEST],
      ['max', 2, LARGEST],
    ] as const) {
      const bound = Math.fround(draft.attrs.float(name, none));
      moved.push(...draft.drop(name));
      if (bound !== none) draft.setInput(index, draft.constant(scalarOf(draft.dtype(0), bound), name));
    }
    return becomeInputs(moved);
  },
};

/** Pad of opsets before 11: the attributes pads (paddings in opset 1) and value. */
export const PAD: NormalRule = {
  ops: ['Pad'],
  below: 11,
  apply(draft) {
    const name = draft.opset < 2 && draft.attrs.has('paddings') ? 'paddings' : 'pads';
    const moved: string[] = [];
    if (draft.attrs.has(name)) {
      draft.setInput(1, draft.constant(Tensor.int64(draft.attrs.ints(name)), 'pads'));
      moved.push(...draft.drop(name));
    }
    if (draft.attrs.has('value')) {
      const value = draft.attrs.float('value');
      moved.push(...draft.drop('value'));
      if (value !== 0 && draft.attrs.string('mode', 'constant') === 'constant') {
        draft.setInput(2, draft.constant(scalarOf(draft.dtype(0), value), 'value'));
      }
    }
    return becomeInputs(moved);
  },
};

/** Dropout of opsets before 12: the attributes ratio and (before 7) is_test. */
export const DROPOUT: NormalRule = {
  ops: ['Dropout'],
  below: 12,
  apply(draft) {
    const moved: string[] = [];
    if (draft.opset < 10 && draft.isRead(1)) {
      throw new OperatorFault(
        'unsupported-type',
        'the mask of Dropout is read as numbers, from opset 10 on it is bool',
      );
    }
    if (draft.opset < 7) {
      if (draft.attrs.int('is_test', 0) === 0) {
        draft.warn('training-mode', 'Dropout does not say is_test = 1; it is read as it works in inference');
      }
      draft.drop('is_test');
    }
    if (draft.attrs.has('ratio')) {
      draft.setInput(1, draft.constant(scalarOf('float32', draft.attrs.float('ratio')), 'ratio'));
      moved.push(...draft.drop('ratio'));
    }
    return becomeInputs(moved);
  },
};

/** Tile of opsets before 6 repeats a single axis: inputs tiles and axis. */
export const TILE: NormalRule = {
  ops: ['Tile'],
  below: 6,
  apply(draft) {
    if (!draft.has(2)) return undefined;
    const [tiles, axis] = [1, 2].map((index) => draft.input(index).constant?.toNumbers()[0]);
    const rank = draft.shape(0).length;
    if (tiles === undefined || axis === undefined || axis < 0 || axis >= rank) {
      throw new OperatorFault(
        'dynamic-shape',
        'Tile of an opset before 6 takes its tiles and axis from the data, constants are accepted',
      );
    }
    const repeats = Array.from({ length: rank }, (_, i) => (i === axis ? tiles : 1));
    draft.inputs = [draft.input(0), draft.constant(Tensor.int64(repeats), 'repeats')];
    return remarks('tiles and axis become one input repeats');
  },
};
