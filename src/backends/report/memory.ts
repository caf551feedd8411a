import { bitsOf } from '../../ir/dtype.js';
import { isConstant, isGraphOutput, opName, type Graph, type Node, type Value } from '../../ir/graph.js';
import { BINARY_OPERATORS } from '../../ir/ops/binary.js';
import { UNARY_OPERATORS } from '../../ir/ops/unary.js';
import { rowsPerSample } from './rows.js';

/** Results that take no room of their own: accumulators stay in registers, layouts reuse their source. */
const ROOMLESS: ReadonlySet<string> = new Set([
  'q.Conv',
  'q.ConvTranspose',
  'q.MatMul',
  'q.GlobalSum',
  'qa.Conv',
  'qa.ConvTranspose',
  'qa.MatMul',
  'Flatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Cast',
]);

/** Operators each element of whose result needs only the elements of the same place, which it may overwrite. */
const ELEMENTWISE: ReadonlySet<string> = new Set([
  'q.Add',
  'qa.Add',
  'qa.Mul',
  'qa.Table',
  'q.Clip',
  'Clip',
  'BatchNormalization',
  'PRelu',
  ...UNARY_OPERATORS.map(({ name }) => name),
  ...BINARY_OPERATORS.map(({ name }) => name),
]);

/**
 * Most bytes of activations alive at once for one sample, by liveness: a tensor lives from its producer to its last
 * reader, where input and output of a layer are both alive. An elementwise result takes over the room of an input of its
 * size that dies there. Integers of up to 8 bits take a byte each, real numbers four.
 */
export function peakActivationBytes(graph: Graph): number {
  const rows = rowsPerSample(graph);
  const bytesOf = (value: Value): number => (rows.get(value) ?? 1) * rowBytes(value);
  const rooms = new Map<Value, Value>();
  const roomOf = (value: Value): Value => rooms.get(value) ?? value;
  const lastRead = new Map<Value, number>();
  for (const [i, node] of graph.nodes.entries()) {
    const [source] = node.inputs;
    const roomless = source !== undefined && (ROOMLESS.has(opName(node)) || isResidual(graph, node));
    for (const output of node.outputs) if (roomless) rooms.set(output, roomOf(source));
    for (const input of node.inputs) if (input !== undefined && !isConstant(input)) lastRead.set(roomOf(input), i);
  }
  for (const { value } of graph.outputs) lastRead.set(roomOf(value), graph.nodes.length);
  const alive = new Map(graph.inputs.map((input) => [input, bytesOf(input)]));
  let used = [...alive.values()].reduce((sum, bytes) => sum + bytes, 0);
  let peak = used;
  const free = (room: Value): void => {
    used -= alive.get(room) ?? 0;
    alive.delete(room);
  };
  for (const [i, node] of graph.nodes.entries()) {
    const inputs = new Set(node.inputs.flatMap((v) => (v === undefined || isConstant(v) ? [] : roomOf(v))));
    const outputs = node.outputs.filter((output) => roomOf(output) === output);
    const dying = [...inputs].filter((room) => lastRead.get(room) === i);
    for (const output of outputs) {
      const bytes = bytesOf(output);
      if (ELEMENTWISE.has(opName(node))) {
        // Of the same size and width, so that no element is read again for another place.
        const width = bitsOf(output.type.dtype);
        const taken = dying.find((room) => alive.get(room) === bytes && bitsOf(room.type.dtype) === width);
        if (taken !== undefined) free(taken);
      }
      alive.set(output, bytes);
      used += bytes;
    }
    peak = Math.max(peak, used);
    for (const room of dying) free(room);
    for (const output of outputs) if (!lastRead.has(output) && !isGraphOutput(graph, output)) free(output);
  }
  return peak;
}

/** The 10-bit half of a residual form stays in the registers of its layer (spec 1.2, BNORMRES). */
function isResidual(graph: Graph, node: Node): boolean {
  const [result] = node.outputs;
  if (opName(node) !== 'q.Bnorm' || result === undefined || node.attrs.int('lo') !== -512) return false;
  return !isGraphOutput(graph, result) && [...result.uses].every(({ node: user }) => opName(user) === 'q.Add');
}

/** Bytes of one index along axis 0; unknown sizes count as 1. */
function rowBytes({ type: { dtype, shape } }: Value): number {
  const elements = shape.slice(1).reduce((product: number, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
  return Math.ceil((elements * bitsOf(dtype)) / 8);
}
