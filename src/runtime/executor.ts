import { formatLocation, InternalError } from '../ir/diagnostics.js';
import { isConstant, opName, type Graph, type Node, type Value } from '../ir/graph.js';
import { OperatorFault } from '../ir/ops/operator.js';
import { formatShape } from '../ir/shape.js';
import type { Tensor } from '../ir/tensor.js';
import { bindFeeds, fits } from './feeds.js';
import { ExecutionFault, type Arena, type Kernel, type KernelTable } from './kernel.js';
import { PooledArena } from './pooled-arena.js';

/**
 * Sees a value as soon as it exists. The tensor is memory of the run that is written again later: its elements must be
 * copied to outlive the call. A tensor that is returned stands for the value from then on; it has the same type and
 * dims, and may come from `arena`.
 */
export type Observer = (value: Value, tensor: Tensor, arena: Arena) => Tensor | undefined;

/** What else one run does. */
export interface RunOptions {
  /** Called for every graph input and every result of a node, in the order in which they come into being. */
  readonly observe?: Observer;
}

/** A graph made ready to run. It holds the memory of the last run for the next one. */
export interface Program {
  readonly graph: Graph;
  /** Bytes held for intermediate results and for kernels. */
  readonly reservedBytes: number;
  /**
   * @param feeds tensors by name of the graph input; they are not changed
   * @returns tensors by name of the graph output, which belong to the caller
   * @throws ExecutionFault when feeds do not fit the inputs, or sizes that were symbolic do not fit each other
   */
  readonly run: (feeds: ReadonlyMap<string, Tensor>, options?: RunOptions) => Map<string, Tensor>;
}

/**
 * Resolves the kernels of a graph and finds how long each value is needed. The graph must not change afterwards.
 * @throws InternalError when an operator has no kernel.
 */
export function prepare(graph: Graph, kernels: KernelTable): Program {
  return new PreparedProgram(graph, kernels);
}

/** One node with the places of its values. Places of inputs left out and of results without a name are -1. */
interface Step {
  readonly node: Node;
  readonly kernel: Kernel;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Places whose values nothing reads afterwards. */
  readonly releases: readonly number[];
}

type Slots = (Tensor | undefined)[];

class PreparedProgram implements Program {
  readonly graph: Graph;
  readonly #steps: readonly Step[];
  /** Constants in their places. */
  readonly #initial: Slots;
  /** Places of the graph inputs, and those among them that nothing reads. */
  readonly #inputs: readonly number[];
  readonly #unread: readonly number[];
  readonly #outputs: readonly { readonly name: string; readonly slot: number }[];
  readonly #arena = new PooledArena();
  #running = false;

  constructor(graph: Graph, kernels: KernelTable) {
    this.graph = graph;
    const places = new Places();
    this.#inputs = graph.inputs.map((value) => places.of(value));
    this.#outputs = graph.outputs.map(({ name, value }) => ({ name, slot: places.of(value) }));
    const kept = new Set(this.#outputs.map(({ slot }) => slot));
    const steps = graph.nodes.map((node): Step & { readonly releases: number[] } => {
      const name = opName(node);
      const kernel = kernels.get(name);
      if (kernel === undefined) throw new InternalError(`there is no kernel for ${name}`, { node: node.name });
      return {
        node,
        kernel,
        inputs: node.inputs.map((value) => (value === undefined ? -1 : places.of(value))),
        outputs: node.outputs.map((value) => (value.name === '' ? -1 : places.of(value))),
        releases: [],
      };
    });
    for (const slot of places.constants.keys()) kept.add(slot);
    for (const step of steps.toReversed()) {
      for (const slot of [...step.inputs, ...step.outputs]) {
        if (slot < 0 || kept.has(slot)) continue;
        kept.add(slot);
        step.releases.push(slot);
      }
    }
    this.#steps = steps;
    this.#unread = this.#inputs.filter((slot) => !kept.has(slot));
    this.#initial = Array.from({ length: places.count }, (_, slot) => places.constants.get(slot));
  }

  get reservedBytes(): number {
    return this.#arena.reservedBytes;
  }

  run(feeds: ReadonlyMap<string, Tensor>, { observe }: RunOptions = {}): Map<string, Tensor> {
    if (this.#running) throw new InternalError('a program is run from within its own run');
    const inputs = bindFeeds(this.graph.inputs, feeds);
    const slots = this.#initial.slice();
    this.#running = true;
    try {
      for (const [i, tensor] of inputs.entries())
        this.#define(slots, this.#inputs[i]!, this.graph.inputs[i]!, tensor, observe);
      for (const slot of this.#unread) this.#release(slots, slot);
      this.#arena.sweep();
      for (const step of this.#steps) this.#execute(step, slots, observe);
      return this.#results(slots);
    } finally {
      this.#arena.end();
      this.#running = false;
    }
  }

  #execute(step: Step, slots: Slots, observe: Observer | undefined): void {
    const { node, outputs } = step;
    const results = this.#call(step, slots);
    for (let i = 0; i < outputs.length; i++) {
      const slot = outputs[i]!;
      if (slot < 0) continue;
      const result = results[i];
      const value = node.outputs[i]!;
      checkResult(value, result, node);
      this.#define(slots, slot, value, result, observe);
    }
    for (const slot of step.releases) this.#release(slots, slot);
    this.#arena.sweep();
  }

  #call({ node, kernel, inputs }: Step, slots: Slots): readonly Tensor[] {
    try {
      return kernel(
        node,
        inputs.map((slot) => (slot < 0 ? undefined : slots[slot])),
        this.#arena,
      );
    } catch (error) {
      throw locate(error, node);
    }
  }

  #define(slots: Slots, slot: number, value: Value, tensor: Tensor, observe: Observer | undefined): void {
    this.#arena.retain(tensor);
    slots[slot] = tensor;
    const replacement = observe?.(value, tensor, this.#arena);
    if (replacement === undefined || replacement === tensor) return;
    checkResult(value, replacement, value.producer);
    this.#arena.retain(replacement);
    this.#arena.release(tensor);
    slots[slot] = replacement;
  }

  #release(slots: Slots, slot: number): void {
    const tensor = slots[slot];
    if (tensor !== undefined) this.#arena.release(tensor);
    slots[slot] = undefined;
  }

  #results(slots: Slots): Map<string, Tensor> {
    const copies = new Map<number, Tensor>();
    return new Map(
      this.#outputs.map(({ name, slot }) => {
        const tensor = slots[slot]!;
        const own = copies.get(slot) ?? (this.#arena.owns(tensor) ? tensor.copy() : tensor);
        copies.set(slot, own);
        return [name, own];
      }),
    );
  }
}

/** Numbers the values of a graph. */
class Places {
  readonly constants = new Map<number, Tensor>();
  readonly #slots = new Map<Value, number>();

  get count(): number {
    return this.#slots.size;
  }

  of(value: Value): number {
    const known = this.#slots.get(value);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(value, slot);
    if (isConstant(value)) this.constants.set(slot, value.constant);
    return slot;
  }
}

/** @throws InternalError unless the tensor is what inference said of the value. */
function checkResult(value: Value, tensor: Tensor | undefined, node: Node | undefined): asserts tensor is Tensor {
  const { type } = value;
  if (tensor?.dtype === type.dtype && fits(tensor.dims, type)) return;
  const found = tensor === undefined ? 'no tensor' : `${tensor.dtype}[${formatShape(tensor.dims)}]`;
  throw new InternalError(
    `'${value.name}' of ${node === undefined ? 'the graph' : describe(node)} was computed as ${found}, ` +
      `inferred: ${type.dtype}[${formatShape(type.shape)}]`,
  );
}

function describe(node: Node): string {
  const index = node.origins[0]?.index;
  return formatLocation({ node: node.name, op: opName(node), ...(index !== undefined && { nodeIndex: index }) });
}

/** The error of a kernel with the node it happened in. */
function locate(error: unknown, node: Node): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ExecutionFault || error instanceof OperatorFault) {
    return new ExecutionFault(`${describe(node)}: ${message}`);
  }
  return new InternalError(`the kernel of ${describe(node)} failed: ${message}`, {}, error);
}
