import { rewrites, type Pipeline } from '../../../passes/pass.js';
import type { RuleSet } from '../placement/rules.js';
import { absorbSliceIntoMatmul } from './absorb-slice-into-matmul.js';
import { foldStrideIntoChannels } from './fold-stride-into-channels.js';
import { growPointwiseKernel } from './grow-pointwise-kernel.js';
import { padFeatures } from './pad-features.js';
import { respellIdleWindow } from './respell-idle-window.js';
import { rewriteRowsAsConv } from './rewrite-rows-as-conv.js';
import { swapSpatialAxes } from './swap-spatial-axes.js';
import { trimKernel } from './trim-kernel.js';
import { widenChannels } from './widen-channels.js';
import { widenGlobalPool, widenMaxPool } from './widen-pool.js';

/** A quantised graph → one that computes the same integers with more of its layers on the NPU (spec 3.3). */
export const legalisation = (rules: RuleSet): Pipeline => ({
  name: 'tinpu-legalisation',
  steps: [
    {
      pass: rewrites('rewrite-rows', [rewriteRowsAsConv(rules)]),
      because: 'as convolutions they take part in what follows',
    },
    {
      pass: rewrites('legalise-layers', [
        trimKernel(rules),
        respellIdleWindow(rules),
        growPointwiseKernel(rules),
        swapSpatialAxes(rules),
        widenChannels(rules),
        foldStrideIntoChannels(rules),
        widenMaxPool(rules),
        widenGlobalPool(rules),
        absorbSliceIntoMatmul,
      ]),
      because: 'each layer takes the cheapest way; a layer behind a widened one reads all its channels',
    },
    {
      pass: rewrites('pad-features', [padFeatures(rules)]),
      because: 'features that came with wider channels count',
    },
  ],
});
