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

const INTEGERS = /^(?:inputs?|model_test_input)_q(?:_(\d+))?$/i;
const INPUT = /^(?:inputs?|model_test_input)(?:_(\d+))?$/i;
const OUTPUT = /^(?:outputs?|goldens?|golden_outputs?|expected)(?:_(\d+))?$/i;

/** Graphs whose tensors an array may be named after: what runs, and the model as it is written. */
export interface NamedGraphs {
  readonly graph: Graph;
  readonly source: Graph;
}

/** Assigns arrays by the names of inputs, outputs and tensors first, then by the conventional names of spec 4.4. */
export function assignRoles({ graph, source }: NamedGraphs, { arrays }: VectorSet): AssignedArrays {
  const inputs = new Map<number, VectorArray>();
  const integers = new Map<number, VectorArray>();
  const outputs = new Map<string, VectorArray>();
  const tensors = new Map<string, VectorArray>();
  const unknown: string[] = [];
  const known = new Set<string>();
  for (const value of [...valuesOf(graph), ...valuesOf(source)])
    if (value.constant === undefined) known.add(value.name);
  const rest: VectorArray[] = [];
  for (const array of arrays) {
    const { name, role } = array;
    const input = graph.inputs.findIndex((value) => value.name === name);
    const may = (wanted: VectorArray['role']): boolean => role === undefined || role === wanted;
    if (input >= 0 && may('input')) inputs.set(input, array);
    else if (input >= 0 && role === 'input-q') integers.set(input, array);
    else if (may('output') && graph.outputs.some((output) => output.name === name)) outputs.set(name, array);
    else if (may('tensor') && known.has(name)) tensors.set(name, array);
    else rest.push(array);
  }
  for (const array of rest) {
    const { name, role } = array;
    const index = (pattern: RegExp): number => {
      const match = role === undefined ? pattern.exec(name) : null;
      return match === null ? -1 : Number(match[1] ?? 0);
    };
    const [integer, input, output] = [index(INTEGERS), index(INPUT), index(OUTPUT)];
    const outputName = graph.outputs[output]?.name;
    if (graph.inputs[integer] !== undefined && !integers.has(integer)) integers.set(integer, array);
    else if (graph.inputs[input] !== undefined && !inputs.has(input)) inputs.set(input, array);
    else if (outputName !== undefined && !outputs.has(outputName)) outputs.set(outputName, array);
    else unknown.push(name);
  }
  return { inputs, integers, outputs, tensors, unknown };
}
