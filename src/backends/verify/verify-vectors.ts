import { InternalError } from '../../ir/diagnostics.js';
import { valuesOf, type Value } from '../../ir/graph.js';
import { compareElements, type Comparison } from '../../runtime/comparison/compare-tensors.js';
import { patternsOf, type DifferencePattern } from '../../runtime/comparison/patterns.js';
import { prepare, type Program } from '../../runtime/executor.js';
import { Tensor } from '../../ir/tensor.js';
import { TINPU_KERNELS } from '../tinpu/dialect.js';
import type { NamedGraphs } from './assign-roles.js';
import type { BoundVector, ExpectedKind, ExpectedTensor } from './bound-vector.js';
import { copyOf, numbersIn } from './elements.js';
import { HYPOTHESES, type Hypothesis } from './hypotheses.js';

/** What is said of one tensor of a vector. */
export interface TensorVerdict extends Comparison {
  readonly name: string;
  readonly kind: ExpectedKind;
  readonly dims: readonly number[];
  readonly equal: boolean;
  /** What all its differences have in common. */
  readonly patterns: readonly DifferencePattern[];
}

/** A cause that was tried: with it, the model gives all that was expected. */
export interface Explanation {
  readonly cause: string;
  readonly text: string;
}

/** What is said of one vector. */
export interface VectorVerdict {
  readonly label: string;
  readonly equal: boolean;
  /** Intermediate tensors in the order in which the model computes them, then the outputs. */
  readonly tensors: readonly TensorVerdict[];
  /** The first tensor in that order that differs. */
  readonly diverges: string | undefined;
  readonly explanations: readonly Explanation[];
}

/** How strictly vectors are compared, and how many are explained. */
export interface VerifyOptions {
  /** Differences up to this are none; 0. */
  readonly tolerance?: number | undefined;
  /** How many vectors that differ are explained; 4. */
  readonly explained?: number | undefined;
  /** Called with the number of vectors done. */
  readonly progress?: ((vectors: number) => void) | undefined;
}

/** Runs a model on golden vectors and says of every tensor whether it is as expected (spec 4.4). */
export function verifyVectors(
  model: NamedGraphs,
  vectors: readonly BoundVector[],
  { tolerance = 0, explained = 4, progress }: VerifyOptions = {},
): readonly VectorVerdict[] {
  const runner = new Runner(model);
  let left = explained;
  return vectors.map((vector, i) => {
    const verdict = judge(vector, runner.run(vector), runner.order, tolerance);
    const explains = !verdict.equal && left-- > 0;
    progress?.(i + 1);
    return explains ? { ...verdict, explanations: explain(runner, model, vector, tolerance) } : verdict;
  });
}

/** Computed tensors by kind and name. */
type Results = ReadonlyMap<string, Tensor>;
const keyOf = ({ kind, name }: { readonly kind: ExpectedKind; readonly name: string }): string =>
  `${kind === 'output' ? 'output' : 'tensor'} ${name}`;

function judge(
  { label, expected }: BoundVector,
  results: Results,
  order: ReadonlyMap<string, number>,
  tolerance: number,
): VectorVerdict {
  const rank = ({ kind, name }: ExpectedTensor): number =>
    kind === 'output' ? Infinity : kind === 'input-sequence' ? -1 : (order.get(name) ?? Infinity);
  const sorted = expected.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  const tensors = sorted.map((item) => compare(item, results, tolerance));
  return {
    label,
    equal: tensors.every(({ equal }) => equal),
    tensors,
    diverges: tensors.find(({ equal }) => !equal)?.name,
    explanations: [],
  };
}

function compare(item: ExpectedTensor, results: Results, tolerance: number): TensorVerdict {
  const { name, kind, elements, given } = item;
  const computed = given === undefined ? results.get(keyOf(item)) : undefined;
  const got = given ?? (computed && numbersIn(computed));
  if (got === undefined) throw new InternalError(`'${name}' was not computed`);
  const dims = computed?.dims ?? [elements.length];
  const comparison = compareElements(elements, got, dims, tolerance);
  const equal = comparison.differing === 0;
  return { name, kind, dims, equal, patterns: equal ? [] : patternsOf(elements, got, dims), ...comparison };
}

/** The hypotheses under which every tensor of the vector is what was expected. */
function explain(runner: Runner, model: NamedGraphs, vector: BoundVector, tolerance: number): Explanation[] {
  const truncated = HYPOTHESES.filter(
    ({ cause }) => cause === 'input-truncation' && explainsInput(runner, vector, tolerance),
  );
  const tried = HYPOTHESES.filter((hypothesis) => {
    if (!hypothesis.applies(model.graph)) return false;
    const changed = underHypothesis(vector, hypothesis);
    return changed !== undefined && fits(changed, runner.run(changed, hypothesis), tolerance);
  });
  return [...new Set([...truncated, ...tried])].map(({ cause, text }) => ({ cause, text }));
}

/** Tensors that a hypothesis says nothing of are not asked. */
function fits({ expected }: BoundVector, results: Results, tolerance: number): boolean {
  const told = expected.filter((item) => item.given !== undefined || results.has(keyOf(item)));
  return told.length > 0 && told.every((item) => compare(item, results, tolerance).equal);
}

/** Whether the truncation of C code in a header's input sequence gives what was expected. */
function explainsInput(runner: Runner, vector: BoundVector, tolerance: number): boolean {
  const { truncatedFeeds, expected } = vector;
  if (truncatedFeeds === undefined && expected.every((item) => item.truncated === undefined)) return false;
  const changed: BoundVector = {
    ...vector,
    feeds: truncatedFeeds ?? vector.feeds,
    expected: expected.map((item) => (item.truncated === undefined ? item : { ...item, given: item.truncated })),
  };
  return fits(changed, runner.run(changed), tolerance);
}

function underHypothesis(vector: BoundVector, { input }: Hypothesis): BoundVector | undefined {
  if (input === undefined) return vector;
  const feeds = new Map<string, Tensor>();
  let changed = false;
  for (const [name, tensor] of vector.feeds) {
    const other = input(tensor);
    changed ||= other !== undefined;
    feeds.set(name, other ?? tensor);
  }
  return changed ? { ...vector, feeds } : undefined;
}

/** Integers as the model carries them: in a type of their own or in float32. */
function inType(tensor: Tensor, { type: { dtype } }: Value): Tensor {
  return tensor.dtype === dtype ? tensor : Tensor.float32(tensor.dims, tensor.toNumbers());
}

/** Runs the forms of a model for the tensors that are wanted of them. */
class Runner {
  /** Position of each tensor in the order of computation. */
  readonly order: ReadonlyMap<string, number>;
  readonly #model: NamedGraphs;
  readonly #own: ReadonlySet<string>;
  readonly #programs = new Map<unknown, Program>();

  constructor(model: NamedGraphs) {
    this.#model = model;
    this.#own = new Set([...valuesOf(model.graph)].map(({ name }) => name));
    const order = new Map<string, number>();
    for (const { name } of [...valuesOf(model.source), ...valuesOf(model.graph)]) {
      if (!order.has(name)) order.set(name, order.size);
    }
    this.order = order;
  }

  /** Tensors that only the model as it is written has are computed in it. */
  run(vector: BoundVector, hypothesis?: Hypothesis): Results {
    const results = new Map<string, Tensor>();
    const wanted = new Set(vector.expected.filter(({ kind }) => kind !== 'output').map(({ name }) => name));
    const foreign = new Set([...wanted].filter((name) => !this.#own.has(name)));
    if (hypothesis?.inFloats !== true) this.#collect(this.#program('graph', hypothesis), vector, wanted, results);
    if (hypothesis?.inFloats === true) this.#collect(this.#program('source', hypothesis), vector, wanted, results);
    else if (hypothesis === undefined && foreign.size > 0) {
      const inner = new Map<string, Tensor>();
      this.#collect(this.#program('source', undefined), vector, foreign, inner);
      for (const name of foreign) {
        const key = keyOf({ kind: 'tensor', name });
        const tensor = inner.get(key);
        if (tensor !== undefined) results.set(key, tensor);
      }
    }
    return results;
  }

  #program(form: 'graph' | 'source', hypothesis: Hypothesis | undefined): Program {
    const kernels = hypothesis?.kernels ?? TINPU_KERNELS;
    const key = form === 'source' ? form : kernels;
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const program = prepare(this.#model[form], kernels);
    this.#programs.set(key, program);
    return program;
  }

  #collect(program: Program, vector: BoundVector, wanted: ReadonlySet<string>, into: Map<string, Tensor>): void {
    const forced = new Map([...vector.forced].map(([{ name }, tensor]) => [name, tensor] as const));
    const outputs = program.run(vector.feeds, {
      observe: (value, tensor) => {
        const instead = forced.get(value.name);
        const own = instead && inType(instead, value);
        if (wanted.has(value.name)) into.set(keyOf({ kind: 'tensor', name: value.name }), copyOf(own ?? tensor));
        return own;
      },
    });
    for (const [name, tensor] of outputs) into.set(keyOf({ kind: 'output', name }), tensor);
  }
}
