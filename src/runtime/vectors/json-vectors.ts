import { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from '../formats/format-fault.js';
import { conventionalName } from './conventional-names.js';
import { VectorSets, type VectorRole, type Vectors } from './vector-set.js';

/** Arrays nest as deep as tensors have axes. */
const MOST_AXES = 16;

const WORDS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** Keys of a set that hold arrays by name, and what those are. */
const GROUPS: ReadonlyMap<string, VectorRole> = new Map([
  ['inputs', 'input'],
  ['outputs', 'output'],
  ['tensors', 'tensor'],
]);
/** Keys of a set that hold one array, or else the file is refused. */
const SINGLE = ['model_test_input', 'input_q', 'golden_output', 'input', 'output', 'golden'];

/**
 * Reads `{sets: [{model_test_input | input_q, golden_output, tensors?: {name: …}}]}`; `inputs` and `outputs` hold arrays by
 * name where there are several (spec 4.4). Arrays under other keys are what those say, by convention or as names of the
 * model; what else stands there is passed over. Arrays are flat or nested; NaN and infinities are written as strings.
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
    const add = (name: string, role: VectorRole | undefined, value: unknown, incidental: boolean): void => {
      if (value === null || (incidental && !isList(value))) return;
      sets.add({ name, role, incidental, tensor: tensorOf(value, `'${name}' of set ${i}`, source) });
    };
    for (const [key, value] of entries) {
      const inner = SINGLE.includes(key) ? [] : entriesOf(value);
      const group = GROUPS.get(key);
      for (const [name, own] of inner) add(name, group ?? 'tensor', own, group === undefined);
      if (inner.length > 0) continue;
      const conventional = SINGLE.includes(key) || (conventionalName(key) !== undefined && isList(value));
      add(key, undefined, value, !conventional);
    }
  }
  return { sets: sets.sets, sequences: [] };
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

/** Whether a value is a list of numbers, or of lists, as far as its first element tells. */
function isList(value: unknown): boolean {
  let first = value;
  while (Array.isArray(first)) first = (first as unknown[])[0];
  return Array.isArray(value) && (typeof first === 'number' || WORDS.has(first));
}

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
