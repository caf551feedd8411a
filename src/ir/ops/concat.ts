import type { Quantisation } from '../graph.js';
import { formatShape, type Dim } from '../shape.js';
import { boundedContents, checkedAxis } from './facts.js';
import { operator, OperatorFault, required, type Operator } from './operator.js';
import { sumDims, unifyDims } from './symbolic.js';

const sameQuantisation = (a: Quantisation | undefined, b: Quantisation | undefined): boolean =>
  a?.scale === b?.scale && a?.bits === b?.bits && a?.signed === b?.signed;

/** Concat: the inputs one after the other along `axis`; all other sizes agree. */
export const concat: Operator = operator({
  name: 'Concat',
  since: 11,
  inputs: [1, Infinity],
  attributes: { axis: { kind: 'int', required: true } },
  infer(call) {
    const { type } = required(call, 0);
    const rank = type.shape.length;
    const axis = checkedAxis(call, call.attrs.int('axis'), rank);
    const parts = call.inputs.map((_, index) => required(call, index));
    const result: Dim[] = [...type.shape];
    for (const [index, part] of parts.entries()) {
      const { dtype, shape } = part.type;
      if (dtype !== type.dtype) {
        throw new OperatorFault(
          'unsupported-type',
          `input ${index} of Concat is ${dtype}, input 0 is ${type.dtype}; they must agree`,
        );
      }
      const merged = shape.map((dim, i) => (i === axis ? dim : unifyDims(result[i] ?? 1, dim)));
      if (shape.length !== rank || merged.includes(undefined)) {
        throw new OperatorFault(
          'shape-mismatch',
          `input ${index} of Concat has shape ${formatShape(shape)}, input 0 has ${formatShape(type.shape)}; ` +
            `they may differ along axis ${axis} only`,
        );
      }
      for (const [i, dim] of merged.entries()) if (dim !== undefined) result[i] = dim;
    }
    result[axis] = sumDims(parts.map((part) => part.type.shape[axis] ?? 1)) ?? call.freshDim();
    const contents: Dim[] = [];
    let known = rank === 1;
    for (const part of parts) {
      if (part.contents === undefined) known = false;
      else contents.push(...part.contents);
    }
    const { quantisation } = type;
    const uniform = parts.every((part) => sameQuantisation(part.type.quantisation, quantisation));
    return [
      {
        type: { dtype: type.dtype, shape: result, ...(uniform && quantisation !== undefined && { quantisation }) },
        contents: known ? boundedContents(contents) : undefined,
      },
    ];
  },
});
