import type { SourceName } from '../formats/format-fault.js';
import { readCArrays } from './c-arrays.js';
import { conventionalName } from './conventional-names.js';
import { isSequencePart, readInputSequences } from './input-sequence.js';
import { VectorSets, type VectorRole, type Vectors } from './vector-set.js';

const TENSOR = /^golden_tensor(?:_\d+)?$/;
const SET = /^\s*SET\s+(\S+)/i;
const NAME = /^\s*(INPUT|INPUT-Q|OUTPUT|TENSOR)\s+(".*")\s*$/;

/**
 * Reads a test_vector.c: `model_test_input` and `golden_output`, sets begun by `// SET k`, also those within block comments,
 * and the input sequence of a generated header (spec 4.4). `// TENSOR "name"` in front of an array says what it holds, as
 * `writeCVectors` does.
 * @throws UserError `invalid-c`, `invalid-header`
 */
export function readCVectors(text: string, source: SourceName = {}): Vectors {
  const wanted = (name: string, comments: readonly string[]): boolean =>
    isConventional(name) || isSequencePart(name) || comments.some((comment) => NAME.test(comment));
  const arrays = readCArrays(text, { ...source, wanted });
  const sets = new VectorSets();
  for (const { name, tensor, comments } of arrays) {
    for (const comment of comments) {
      const [, label] = SET.exec(comment) ?? [];
      if (label !== undefined) sets.begin(`set ${label}`);
    }
    const named = comments.flatMap((comment) => namedBy(comment) ?? []).at(-1);
    if (named !== undefined) sets.add({ ...named, tensor });
    else if (!isSequencePart(name)) sets.add({ name, role: undefined, tensor, incidental: !isConventional(name) });
  }
  return { sets: sets.sets, sequences: readInputSequences(arrays, source) };
}

const isConventional = (name: string): boolean => conventionalName(name) !== undefined || TENSOR.test(name);

function namedBy(comment: string): { readonly name: string; readonly role: VectorRole } | undefined {
  const [, role, quoted] = NAME.exec(comment) ?? [];
  if (role === undefined || quoted === undefined) return undefined;
  try {
    return { name: String(JSON.parse(quoted)), role: role.toLowerCase() as VectorRole };
  } catch {
    return undefined;
  }
}
