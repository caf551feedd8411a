import type { Node } from '../../../ir/graph.js';
import { labelOutputs } from '../../../passes/label-outputs.js';
import { rewrites, type Pipeline } from '../../../passes/pass.js';
import type { Recipe } from '../recipes/recipe.js';
import { dropOutputDequantize } from './drop-output-dequantize.js';
import { foldClipIntoQuantize } from './fold-clip-into-quantize.js';
import { lowerAdd } from './lower-add.js';
import { lowerAveragePool } from './lower-average-pool.js';
import { lowerClip, spellOutClip } from './lower-clip.js';
import { lowerInputBatchnorm, lowerQuantize } from './lower-input.js';
import { lowerLayer, type QuantiseLayer } from './lower-layer.js';
import { moveDequantizeAfterMover } from './move-dequantize-after-mover.js';
import { moveInputNormBeforeLayout } from './move-input-norm-before-layout.js';
import { moveQuantizeBeforeLayout } from './move-quantize-before-layout.js';

export interface LoweringChoices {
  readonly quantiseLayer: QuantiseLayer;
  /** Whether a node of the float graph computes on integers. */
  readonly isInteger: (node: Node) => boolean;
  readonly output: 'int' | 'float';
}

/** Float graph with q.Quantize and q.Dequantize in place → integers (spec 3.2). */
export const lowering = (
  recipe: Pick<Recipe, 'pool' | 'input'>,
  { quantiseLayer, isInteger, output }: LoweringChoices,
): Pipeline => ({
  name: 'tinpu-lowering',
  steps: [
    {
      pass: rewrites('move-quantisation', [
        foldClipIntoQuantize,
        spellOutClip,
        lowerClip(isInteger),
        moveDequantizeAfterMover(isInteger),
      ]),
      because: 'layers are recognised by a dequantise directly in front and a quantise directly behind',
    },
    {
      pass: rewrites('lower-layers', [
        lowerLayer(quantiseLayer),
        lowerAveragePool(recipe),
        lowerAdd,
        lowerInputBatchnorm(recipe),
      ]),
      because:
        'these consume the quantise behind them; what is left of those stands behind raw inputs and float functions',
    },
    {
      pass: rewrites('move-quantise', [moveQuantizeBeforeLayout]),
      because: 'the input is quantised at the boundary of the model',
    },
    {
      pass: rewrites('lower-inputs', [lowerQuantize(recipe), moveInputNormBeforeLayout]),
      because: 'any other quantise is an input sequence of its own',
    },
    ...(output === 'int' ? [{ pass: dropOutputDequantize, because: 'the application asked for integers' }] : []),
    {
      pass: labelOutputs('quantized'),
      because: 'in the file an output has its name, so the integers it is computed from need another one',
    },
  ],
});
