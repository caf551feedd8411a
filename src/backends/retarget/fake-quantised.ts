import { cloneGraph } from '../../ir/clone.js';
import type { DType } from '../../ir/dtype.js';
import { GraphEditor } from '../../ir/editor.js';
import { valuesOf, type Graph, type Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import type { TrainedGraph } from '../tinpu/training.js';
import { insertBehind } from './insert-behind.js';
import type { TrainedGrid } from './trained-grid.js';

/**
 * A copy of the canonical float graph that rounds every tensor to the grid it was trained on, so that each label stands for
 * what the quantised model has there, up to the rounding of float32 and to grids that lie inside fused layers.
 */
export function fakeQuantised(float: Graph, grids: ReadonlyMap<string, TrainedGrid>): TrainedGraph {
  const { graph, values } = cloneGraph(float);
  const editor = new GraphEditor(graph);
  const rounded = new Map<Value, Value>();
  for (const value of [...valuesOf(graph)]) {
    const grid = value.constant === undefined && value.type.dtype === 'float32' ? grids.get(value.name) : undefined;
    const dtype = grid && storeOf(grid);
    if (grid !== undefined && dtype !== undefined) rounded.set(value, insertRounding(editor, value, grid, dtype));
  }
  return {
    graph,
    tensorOf: (value) => {
      const copy = values.get(value);
      return copy && (rounded.get(copy) ?? copy);
    },
  };
}

/** The type whose integers a grid has; undefined for a grid that stands for several. */
function storeOf({ zeroPoint, lo, hi }: TrainedGrid): DType | undefined {
  if (!Number.isInteger(zeroPoint)) return undefined;
  const stores: readonly DType[] = lo < 0 ? ['int2', 'int4', 'int8', 'int16'] : ['uint2', 'uint4', 'uint8', 'uint16'];
  return stores.find((_, i) => hi - lo + 1 === 2 ** (2 << i));
}

function insertRounding(editor: GraphEditor, value: Value, grid: TrainedGrid, dtype: DType): Value {
  const { name } = value;
  const uses = [...value.uses];
  const delivered = editor.graph.outputs.filter((output) => output.value === value);
  if (value.producer !== undefined) editor.rename(value, `${name}/unrounded`);
  const constants = [
    editor.constant(Tensor.float32([], [grid.scale]), `${name}/scale`),
    editor.constant(zeroOf(dtype, grid.zeroPoint), `${name}/zero_point`),
  ];
  const quantise = { op: 'QuantizeLinear', label: `${name}/rounded`, constants, dtype };
  const dequantise = { op: 'DequantizeLinear', label: name, constants, dtype: 'float32' } as const;
  const rounded = insertBehind(editor, insertBehind(editor, value, quantise), dequantise);
  for (const { node, index } of uses) editor.setInput(node, index, rounded);
  for (const output of delivered) editor.setOutput(output, rounded);
  return rounded;
}

function zeroOf(dtype: DType, zeroPoint: number): Tensor {
  const zero = Tensor.zeros(dtype, []);
  (zero.data as Int8Array)[0] = zeroPoint;
  return zero;
}
