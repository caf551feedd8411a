import { valuesOf, type Value } from '../../ir/graph.js';
import { prepare, type Program } from '../../runtime/executor.js';
import type { KernelTable } from '../../runtime/kernel.js';
import { Tensor } from '../../ir/tensor.js';
import { kernelsOf } from '../run.js';
import type { BoundVector, ExpectedKind } from './bound-vector.js';
import type { NamedGraphs } from './model-names.js';

/** Computed tensors by `resultKey`. */
export type Results = ReadonlyMap<string, Tensor>;

/** Outputs are found by their own names, which tensors may bear as well. */
export const resultKey = ({ kind, name }: { readonly kind: ExpectedKind; readonly name: string }): string =>
  `${kind === 'output' ? 'output' : 'tensor'} ${name}`;

/** What of a model runs, and how. */
export interface RunForm {
  /** Those of the model's own dialect unless given. */
  readonly kernels?: KernelTable | undefined;
  /** The model as it is written, in floats, rather than the integers recognised in it. */
  readonly inFloats?: boolean | undefined;
}

/** Runs the forms of a model for the tensors that vectors tell of. */
export class VectorRunner {
  /** Position of each tensor in the order of computation, by name. */
  readonly order: ReadonlyMap<string, number>;
  readonly #model: NamedGraphs;
  readonly #kernels: KernelTable;
  /** Names of tensors of the graph that runs. */
  readonly #own: ReadonlySet<string>;
  /** As long as somebody has the kernels. */
  readonly #programs = { graph: new WeakMap<KernelTable, Program>(), source: new WeakMap<KernelTable, Program>() };

  constructor(model: NamedGraphs) {
    this.#model = model;
    this.#kernels = kernelsOf(model.graph);
    this.#own = new Set([...valuesOf(model.graph)].map(({ name }) => name));
    const order = new Map<string, number>();
    for (const { name } of [...valuesOf(model.source), ...valuesOf(model.graph)]) {
      if (!order.has(name)) order.set(name, order.size);
    }
    this.order = order;
  }

  /** Everything expected of a vector; tensors that only the model as it is written has are computed in it. */
  run(vector: BoundVector): Results {
    const wanted = namesOf(vector);
    const foreign = new Set([...wanted].filter((name) => !this.#own.has(name)));
    const results = this.#collect(this.#program('graph', this.#kernels), vector, wanted);
    if (foreign.size === 0) return results;
    for (const [key, tensor] of this.#collect(this.#program('source', this.#kernels), vector, foreign)) {
      if (!results.has(key)) results.set(key, tensor);
    }
    return results;
  }

  /** What one other form of the model computes of it. */
  runForm(vector: BoundVector, { kernels = this.#kernels, inFloats = false }: RunForm): Results {
    return this.#collect(this.#program(inFloats ? 'source' : 'graph', kernels), vector, namesOf(vector));
  }

  #program(form: 'graph' | 'source', kernels: KernelTable): Program {
    const known = this.#programs[form].get(kernels);
    if (known !== undefined) return known;
    const program = prepare(this.#model[form], kernels);
    this.#programs[form].set(kernels, program);
    return program;
  }

  #collect(program: Program, vector: BoundVector, wanted: ReadonlySet<string>): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    const forced = new Map([...vector.forced].map(([{ name }, tensor]) => [name, tensor] as const));
    const outputs = program.run(vector.feeds, {
      observe: (value, tensor) => {
        const instead = forced.get(value.name);
        const own = instead && inType(instead, value);
        if (wanted.has(value.name)) found.set(resultKey({ kind: 'tensor', name: value.name }), (own ?? tensor).copy());
        return own;
      },
    });
    for (const [name, tensor] of outputs) found.set(resultKey({ kind: 'output', name }), tensor);
    return found;
  }
}

const namesOf = ({ expected }: BoundVector): ReadonlySet<string> =>
  new Set(expected.filter(({ kind }) => kind !== 'output').map(({ name }) => name));

/** Integers as the model carries them: in a type of their own or in float32. */
function inType(tensor: Tensor, { type: { dtype } }: Value): Tensor {
  return tensor.dtype === dtype ? tensor : Tensor.float32(tensor.dims, tensor.toNumbers());
}
