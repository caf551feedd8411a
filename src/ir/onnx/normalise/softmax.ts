import { Attributes } from '../../attributes.js';
import { normaliseAxis, type Shape } from '../../shape.js';
import { OperatorFault } from '../../ops/operator.js';
import { Tensor } from '../../tensor.js';
import type { Operand } from '../emitter.js';
import type { Draft } from './draft.js';
import type { NormalRule } from './rule.js';

/**
 * Softmax, LogSoftmax and Hardmax of opsets before 13 treat all axes from `axis` (default 1) on as one. Where only one
 * of them is larger than 1 that is the newest form, else the operator stands between Flatten and Reshape.
 */
export const SOFTMAX: NormalRule = {
  ops: ['Softmax', 'LogSoftmax', 'Hardmax'],
  below: 13,
  apply(draft) {
    const shape = draft.shape(0);
    const wanted = draft.attrs.int('axis', 1);
    const axis = wanted === shape.length ? wanted : normaliseAxis(wanted, shape.length);
    if (axis === undefined) {
      throw new OperatorFault(
        'invalid-attribute',
        `axis of ${draft.op} is ${wanted}, but the input has ${shape.length} axes`,
      );
    }
    const single = singleAxis(shape, axis);
    if (single !== undefined) {
      const same = draft.attrs.has('axis') && normaliseAxis(wanted, shape.length) === single;
      if (!same) draft.set('axis', single);
      return same ? undefined : `axis ${single} is written out`;
    }
    const target = shapeOperand(draft, shape, axis);
    draft.setInput(0, draft.before('Flatten', [draft.input(0)], Attributes.of({ axis })));
    draft.set('axis', 1);
    draft.after = (result) => ({
      op: 'Reshape',
      inputs: [result, target],
      ...(shape.includes(0) && { attrs: Attributes.of({ allowzero: 1 }) }),
    });
    return `the axes from ${axis} on are flattened before and restored after`;
  },
};

/** The only axis at or behind `axis` whose size may differ from 1; the last axis when there is none. */
export function singleAxis(shape: Shape, axis: number): number | undefined {
  const wide = shape.flatMap((dim, i) => (i >= axis && dim !== 1 ? [i] : []));
  if (wide.length > 1 || shape.length === 0) return undefined;
  return wide[0] ?? shape.length - 1;
}

/** The shape of input 0 as an operand of Reshape: a constant, with -1 for a symbol that survives the flattening, else computed. */
export function shapeOperand(draft: Draft, shape: Shape, axis: number): Operand {
  const symbols = shape.flatMap((dim, i) => (typeof dim === 'string' ? [i] : []));
  const [first] = symbols;
  if (first !== undefined) {
    const group = first < axis ? shape.slice(0, axis) : shape.slice(axis);
    const survives = symbols.length === 1 && group.every((dim) => dim === 1 || typeof dim === 'string');
    if (!survives || shape.includes(0)) return draft.before('Shape', [draft.input(0)]);
  }
  return draft.constant(Tensor.int64(shape.map((dim) => (typeof dim === 'string' ? -1 : dim))), 'shape');
}
