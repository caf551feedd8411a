import { cloneGraph } from '../../../ir/clone.js';
import { GraphEditor } from '../../../ir/editor.js';
import type { Graph } from '../../../ir/graph.js';
import { applyRules } from '../../../passes/driver.js';
import type { Rule } from '../../../passes/rule.js';
import { dropIdentity } from '../../../passes/rules/drop-identity.js';
import type { Trace } from '../../../passes/trace.js';
import { AFFINE_OPERATORS } from '../dialect.js';
import type { Report } from './build-layer.js';
import { foldIntegers } from './fold-integers.js';
import { hoistQuantize } from './hoist-quantize.js';
import { liftFunction } from './lift-function.js';
import { liftLayer } from './lift-layer.js';
import { liftMean } from './lift-mean.js';
import { liftMover } from './lift-mover.js';
import { liftQLinear } from './lift-q-linear.js';
import { liftSum } from './lift-sum.js';
import { liftWhere } from './lift-where.js';
import { noteQuantisation } from './note-quantisation.js';
import { sinkBelowSplit } from './sink-below-split.js';
import { sinkDequantize } from './sink-dequantize.js';

/** The rules of lifting; those that look for less come first. */
const rules = (report: Report): readonly Rule[] => [
  dropIdentity,
  foldIntegers,
  liftFunction,
  liftLayer(report),
  liftSum,
  liftMean,
  liftMover,
  liftWhere,
  liftQLinear(report),
  hoistQuantize,
  sinkBelowSplit,
  sinkDequantize,
];

/**
 * Recognises the integer arithmetic in a graph with QuantizeLinear and DequantizeLinear, or with operators on quantised
 * tensors, and states it in the affine dialect; what is not recognised stays float between dequantisation and
 * quantisation. Integers have the labels that the tensors have in the file; the interface stays as it is.
 * @param report told of biases that had to be rounded to the scale of their accumulator
 */
export function liftAffine(graph: Graph, trace?: Trace, report: Report = () => undefined): Graph {
  const { graph: lifted } = cloneGraph(graph);
  const editor = new GraphEditor(lifted);
  noteQuantisation(editor);
  applyRules(editor, rules(report), { operators: AFFINE_OPERATORS, trace });
  return lifted;
}
