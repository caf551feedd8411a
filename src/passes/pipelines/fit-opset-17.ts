import { rewrites, type Pipeline } from '../pass.js';
import { spellOutDilatedPool } from '../rules/spell-out-dilated-pool.js';
import { spellOutGelu } from '../rules/spell-out-gelu.js';
import { spellOutGroupNormalization } from '../rules/spell-out-group-normalization.js';
import { spellOutIdleReduction } from '../rules/spell-out-idle-reduction.js';
import { spellOutMish } from '../rules/spell-out-mish.js';
import { spellOutPad } from '../rules/spell-out-pad.js';
import { spellOutQuantizeLinear } from '../rules/spell-out-quantize-linear.js';
import { spellOutResize } from '../rules/spell-out-resize.js';
import { spellOutRmsNormalization } from '../rules/spell-out-rms-normalization.js';
import { spellOutSwish } from '../rules/spell-out-swish.js';
import { widenShortFloats } from '../rules/widen-short-floats.js';

/**
 * Float operators and forms of them that are newer than opset 17, in those that it has: the same function up to the
 * float32 rounding of its parts. What is left is what `fitToOpset` says of a node.
 */
export const fitOpset17: Pipeline = {
  name: 'fit-opset-17',
  steps: [
    {
      pass: rewrites('spell-out-newer-forms', [
        widenShortFloats,
        spellOutGelu,
        spellOutMish,
        spellOutSwish,
        spellOutGroupNormalization,
        spellOutRmsNormalization,
        spellOutIdleReduction,
        spellOutDilatedPool,
        spellOutPad,
        spellOutResize,
        spellOutQuantizeLinear,
      ]),
      because: 'what runs in float must be in the file as it was calibrated, operation by operation',
    },
  ],
};
