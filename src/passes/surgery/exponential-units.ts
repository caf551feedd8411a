import { op } from '../pattern.js';
import { decline, rule } from '../rule.js';
import { Tensor } from '../../ir/tensor.js';
import type { SurgeryEntry } from './entry.js';
import { operatorToRelu, relu } from './relu.js';

/** ELU, whatever its α, which only tells what it tends to far below 0. */
export const elu: SurgeryEntry = { name: 'elu', replaces: 'Elu', by: 'Relu', rules: [operatorToRelu('Elu')] };

/** CELU, whatever its α. */
export const celu: SurgeryEntry = { name: 'celu', replaces: 'Celu', by: 'Relu', rules: [operatorToRelu('Celu')] };

/** The default γ of ONNX. */
const GAMMA = 1.0507009873554805;

/** SELU → Relu(γ x), γ > 0: above 0 the two are the same, and a layer in front takes up γ. */
const replaceSelu = rule({
  name: 'replace-selu',
  match: op('Selu', undefined, { as: 'node' }),
  rewrite: ({ node }, to) => {
    const [x] = node.inputs;
    const gamma = node.attrs.float('gamma', GAMMA);
    if (x?.type.dtype !== 'float32') return decline('the data are not float32', node);
    if (!(gamma > 0)) return decline('its γ is not above 0', node);
    return relu(to, to.op('Mul', [x, to.constant(Tensor.float32([], [gamma]), 'gamma')], {}, { part: 'scaled' }));
  },
});

/** SELU. */
export const selu: SurgeryEntry = { name: 'selu', replaces: 'Selu', by: 'Relu of γx', rules: [replaceSelu] };
