import { GraphEditor } from '../../../ir/editor.js';
import { cloneGraph } from '../../../ir/clone.js';
import type { Graph } from '../../../ir/graph.js';
import { applyRules } from '../../../passes/driver.js';
import type { Trace } from '../../../passes/trace.js';
import { TINPU_OPERATORS } from '../dialect.js';
import { liftConv, liftGlobalSum, liftMatMul, liftRound } from './lift-accumulator.js';
import { liftAdd, liftClippedAdd } from './lift-add.js';
import { liftClip, liftFreeClip } from './lift-clip.js';
import { liftDequantize } from './lift-dequantize.js';
import { liftMover } from './lift-mover.js';
import { liftBnorm, liftInputNorm } from './lift-requantisation.js';

/** The rules of lifting; each works on what the one before it in the model has left carried. */
const RULES = [
  liftBnorm,
  liftInputNorm,
  liftConv,
  liftMatMul,
  liftGlobalSum,
  liftRound,
  liftMover,
  liftAdd,
  liftClippedAdd,
  liftClip,
  liftFreeClip,
  liftDequantize,
];

/**
 * Recognises the integer arithmetic in a float32-carrier graph (spec 1.6) and states it in the quantised dialect; what is
 * not recognised stays as it is. The interface stays float32: outputs are the integers cast back. Integers have the
 * labels that the tensors have in the file.
 */
export function liftCarrier(graph: Graph, trace?: Trace): Graph {
  const { graph: lifted } = cloneGraph(graph);
  applyRules(new GraphEditor(lifted), RULES, { operators: TINPU_OPERATORS, trace });
  return lifted;
}
