import { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from '../formats/format-fault.js';
import { VectorSets, type VectorRole, type Vectors } from './vector-set.js';

/** Arrays nest as deep as tensors have axes. */
const MOST_AXES = 16;

const WORDS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Keys of a set that hold arrays by name, and what those are. */
const GROUPS: readonly (readonly [key: string, role: VectorRole])[] = [
  ['inputs', 'input'],
  ['outputs', 'output'],
  ['tensors', 'tensor'],
];
/** Keys of a set that hold one array; what they say is told by their names. */
const SINGLE = ['model_test_input', 'input_q', 'golden_output', 'input', 'output', 'golden'];

/**
 * Reads `{sets: [{model_test_input | input_q, golden_output, tensors?: {name: …}}]}`; `inputs` and `outputs` hold arrays by
 * name where there are several (spec 4.4), `input`, `output` and `golden` are read too. Arrays are flat or nested; NaN and infinities are written as strings.
 * @throws UserError `invalid-json-vectors`
 */
export function readJsonVectors(text: string, source: SourceName = {}): Vectors {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is no JSON (${error instanceof Error ? error.message : String(error)})`, source);
  }
  const list = new Map(entriesOf(document)).get('sets');
  if (!Array.isArray(list)) throw invalid("it has no list 'sets'", source);
  const sets = new VectorSets();
  for (const [i, item] of (list as unknown[]).entries()) {
    const entries = entriesOf(item);
    if (entries.length === 0) throw invalid(`set ${i} holds nothing by name`, source);
    const members = new Map(entries);
    const label = members.get('set');
    sets.begin(`set ${typeof label === 'number' || typeof label === 'string' ? label : i}`);
    const add = (name: string, role: VectorRole | undefined, value: unknown): void =>
      sets.add({ name, role, tensor: tensorOf(value, `'${name}' of set ${i}`, source) });
    for (const name of SINGLE) {
      const value = members.get(name);
      if (value !== undefined && value !== null) add(name, undefined, value);
    }
    for (const [key, role] of GROUPS) for (const [name, value] of entriesOf(members.get(key))) add(name, role, value);
  }
  return { sets: sets.sets, sequences: [] };
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

/** Numbers of nested lists of equal lengths. */
function tensorOf(value: unknown, what: string, source: SourceName): Tensor<'float64'> {
  const dims: number[] = [];
  let level: unknown[] = [value];
  while (level.some(Array.isArray)) {
    const length = (level[0] as unknown[]).length;
    if (dims.length === MOST_AXES || !level.every((item) => Array.isArray(item) && item.length === length)) {
      throw invalid(`${what} is a list of uneven lists, accepted: numbers, or lists of the same length`, source);
    }
    dims.push(length);
    level = level.flat();
    if (length === 0) break;
  }
  const values = level.map((item, i) => {
    const number = typeof item === 'number' ? item : WORDS.get(item);
    if (number !== undefined && dims.length > 0) return number;
    throw invalid(`element ${i} of ${what} is no number of a list`, source);
  });
  return new Tensor('float64', dims, Float64Array.from(values));
}

function invalid(what: string, source: SourceName): Error {
  return formatFault(
    'invalid-json-vectors',
    `the JSON file of vectors cannot be read: ${what}`,
    source,
    '{"sets": [{"model_test_input": […], "golden_output": […]}]} is accepted',
  );
}
