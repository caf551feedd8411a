import type { Diagnostic } from '../../ir/diagnostics.js';
import { isFloat } from '../../ir/dtype.js';
import { valuesOf, type Graph, type Value } from '../../ir/graph.js';
import { formatShape, sizeOf } from '../../ir/shape.js';
import type { VectorArray, Vectors, VectorSet } from '../../runtime/vectors/vector-set.js';
import { assignRoles, type AssignedArrays } from './assign-roles.js';
import { bindInputs, type BoundInputs } from './bind-inputs.js';
import type { BoundVector, ExpectedKind, ExpectedTensor } from './bound-vector.js';
import { numbersIn, sliceOf } from './elements.js';
import type { NamedGraphs } from './model-names.js';
import { splitNumbered } from './split-numbered.js';
import { vectorFault } from './vector-fault.js';

/** What vectors do not tell themselves, and who is told what is unusual. */
export interface BindOptions {
  /** Whether the integers that an input sequence makes are signed; true unless the vectors say otherwise. */
  readonly signedInput?: boolean | undefined;
  /** Told what is left out or unusual. */
  readonly report?: ((diagnostic: Diagnostic) => void) | undefined;
}

/** How many names a message lists. */
const MOST_NAMES = 6;

/**
 * Golden vectors as runs of a model, and what each must give. A set whose arrays hold several vectors along axis 0 is as many
 * runs; arrays of results may hold fewer vectors than the inputs do. A set of nothing but arrays that stood there by chance is
 * none.
 * @throws UserError when inputs are missing, sizes do not fit, arrays contradict each other, or nothing is there to compare
 */
export function bindVectors(model: NamedGraphs, vectors: Vectors, options: BindOptions = {}): readonly BoundVector[] {
  const sets = vectors.sets.flatMap((set) => splitNumbered(model, set));
  const bound = sets.flatMap((set) => bindSet(model, set, vectors, options));
  if (bound.length === 0) throw vectorFault('no-vectors', 'the files hold no golden vectors', ACCEPTED);
  if (bound.every(({ expected }) => expected.length === 0)) {
    const message = `the vectors have nothing to compare: no array is named as an output or a tensor of the model`;
    throw vectorFault('no-vectors', message, outputsHint(model.graph));
  }
  reportIdle(bound, options);
  return bound;
}

const ACCEPTED = 'name the arrays as the model does, or input and output';
const outputsHint = ({ outputs }: Graph): string =>
  `the model's outputs are ${outputs.map(({ name }) => `'${name}'`).join(', ')}; output, golden and golden_output mean them too`;

/** Vectors of which only the input is there. */
function reportIdle(bound: readonly BoundVector[], { report }: BindOptions): void {
  const idle = bound.filter(({ expected }) => expected.length === 0);
  const [first] = idle;
  if (first === undefined) return;
  const message = `${idle.length} of ${bound.length} vectors have nothing to compare, the first of them '${first.label}'`;
  report?.({ code: 'idle-vector', severity: 'warning', message });
}

function bindSet(model: NamedGraphs, set: VectorSet, vectors: Vectors, options: BindOptions): BoundVector[] {
  const assigned = assignRoles(model, set);
  const { unknown, contradiction } = assigned;
  if (unknown.length === set.arrays.length && unknown.every(({ incidental }) => incidental === true)) return [];
  if (contradiction !== undefined) {
    const [one, other] = contradiction.map((name) => `'${name}'`);
    const message = `${set.label}: ${one} and ${other} stand for the same tensor of the model but hold other numbers`;
    throw vectorFault('vector-twice', message, 'leave out one of them; a name that comes again begins another set');
  }
  if (unknown.length > 0) {
    const names = unknown.map(({ name }) => name);
    options.report?.(unknownNames(set, names));
  }
  const inputs = bindInputs(model.graph, set, assigned, vectors.sequences, options);
  const stacks = stacksOf(model, set, assigned, inputs);
  return inputs.runs.map((run, i) => ({
    ...run,
    label: inputs.runs.length === 1 ? set.label : `${set.label}, vector ${i}`,
    expected: [
      ...run.expected,
      ...stacks.flatMap(({ name, kind, elements, integers, size }): ExpectedTensor[] =>
        i < elements.length / size ? [{ name, kind, elements: sliceOf(elements, i, size), integers }] : [],
      ),
    ],
  }));
}

function unknownNames({ label }: VectorSet, names: readonly string[]): Diagnostic {
  const listed = names.slice(0, MOST_NAMES).map((name) => `'${name}'`);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return {
    code: 'unknown-vector',
    severity: 'warning',
    message: `${label}: the model has no tensor named ${listed.join(', ')}${more}, which ${names.length === 1 ? 'is' : 'are'} not compared`,
  };
}

/** Results of one tensor for several runs, one after the other. */
interface Stack {
  readonly name: string;
  readonly kind: ExpectedKind;
  readonly elements: ArrayLike<number>;
  /** Whether they were stored as integers. */
  readonly integers: boolean;
  /** Elements of one run. */
  readonly size: number;
}

function stacksOf(model: NamedGraphs, set: VectorSet, assigned: AssignedArrays, inputs: BoundInputs): Stack[] {
  const values = new Map<string, Value>();
  for (const value of [...valuesOf(model.source), ...valuesOf(model.graph)]) values.set(value.name, value);
  const stack = (name: string, kind: ExpectedKind, array: VectorArray, value: Value | undefined): Stack => {
    const elements = numbersIn(array.tensor);
    const count = inputs.runs.length;
    const dims = value === undefined ? undefined : inputs.resolve(value);
    const size = dims === undefined ? elements.length / count : sizeOf(dims);
    const rows = elements.length / size;
    if (elements.length > 0 && Number.isInteger(size) && Number.isInteger(rows) && rows <= count) {
      return { name, kind, elements, integers: !isFloat(array.tensor.dtype), size };
    }
    const accepted =
      dims === undefined ? `a multiple of ${count}` : `${formatShape(dims)} for each of ${count} vectors`;
    const message = `${set.label}: '${array.name}' has ${elements.length} elements, accepted for '${name}': ${accepted}`;
    throw vectorFault('vector-size', message, 'these vectors may belong to another model');
  };
  return [
    ...[...assigned.tensors].map(([name, array]) => stack(name, 'tensor', array, values.get(name))),
    ...[...assigned.outputs].map(([name, array]) => {
      const output = model.graph.outputs.find((candidate) => candidate.name === name);
      return stack(name, 'output', array, output?.value);
    }),
  ];
}
