import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importModel } from '../../src/ir/onnx/import.js';
import { readVectors } from '../../src/runtime/vectors/read-vectors.js';
import { Folder } from '../support/cli.js';
import { fuzzCorpus, type Seedling } from './corpus.js';
import { faultOf, mutant, runFuzzCase } from './run-case.js';

// scripts/fuzz.mjs runs as many as one likes, each within bounds of time and memory.
const FILES = 3000;
/** So many of them are given to the command line, the others to the readers. */
const COMMANDS = 600;

let folder: Folder;
let corpus: readonly Seedling[];
beforeAll(async () => {
  folder = new Folder();
  corpus = await fuzzCorpus();
});
afterAll(() => folder.remove());

describe('a mutated file', () => {
  it(`is taken or refused with a sentence by the command line: ${COMMANDS} models and vectors`, async () => {
    const statuses = new Set<number>();
    for (let seed = 0; seed < COMMANDS; seed++) {
      const outcome = await runFuzzCase(corpus, folder, seed);
      statuses.add(outcome.answer.status);
      expect({ seed, of: outcome.of, fault: faultOf(outcome) }).toEqual({ seed, of: outcome.of, fault: undefined });
    }
    expect([...statuses].sort()).toEqual([0, 1, 2]);
  }, 120_000);

  it(`is read or refused: ${FILES - COMMANDS} models and vectors`, () => {
    const counts = { read: 0, refused: 0 };
    for (let seed = COMMANDS; seed < FILES; seed++) {
      const { of, bytes } = mutant(corpus, seed);
      try {
        if (of.kind === 'model') importModel(bytes);
        else readVectors([{ name: of.name, bytes }], { dtypes: new Map([['', 'float32']]) });
        counts.read++;
      } catch (error) {
        expect({ seed, of: of.name, error }).toMatchObject({ error: { name: 'UserError' } });
        counts.refused++;
      }
    }
    expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(100);
  }, 120_000);

  it('that ends in a defect is told', () => {
    const outcome = { of: 'a', argv: [], answer: { status: 70, stdout: '', stderr: 'defect' } };
    expect(faultOf(outcome)).toBe('status 70: defect');
    expect(faultOf({ ...outcome, answer: { status: 2, stdout: '', stderr: '' } })).toBe(
      'it is refused without a sentence',
    );
  });
});
