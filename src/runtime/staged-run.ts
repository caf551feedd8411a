import { InternalError } from '../ir/diagnostics.js';
import { isConstant, type Graph, type Node, type Value } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import { prepare } from './executor.js';
import type { KernelTable } from './kernel.js';

/**
 * A run of a graph over several batches that goes forward in stages, each over all batches. Constants that nodes ahead read
 * may be replaced between two stages. Held are the tensors that nodes ahead read and those still wanted.
 */
export class StagedRun {
  readonly #graph: Graph;
  readonly #kernels: KernelTable;
  readonly #wanted: Value[];
  /** By batch: what has been computed and is needed again. */
  readonly #held: Map<Value, Tensor>[];
  #done = 0;

  /**
   * @param batches tensors by name of the graph input
   * @param wanted results of nodes that will be taken, each as often as it is given
   */
  constructor(
    graph: Graph,
    kernels: KernelTable,
    batches: readonly ReadonlyMap<string, Tensor>[],
    wanted: Iterable<Value>,
  ) {
    this.#graph = graph;
    this.#kernels = kernels;
    this.#wanted = [...wanted];
    this.#held = batches.map((batch) => {
      const entries = graph.inputs.map((input) => [input, batch.get(input.name)] as const);
      return new Map(entries.filter((entry): entry is readonly [Value, Tensor] => entry[1] !== undefined));
    });
  }

  /**
   * Runs the nodes up to the one that computes the value, as they are now.
   * @returns the tensor of each batch, which belongs to the caller
   * @throws InternalError when the value is not wanted; ExecutionFault as a run of the whole graph does
   */
  take(value: Value): Tensor[] {
    const end = this.#graph.nodes.findIndex((node) => node === value.producer) + 1;
    if (end > this.#done) this.#advance(end);
    const at = this.#wanted.indexOf(value);
    if (at < 0) throw new InternalError(`'${value.name}' is taken without being wanted`);
    this.#wanted.splice(at, 1);
    const neededAgain = this.#neededFrom(this.#done).has(value);
    return this.#held.map((held) => {
      const tensor = held.get(value);
      if (tensor === undefined) throw new InternalError(`'${value.name}' is not a result of a node`);
      if (!neededAgain) held.delete(value);
      return tensor;
    });
  }

  #advance(end: number): void {
    const nodes = this.#graph.nodes.slice(this.#done, end);
    const results = new Set(nodes.flatMap(({ outputs }) => outputs));
    const needed = this.#neededFrom(end);
    const inputs = [...readBy(nodes)].filter((value) => !results.has(value));
    const outputs = [...results].filter((value) => needed.has(value)).map((value) => ({ name: value.name, value }));
    const program = prepare({ name: this.#graph.name, inputs, outputs, nodes }, this.#kernels);
    for (const held of this.#held) {
      const feeds = inputs.flatMap((value) => {
        const tensor = held.get(value);
        return tensor === undefined ? [] : [[value.name, tensor] as const];
      });
      const computed = program.run(new Map(feeds));
      for (const value of held.keys()) if (!needed.has(value)) held.delete(value);
      for (const { name, value } of outputs) {
        const tensor = computed.get(name);
        if (tensor !== undefined) held.set(value, tensor);
      }
    }
    this.#done = end;
  }

  /** What nodes from a place on read, and what is wanted. */
  #neededFrom(start: number): Set<Value> {
    return new Set([...readBy(this.#graph.nodes.slice(start)), ...this.#wanted]);
  }
}

/** Values that nodes read, constants left out. */
function readBy(nodes: readonly Node[]): Set<Value> {
  const read = nodes.flatMap(({ inputs }) => inputs.filter((value) => value !== undefined));
  return new Set(read.filter((value) => !isConstant(value)));
}
