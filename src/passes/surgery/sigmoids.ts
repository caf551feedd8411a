import { Attributes } from '../../ir/attributes.js';
import { Tensor } from '../../ir/tensor.js';
import { clipped } from '../bounds.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';
import { ENDS_MODEL, endsModel } from './ends-model.js';
import type { SurgeryEntry } from './entry.js';
import { hardSigmoidLine } from './hard-sigmoid-line.js';

/** An operator → Clip(α x + β, 0, 1) in float32, the line that of HardSigmoid with the operator's attributes. */
const toLine = (name: string): Rule =>
  rule({
    name: `replace-${name.toLowerCase()}`,
    match: op(name, undefined, { as: 'node' }),
    check: ({ node }, graph) => (endsModel(graph, node.outputs[0]) ? decline(ENDS_MODEL, node) : undefined),
    rewrite: ({ node }, to) => {
      const [x] = node.inputs;
      if (x?.type.dtype !== 'float32') return decline('the data are not float32', node);
      const [alpha, beta] = hardSigmoidLine(node.attrs);
      const number = (value: number, label: string): ReturnType<typeof to.constant> =>
        to.constant(Tensor.float32([], [value]), label);
      const scaled = to.op('Mul', [x, number(alpha, 'alpha')], Attributes.none, { part: 'scaled' });
      const line = to.op('Add', [scaled, number(beta, 'beta')], Attributes.none, { part: 'line' });
      return clipped(to, line, { lo: 0, hi: 1 });
    },
  });

/** Sigmoid → HardSigmoid with ONNX's default line, 0.2 x + 0.5, in operators that fold into layers; not at the end of a model. */
export const sigmoid: SurgeryEntry = {
  name: 'sigmoid',
  replaces: 'Sigmoid; not at the end of a model',
  by: 'Clip(0.2x + 0.5, 0, 1)',
  rules: [toLine('Sigmoid')],
};

/** HardSigmoid → what it says, in operators that fold into layers; not at the end of a model. */
export const hardSigmoid: SurgeryEntry = {
  name: 'hard-sigmoid',
  replaces: 'HardSigmoid; not at the end of a model',
  by: 'Clip(αx + β, 0, 1)',
  rules: [toLine('HardSigmoid')],
};
