import type { VectorRole } from './vector-set.js';

/** What a name says by convention that is none of the model's. */
export interface ConventionalName {
  readonly role: Exclude<VectorRole, 'tensor'>;
  /** The number at its end. */
  readonly index: number | undefined;
}

const INPUT = new Set(['input', 'inputs', 'x']);
const OUTPUT = new Set(['output', 'outputs']);
/** What is said of outputs, which may be left out then, and of inputs that belong to them. */
const GOLDEN = new Set(['golden', 'goldens', 'expected', 'reference', 'ref', 'result', 'results']);
const NEUTRAL = new Set(
  'test model net network nn ai npu device board hw target data buf buffer array arr vec vector vectors values g k the'.split(
    ' ',
  ),
);
const INTEGER = new Set(['q', 'quant', 'quantized', 'quantised', 'int', 'int8', 'uint8', 'i8', 'u8', 's8']);
/** Outputs that are called so are those of a float model. */
const FLOAT = new Set(['float', 'float32', 'f32', 'fp32']);

/**
 * What an array is by a name such as test benches give (`model_test_input`, `g_input_data`, `input_q`, `goldenOutput`,
 * `expected_output_1`): one that holds a word for it and no word that says anything else. Undefined for all others.
 */
export function conventionalName(name: string): ConventionalName | undefined {
  const words = wordsOf(name);
  const last = /^([a-z]*?)(\d{1,9})$/.exec(words.at(-1) ?? '');
  const numbered = last !== null && !INTEGER.has(last[0]) && !FLOAT.has(last[0]);
  if (numbered) words.splice(-1, 1, ...(last[1] === '' || last[1] === undefined ? [] : [last[1]]));
  const index = numbered ? Number(last[2]) : undefined;
  const has = (set: ReadonlySet<string>): boolean => words.some((word) => set.has(word));
  const only = (...sets: readonly ReadonlySet<string>[]): boolean =>
    words.every((word) => word === 'tensor' || sets.some((set) => set.has(word)));
  if (has(INPUT)) {
    if (!only(INPUT, GOLDEN, NEUTRAL, INTEGER, FLOAT)) return undefined;
    return { role: has(INTEGER) ? 'input-q' : 'input', index };
  }
  const told = has(OUTPUT) || (has(GOLDEN) && !words.includes('tensor'));
  return told && only(OUTPUT, GOLDEN, NEUTRAL, INTEGER) ? { role: 'output', index } : undefined;
}

/** Lower-case words between whatever is no letter or digit, and where a capital begins one. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
