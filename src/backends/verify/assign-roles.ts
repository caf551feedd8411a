import type { Graph } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import { conventionalName } from '../../runtime/vectors/conventional-names.js';
import type { VectorArray, VectorSet } from '../../runtime/vectors/vector-set.js';
import { ModelNames, type NamedGraphs } from './model-names.js';

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
  /** Arrays whose names say nothing. */
  readonly unknown: readonly VectorArray[];
  /** Two arrays that stand for the same and hold other numbers. */
  readonly contradiction: readonly [string, string] | undefined;
}

/**
 * Assigns arrays to what they are: by their number where the file counts them, then by the names of inputs, outputs and
 * tensors, then by conventional names, then by names of tensors as files and programs can bear them; at last without a number
 * that stands in front (`03_conv1_clip`).
 */
export function assignRoles(model: NamedGraphs, { arrays }: VectorSet): AssignedArrays {
  const roles = new Roles(model);
  let rest = arrays;
  for (const assign of [roles.byNumber, roles.byName, roles.byConvention, roles.byFileName, roles.byBareName]) {
    rest = rest.filter((array) => !assign(array));
  }
  const { inputs, integers, outputs, tensors, contradiction } = roles;
  return { inputs, integers, outputs, tensors, unknown: rest, contradiction };
}

/** A number, or a layer's, in front of a name. */
const NUMBER_IN_FRONT = /^(?:layer|tensor|node|op)?[._-]?\d+[._-]+(?=.)/i;

/** Each way of assigning tells whether it found a place. */
class Roles {
  readonly inputs = new Map<number, VectorArray>();
  readonly integers = new Map<number, VectorArray>();
  readonly outputs = new Map<string, VectorArray>();
  readonly tensors = new Map<string, VectorArray>();
  contradiction: readonly [string, string] | undefined;
  readonly #graph: Graph;
  readonly #names: ModelNames;

  constructor(model: NamedGraphs) {
    this.#graph = model.graph;
    this.#names = new ModelNames(model);
  }

  readonly byNumber = (array: VectorArray): boolean => {
    const { role, index } = array;
    return index !== undefined && this.#place(role === undefined || role === 'tensor' ? 'output' : role, index, array);
  };

  readonly byName = (array: VectorArray): boolean => this.#named(array.name, array);

  readonly byConvention = (array: VectorArray): boolean => this.#conventional(array.name, array);

  readonly byFileName = (array: VectorArray): boolean => this.#meant(array.name, array);

  readonly byBareName = (array: VectorArray): boolean => {
    const name = array.name.replace(NUMBER_IN_FRONT, '');
    return (
      name !== array.name && (this.#named(name, array) || this.#conventional(name, array) || this.#meant(name, array))
    );
  };

  #named(name: string, array: VectorArray): boolean {
    const { role, index } = array;
    if (index !== undefined) return false;
    const input = this.#graph.inputs.findIndex((value) => value.name === name);
    const may = (wanted: VectorArray['role']): boolean => role === undefined || role === wanted;
    if (input >= 0 && may('input')) return this.#put(this.inputs, input, array);
    if (input >= 0 && role === 'input-q') return this.#put(this.integers, input, array);
    if (may('output') && this.#graph.outputs.some((output) => output.name === name)) {
      return this.#put(this.outputs, name, array);
    }
    return may('tensor') && this.#names.has(name) && this.#put(this.tensors, name, array);
  }

  #conventional(name: string, array: VectorArray): boolean {
    const found = array.role === undefined && array.index === undefined ? conventionalName(name) : undefined;
    return found !== undefined && this.#place(found.role, found.index ?? 0, array);
  }

  #meant(name: string, array: VectorArray): boolean {
    if ((array.role !== undefined && array.role !== 'tensor') || array.index !== undefined) return false;
    const meant = this.#names.meantBy(name);
    return meant !== undefined && this.#named(meant, array);
  }

  #place(role: 'input' | 'input-q' | 'output', index: number, array: VectorArray): boolean {
    const { inputs, outputs } = this.#graph;
    const output = outputs[index];
    if (role === 'output') return output !== undefined && this.#put(this.outputs, output.name, array);
    if (inputs[index] === undefined) return false;
    return role === 'input' ? this.#put(this.inputs, index, array) : this.#put(this.integers, index, array);
  }

  /** The first that comes has the place; another must hold the same. */
  #put<K>(map: Map<K, VectorArray>, key: K, array: VectorArray): boolean {
    const other = map.get(key);
    if (other === undefined) map.set(key, array);
    else if (!sameNumbers(other.tensor, array.tensor)) this.contradiction ??= [other.name, array.name];
    return true;
  }
}

function sameNumbers(a: Tensor, b: Tensor): boolean {
  if (a.size !== b.size) return false;
  const [x, y] = [a.toNumbers(), b.toNumbers()];
  return x.every((value, i) => Object.is(value, y[i]));
}
