import type { Graph, Value } from '../../ir/graph.js';
import type { Shape } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { InputSequence } from '../../runtime/vectors/input-sequence.js';
import type { VectorSet } from '../../runtime/vectors/vector-set.js';
import type { AssignedArrays } from './assign-roles.js';
import { bindInput, type BoundInput, type BoundInputRun } from './bind-input.js';
import type { BindOptions } from './bind-vectors.js';
import type { BoundVector } from './bound-vector.js';
import { vectorFault } from './vector-fault.js';

export interface BoundInputs {
  readonly runs: readonly Omit<BoundVector, 'label'>[];
  /** The dims of a value in one run; undefined where they depend on more than the sizes of inputs. */
  readonly resolve: (value: Value) => readonly number[] | undefined;
}

/**
 * The runs that a set holds by its inputs; a model without inputs runs once.
 * @param sequences input sequences of generated headers, in the order of the inputs
 * @throws UserError as `bindInput`, and `vector-size` when inputs have different numbers of vectors
 */
export function bindInputs(
  graph: Graph,
  { label }: VectorSet,
  { inputs, integers }: AssignedArrays,
  sequences: readonly InputSequence[],
  options: BindOptions,
): BoundInputs {
  const bound = graph.inputs.map((input, i) =>
    bindInput({
      graph,
      input,
      label,
      floats: inputs.get(i),
      integers: integers.get(i),
      sequence: sequences[i],
      options,
    }),
  );
  const count = bound[0]?.runs.length ?? 1;
  const odd = bound.find(({ runs }) => runs.length !== count);
  if (odd !== undefined) {
    const message = `${label}: '${odd.input.name}' has ${odd.runs.length} vectors, other inputs ${count}`;
    throw vectorFault('vector-size', message);
  }
  const sizes = symbolicSizes(bound);
  return {
    runs: Array.from({ length: count }, (_, i) => runOf(bound, i)),
    resolve: ({ type }) => resolved(type.shape, sizes),
  };
}

function runOf(bound: readonly BoundInput[], i: number): Omit<BoundVector, 'label'> {
  const own = bound.flatMap(({ input, runs }) => (runs[i] === undefined ? [] : [{ name: input.name, run: runs[i] }]));
  const feedsOf = (of: (run: BoundInputRun) => Tensor): Map<string, Tensor> =>
    new Map(own.map(({ name, run }) => [name, of(run)]));
  return {
    feeds: feedsOf(({ feed }) => feed),
    truncatedFeeds: own.some(({ run }) => run.truncated !== undefined)
      ? feedsOf(({ feed, truncated }) => truncated ?? feed)
      : undefined,
    forced: new Map(own.flatMap(({ run }) => (run.forced === undefined ? [] : [run.forced]))),
    expected: own.flatMap(({ run }) => run.expected),
  };
}

function symbolicSizes(bound: readonly BoundInput[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { input, runs } of bound) {
    for (const [axis, dim] of input.type.shape.entries()) {
      const size = runs[0]?.feed.dims[axis];
      if (typeof dim === 'string' && size !== undefined) sizes.set(dim, size);
    }
  }
  return sizes;
}

function resolved(shape: Shape, sizes: ReadonlyMap<string, number>): number[] | undefined {
  const dims = shape.map((dim) => (typeof dim === 'number' ? dim : sizes.get(dim)));
  return dims.every((dim) => dim !== undefined) ? dims : undefined;
}
