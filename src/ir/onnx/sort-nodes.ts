import type { Problems } from './problems.js';
import type { SourceNode } from './source.js';

/**
 * The nodes in topological order: the order of the file, with what a node reads moved before it where the file has it
 * later. Nodes on a cycle are reported by name.
 */
export function sortNodes(nodes: readonly SourceNode[], problems: Problems): readonly SourceNode[] {
  const producer = new Map<string, SourceNode>();
  for (const node of nodes) for (const name of node.outputs) if (name !== '') producer.set(name, node);
  const sorted: SourceNode[] = [];
  const state = new Map<SourceNode, 'open' | 'done'>();
  for (const root of nodes) {
    const path: { readonly node: SourceNode; next: number }[] = [];
    const enter = (node: SourceNode): void => {
      state.set(node, 'open');
      path.push({ node, next: 0 });
    };
    if (!state.has(root)) enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const name = top.node.inputs[top.next++];
      if (name === undefined) {
        state.set(top.node, 'done');
        sorted.push(top.node);
        path.pop();
        continue;
      }
      const source = producer.get(name);
      if (source === undefined || state.get(source) === 'done') continue;
      if (state.get(source) === 'open')
        reportCycle(
          path.map((step) => step.node),
          source,
          problems,
        );
      else enter(source);
    }
  }
  if (sorted.some((node, i) => node !== nodes[i])) {
    problems.info('sorted-nodes', 'the nodes of the file are not in the order of their dependencies; they are sorted');
  }
  return sorted;
}

function reportCycle(path: readonly SourceNode[], start: SourceNode, problems: Problems): void {
  const cycle = path.slice(path.indexOf(start));
  const names = cycle.map((node) => `node ${node.index}${node.name === '' ? '' : ` '${node.name}'`} (${node.op})`);
  const shown = names.length > 8 ? [...names.slice(0, 8), `and ${names.length - 8} more`] : names;
  problems.error('cycle', `the nodes depend on each other in a circle: ${shown.join(', ')}`);
}
