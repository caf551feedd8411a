import { createHash } from 'node:crypto';
import { isConstant, type Graph, type Value } from '../../src/ir/graph.js';
import { printNode, printType } from '../../src/ir/text/print.js';
import type { Tensor } from '../../src/ir/tensor.js';

/**
 * One line a node, with constants written out in place of their labels, so that two graphs that differ in the names of
 * constants alone have the same description.
 */
export function describeGraph(graph: Graph): string[] {
  return [
    ...graph.inputs.map((value) => `input ${value.name}: ${printType(value.type)}`),
    ...graph.nodes.map((node) => {
      const results = node.outputs.map((value) => `${value.name}: ${printType(value.type)}`).join(', ');
      const attrs = node.attrs.size === 0 ? '' : (/\{.*\}/.exec(printNode(node))?.[0] ?? '');
      return `${results} = ${node.op}(${node.inputs.map(operand).join(', ')})${attrs === '' ? '' : ` ${attrs}`}`;
    }),
    ...graph.outputs.map(({ name, value }) => `output ${name} = ${operand(value)}`),
  ];
}

function operand(value: Value | undefined): string {
  if (value === undefined) return '_';
  return isConstant(value) ? literal(value.constant) : value.name;
}

/** The elements, or a hash of more than 64 of them. */
function literal({ dtype, dims, data }: Tensor): string {
  const type = `${dtype}[${dims.join(',')}]`;
  if (data.length <= 64) return `${type}(${data.join(' ')})`;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return `${type}#${createHash('sha256').update(bytes).digest('hex')}`;
}
