import { InternalError } from '../diagnostics.js';
import { constantsOf, type Graph, type Output, type Value } from '../graph.js';
import { NameSupply } from './name-supply.js';

/** Names of a graph's values in a file. */
export interface ExportNames {
  /** The name of a value, '' for a result that nothing reads and that has no label. */
  readonly of: (value: Value) => string;
  /** Graph outputs that need a node of their own to bear their name. */
  readonly aliases: readonly Output[];
}

/** Graph inputs and outputs keep their names; other values keep their labels as far as they are free. */
export function nameValues(graph: Graph): ExportNames {
  const names = new Map<Value, string>(graph.inputs.map((value) => [value, value.name]));
  const taken = new Map<string, Value>(graph.inputs.map((value) => [value.name, value]));
  const aliases: Output[] = [];
  for (const output of graph.outputs) {
    const { name, value } = output;
    const other = taken.get(name);
    if (other !== undefined && other !== value) {
      throw new InternalError(`graph output '${name}' bears the name of another input or output`);
    }
    taken.set(name, value);
    if (names.get(value) === name) continue;
    // A constant under its own label is an output as it is.
    const bearsName = value.producer !== undefined || value.name === name;
    if (bearsName && !names.has(value)) names.set(value, name);
    else aliases.push(output);
  }
  const supply = new NameSupply(taken.keys());
  const results = graph.nodes.flatMap((node) => node.outputs);
  for (const value of [...results, ...constantsOf(graph)]) {
    if (names.has(value)) continue;
    const unread = value.name === '' && value.uses.size === 0;
    names.set(value, unread ? '' : supply.fresh(value.name === '' ? 'value' : value.name));
  }
  return {
    of: (value) => {
      const name = names.get(value);
      if (name === undefined) throw new InternalError(`'${value.name}' is read but belongs to no node`);
      return name;
    },
    aliases,
  };
}
