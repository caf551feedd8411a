import { formatShape, normaliseAxis } from '../../shape.js';
import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import type { Draft } from './draft.js';
import type { NormalRule } from './rule.js';

/** Appends `count` axes of size 1 to an input. */
function appendAxes(draft: Draft, index: number, count: number): void {
  const value = draft.input(index);
  const rank = value.type.shape.length;
  if (value.constant !== undefined) {
    const dims = [...value.constant.dims, ...new Array<number>(count).fill(1)];
    draft.setInput(index, draft.constant(value.constant.reshape(dims), 'aligned'));
    return;
  }
  const axes = Tensor.int64(Array.from({ length: count }, (_, i) => rank + i));
  draft.setInput(index, draft.before('Unsqueeze', [value, draft.constant(axes, 'axes')]));
}

/**
 * Elementwise operators of opsets before 7: input 1 is aligned with the axes of input 0 from `axis` on, with its last
 * ones when axis is left out.
 */
export const BROADCAST: NormalRule = {
  ops: ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less'],
  below: 7,
  apply(draft) {
    const { attrs } = draft;
    if (draft.drop('broadcast', 'axis').length === 0) return undefined;
    if (attrs.int('broadcast', 0) === 0 || !attrs.has('axis')) return 'broadcasting needs no attribute';
    const a = draft.shape(0);
    const b = draft.shape(1);
    const axis = normaliseAxis(attrs.int('axis'), a.length + 1);
    const trailing = axis === undefined ? -1 : a.length - axis - b.length;
    if (trailing < 0) {
      throw new OperatorFault(
        'shape-mismatch',
        `${draft.op} aligns ${formatShape(b)} with ${formatShape(a)} from axis ${attrs.int('axis')} on, where it does not fit`,
      );
    }
    if (trailing === 0) return 'broadcasting needs no attribute';
    appendAxes(draft, 1, trailing);
    return `input 1 gets ${trailing} axes of size 1 at its end in place of the attribute axis`;
  },
};

/** Gemm of opsets before 7 says whether C is broadcast. */
export const GEMM: NormalRule = {
  ops: ['Gemm'],
  below: 7,
  apply: (draft) => (draft.drop('broadcast').length === 0 ? undefined : 'broadcasting needs no attribute'),
};

/** PRelu of opsets before 7: a list of slopes belongs to the channels, axis 1. */
export const PRELU: NormalRule = {
  ops: ['PRelu'],
  below: 7,
  apply(draft) {
    const slope = draft.shape(1);
    const trailing = draft.shape(0).length - 2;
    if (slope.length !== 1 || slope[0] === 1 || trailing <= 0) return undefined;
    appendAxes(draft, 1, trailing);
    return `the slopes get ${trailing} axes of size 1 at their end`;
  },
};
