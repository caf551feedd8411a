import { valuesOf, type Graph } from '../../ir/graph.js';
import type { VectorArray, VectorSet } from '../../runtime/vectors/vector-set.js';

/** The arrays of a set by what they are to a model. */
export interface AssignedArrays {
  /** By index of the input. */
  readonly inputs: ReadonlyMap<number, VectorArray>;
  /** The integers of an input, by its index. */
  readonly integers: ReadonlyMap<number, VectorArray>;
  /** By name of the output. */
  readonly outputs: ReadonlyMap<string, VectorArray>;
  /** By name of the tensor. */
  readonly tensors: ReadonlyMap<string, VectorArray>;
  /** Names that say nothing. */
  readonly unknown: readonly string[];
}

/** Graphs whose tensors an array may be named after: what runs, and the model as it is written. */
export interface NamedGraphs {
  readonly graph: Graph;
  readonly source: Graph;
}

/**
 * Assigns arrays to what they are: by their number where the file counts them, then by the names of inputs, outputs and
 * tensors, then by the conventional names of spec 4.4, at last by names of tensors as a file can bear them
 * (`/conv1/Conv_output_0` as `conv1_Conv_output_0`). No place is taken twice.
 */
export function assignRoles(model: NamedGraphs, { arrays }: VectorSet): AssignedArrays {
  const roles = new Roles(model);
  let rest = arrays;
  for (const assign of [roles.byNumber, roles.byName, roles.byConvention, roles.byFileName]) {
    rest = rest.filter((array) => !assign(array));
  }
  const { inputs, integers, outputs, tensors } = roles;
  return { inputs, integers, outputs, tensors, unknown: rest.map(({ name }) => name) };
}

const INTEGERS = /^(?:inputs?|model_test_input)_q(?:_(\d+))?$/i;
const INPUT = /^(?:inputs?|model_test_input)(?:_(\d+))?$/i;
const OUTPUT = /^(?:outputs?|goldens?|golden_outputs?|expected)(?:_(\d+))?$/i;

/** Each way of assigning tells whether it found a place. */
class Roles {
  readonly inputs = new Map<number, VectorArray>();
  readonly integers = new Map<number, VectorArray>();
  readonly outputs = new Map<string, VectorArray>();
  readonly tensors = new Map<string, VectorArray>();
  readonly #graph: Graph;
  readonly #names: ReadonlySet<string>;
  /** Names as a file bears them; undefined for those that several tensors share. */
  #fileNames: ReadonlyMap<string, string | undefined> | undefined;

  constructor({ graph, source }: NamedGraphs) {
    this.#graph = graph;
    const values = [...valuesOf(graph), ...valuesOf(source)].filter(({ constant }) => constant === undefined);
    this.#names = new Set(values.map(({ name }) => name).filter((name) => name !== ''));
  }

  readonly byNumber = (array: VectorArray): boolean => {
    const { role, index } = array;
    if (index === undefined) return false;
    return role === 'input' ? this.#input(index, array) : this.#output(this.#graph.outputs[index]?.name, array);
  };

  readonly byName = (array: VectorArray): boolean => {
    const { name, role, index } = array;
    if (index !== undefined) return false;
    const input = this.#graph.inputs.findIndex((value) => value.name === name);
    const may = (wanted: VectorArray['role']): boolean => role === undefined || role === wanted;
    if (input >= 0 && may('input')) return this.#input(input, array);
    if (input >= 0 && role === 'input-q') return this.#integer(input, array);
    if (may('output') && this.#graph.outputs.some((output) => output.name === name)) return this.#output(name, array);
    return may('tensor') && this.#names.has(name) && put(this.tensors, name, array);
  };

  readonly byConvention = (array: VectorArray): boolean => {
    const { name, role } = array;
    const index = (pattern: RegExp): number => {
      const match = role === undefined ? pattern.exec(name) : null;
      return match === null ? -1 : Number(match[1] ?? 0);
    };
    return (
      this.#integer(index(INTEGERS), array) ||
      this.#input(index(INPUT), array) ||
      this.#output(this.#graph.outputs[index(OUTPUT)]?.name, array)
    );
  };

  readonly byFileName = (array: VectorArray): boolean => {
    const { role, index } = array;
    if ((role !== undefined && role !== 'tensor') || index !== undefined) return false;
    this.#fileNames ??= fileNamesOf(new Set([...this.#names, ...this.#graph.outputs.map((output) => output.name)]));
    const name = this.#fileNames.get(asFileName(array.name));
    if (name === undefined) return false;
    return this.byName({ ...array, name });
  };

  #input(index: number, array: VectorArray): boolean {
    return this.#graph.inputs[index] !== undefined && put(this.inputs, index, array);
  }

  #integer(index: number, array: VectorArray): boolean {
    return this.#graph.inputs[index] !== undefined && put(this.integers, index, array);
  }

  #output(name: string | undefined, array: VectorArray): boolean {
    return name !== undefined && put(this.outputs, name, array);
  }
}

function put<K>(map: Map<K, VectorArray>, key: K, array: VectorArray): boolean {
  if (map.has(key)) return false;
  map.set(key, array);
  return true;
}

/** What is left of a name in which only letters, digits, points and hyphens are kept, and runs of others are one underscore. */
const asFileName = (name: string): string => name.replace(/[^A-Za-z0-9.-]+/g, '_').replace(/^_|_$/g, '');

function fileNamesOf(names: ReadonlySet<string>): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (const name of names) {
    const key = asFileName(name);
    found.set(key, found.has(key) ? undefined : name);
  }
  return found;
}
