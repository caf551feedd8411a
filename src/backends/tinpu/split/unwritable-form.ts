import type { Node } from '../../../ir/graph.js';
import { fitToOpset } from '../../../ir/onnx/fit-opset.js';
import { OPERATORS } from '../../../ir/ops/index.js';
import type { Complaint } from '../../split/broken-constants.js';
import type { Domains } from './domains.js';
import { TINPU_OPSET } from '../emit/emit.js';
import { integerForm } from './integer-form.js';

/** What the opset of emitted models lacks for a node that is written as it is: a float operator, or one that moves integers. */
export function unwritableForm(node: Node, { integer, inputAffines }: Domains): Complaint | undefined {
  const written = integer.has(node) ? integerForm(node).kind === 'mover' : !inputAffines.has(node);
  const fit = written ? fitToOpset(node, TINPU_OPSET, OPERATORS) : undefined;
  if (fit === undefined || !('what' in fit)) return undefined;
  return {
    reason: `it stays as it is, but ${fit.what} needs opset ${fit.since}, and TINPU models are written in opset ${TINPU_OPSET}`,
    hint: `export the model for opset ${TINPU_OPSET} or below, or rewrite this node with operators of that opset`,
  };
}
