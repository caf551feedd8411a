import type { GraphEditor } from '../../ir/editor.js';
import { isGraphOutput, type Node, type Value } from '../../ir/graph.js';
import { rawInput } from '../tinpu/split/domains.js';
import { isNonNegative } from './non-negative.js';
import { addReal, numberConstant } from './real-tensors.js';
import { gridRange, type TrainedGrid } from './trained-grid.js';

/**
 * The value, behind a Clip under its label where the grid cuts off negative numbers that nothing else keeps away: the
 * quantiser stands for an activation function then. A graph input is noted as not below 0 instead.
 */
export function saturated(editor: GraphEditor, node: Node, x: Value, grid: TrainedGrid, known: Set<Value>): Value {
  const { min, max } = gridRange(grid);
  if (min !== 0) return x;
  if (rawInput(x).producer === undefined) {
    known.add(x);
    return x;
  }
  if (isNonNegative(x, known)) return x;
  const label = x.name;
  if (!isGraphOutput(editor.graph, x)) editor.rename(x, `${label}/unbounded`);
  const bounds = [numberConstant(editor, 0, `${label}/min`), numberConstant(editor, max, `${label}/max`)];
  return addReal(editor, node, 'Clip', [x, ...bounds], { label, like: x });
}
