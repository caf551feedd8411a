import { GraphEditor } from '../../../ir/editor.js';
import type { Graph } from '../../../ir/graph.js';
import { OPERATORS } from '../../../ir/ops/index.js';
import { runPipeline } from '../../../passes/pass.js';
import { FLOAT_KERNELS } from '../../../runtime/float/index.js';
import { summariseIslands } from '../../report/islands.js';
import { UNCALIBRATED } from '../../report/uncalibrated.js';
import type { IslandSummary, LayerSummary } from '../../summary.js';
import { nameOutputs } from '../name-outputs.js';
import { quantiseGraph } from '../quantise-graph.js';
import type { Split } from '../split/points.js';
import { blankLayer } from '../weights/blank-layer.js';
import { islandsOf } from './islands.js';
import { summariseLayers } from './summarise.js';

/**
 * The rows that the report on a canonical float graph will have, with what is known before calibration; scales, zero points
 * and accuracy are left open. Outputs deliver real numbers.
 */
export function previewLayers(
  float: Graph,
  split: Split,
): { readonly layers: readonly LayerSummary[]; readonly islands: readonly IslandSummary[] } {
  const quantised = quantiseGraph(float, split, {
    gridOf: ({ bits }) => ({ scale: 1, zeroPoint: 0, bits }),
    output: 'float',
    constantsOf: blankLayer,
  });
  runPipeline(new GraphEditor(quantised.graph), nameOutputs, {
    operators: OPERATORS,
    kernels: FLOAT_KERNELS,
    report: () => undefined,
  });
  const layers = summariseLayers(quantised, new Map()).map((layer) => ({ ...layer, ...UNCALIBRATED }));
  return { layers, islands: summariseIslands(islandsOf(quantised)) };
}
