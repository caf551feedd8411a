import type { Rule } from '../../../passes/rule.js';
import { buildLayer, type Report } from './build-layer.js';
import { biasedLayer } from './layer.js';
import { quantisedResult } from './quantisation-target.js';
import { readingRule } from './reading-rule.js';

/**
 * QuantizeLinear(Relu | Clip (Add (Conv | ConvTranspose | MatMul | Gemm of DequantizeLinear))), all but the layer
 * optional → qa.Conv, qa.ConvTranspose or qa.MatMul and qa.Requantize.
 */
export const liftLayer = (report: Report): Rule =>
  readingRule({
    name: 'lift-layer',
    roots: ['QuantizeLinear'],
    read: (root) => {
      const result = quantisedResult(root);
      if ('declined' in result) return undefined;
      const found = biasedLayer(result.source);
      if (found === undefined || 'declined' in found) return found;
      return { layer: found.layer, target: result.target, nodes: [...found.nodes, ...result.nodes] };
    },
    rewrite: ({ layer, target }, to) => buildLayer(layer, target, to, report),
  });
