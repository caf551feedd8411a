import { Folder } from '../support/cli.js';
import { fuzzCorpus } from './corpus.js';
import { faultOf, runFuzzCase } from './run-case.js';

/**
 * The process that scripts/fuzz.mjs watches: cases from one seed to another, each told before and after.
 * Arguments: the first seed, the one behind the last, and what models or vectors only are wanted.
 */
const [first = 0, end = 0] = process.argv.slice(2, 4).map(Number);
const kind = process.argv[4];
const corpus = (await fuzzCorpus()).filter((seedling) => kind === undefined || seedling.kind === kind);
const folder = new Folder();
const tell = (message: object): void => {
  process.send?.(message);
};
process.on('exit', () => folder.remove());
for (let seed = first; seed < end; seed++) {
  tell({ begun: seed });
  try {
    const outcome = await runFuzzCase(corpus, folder, seed);
    tell({ done: seed, status: outcome.answer.status, of: outcome.of, fault: faultOf(outcome) });
  } catch (error) {
    tell({ done: seed, fault: error instanceof Error ? error.stack : String(error) });
  }
}
process.disconnect();
