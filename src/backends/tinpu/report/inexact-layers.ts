import type { Diagnostic } from '../../../ir/diagnostics.js';
import { opName, type Graph } from '../../../ir/graph.js';
import { accumulatorOf, FLOAT32_EXACT } from '../arithmetic/accumulators.js';
import { layerName } from '../../report/layer-name.js';

/**
 * A warning when integers of a file can leave what float32 holds exactly (spec 1.6): the integers recognised in it are what
 * the NPU computes, a runtime that takes the file as floats may round them.
 */
export function inexactLayers(graph: Graph): Diagnostic[] {
  const layers = graph.nodes.flatMap((node) => {
    const bound = opName(node) === 'q.Bnorm' ? (accumulatorOf(node)?.bound ?? 0) : 0;
    return bound > FLOAT32_EXACT ? [{ name: layerName(node), bound }] : [];
  });
  const [first, ...others] = layers.sort((a, b) => b.bound - a.bound);
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` and ${others.length === 1 ? 'another layer' : `${others.length} others`}`;
  return [
    {
      code: 'float-accumulation',
      severity: 'warning',
      message: `integers of '${first.name}'${more} can reach ${first.bound}, float32 is exact up to 2^24: they are computed as integers here, as on the NPU, and may be rounded where the file runs in floats`,
      at: { node: first.name },
    },
  ];
}
