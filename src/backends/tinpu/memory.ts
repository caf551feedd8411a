import { bitsOf } from '../../ir/dtype.js';
import { isConstant, isGraphOutput, opName, type Graph, type Value } from '../../ir/graph.js';
import { rowsPerSample } from './rows.js';

/** Results that take no room of their own: accumulators stay in registers, layouts reuse their source. */
const ROOMLESS: ReadonlySet<string> = new Set([
  'q.Conv',
  'q.MatMul',
  'q.GlobalSum',
  'Flatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Cast',
]);

/**
 * Most bytes of activations alive at once for one sample, by liveness: a tensor lives from its producer to its last
 * reader, where input and output of a layer are both alive.
 */
export function peakActivationBytes(graph: Graph): number {
  const rows = rowsPerSample(graph);
  const bytesOf = (value: Value): number => (rows.get(value) ?? 1) * rowBytes(value);
  const rooms = new Map<Value, Value>();
  const roomOf = (value: Value): Value => rooms.get(value) ?? value;
  const lastRead = new Map<Value, number>();
  for (const [i, node] of graph.nodes.entries()) {
    const [source] = node.inputs;
    const roomless = ROOMLESS.has(opName(node)) && source !== undefined;
    for (const output of node.outputs) if (roomless) rooms.set(output, roomOf(source));
    for (const input of node.inputs) if (input !== undefined && !isConstant(input)) lastRead.set(roomOf(input), i);
  }
  for (const { value } of graph.outputs) lastRead.set(roomOf(value), graph.nodes.length);
  let alive = graph.inputs.reduce((sum, input) => sum + bytesOf(input), 0);
  let peak = alive;
  for (const [i, node] of graph.nodes.entries()) {
    for (const output of node.outputs) if (roomOf(output) === output) alive += bytesOf(output);
    peak = Math.max(peak, alive);
    for (const value of new Set([...node.inputs, ...node.outputs].flatMap((v) => (v === undefined ? [] : roomOf(v))))) {
      const unread = !lastRead.has(value) && !isGraphOutput(graph, value) && !isConstant(value);
      if (lastRead.get(value) === i || unread) alive -= bytesOf(value);
    }
  }
  return peak;
}

/** Bytes of one index along axis 0; unknown sizes count as 1. */
function rowBytes({ type: { dtype, shape } }: Value): number {
  const elements = shape.slice(1).reduce((product: number, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
  return Math.ceil((elements * bitsOf(dtype)) / 8);
}
