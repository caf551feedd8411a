import { isGraphOutput, type Graph, type Node } from '../../ir/graph.js';

/** Nodes that a reading of a chain has walked over and that its replacement leaves without readers. */
export type Cover = Set<Node>;

/** More nodes than any spelling of one activation has; keeps readings of long arithmetic short. */
const LIMIT = 32;

/** Adds a node; false when the reading has become longer than any activation. */
export function covers(cover: Cover, node: Node): boolean {
  cover.add(node);
  return cover.size <= LIMIT;
}

/** What reads an inner tensor of the chain that ends at `root` from outside; undefined when nothing does. */
export function leak(cover: Cover, root: Node, graph: Graph): string | undefined {
  for (const node of cover) {
    if (node === root) continue;
    for (const output of node.outputs) {
      const isInner = [...output.uses].every((use) => cover.has(use.node)) && !isGraphOutput(graph, output);
      if (!isInner) return `'${output.name}' has other readers`;
    }
  }
  return undefined;
}
