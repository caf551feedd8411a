import { decodeModelMessage, encodeModelMessage } from '../../src/ir/onnx/proto.js';
import { quantc, type Answer, type Folder } from '../support/cli.js';
import { Draw } from '../support/random-model-draft.js';
import type { Seedling } from './corpus.js';
import { mutateBytes } from './mutate-bytes.js';
import { mutateMessage } from './mutate-message.js';
import { mutateText } from './mutate-text.js';

/** What the command line said of one mutated file. */
export interface FuzzOutcome {
  /** Name of the file that was mutated. */
  readonly of: string;
  readonly argv: readonly string[];
  readonly answer: Answer;
}

/** Mutates the file that the seed picks; the same for the same seed. */
export function mutant(
  corpus: readonly Seedling[],
  seed: number,
): { readonly of: Seedling; readonly bytes: Uint8Array } {
  const draw = new Draw(seed);
  const of = draw.pick(corpus);
  if (of.isText && draw.chance(0.7)) {
    return { of, bytes: new TextEncoder().encode(mutateText(new TextDecoder().decode(of.bytes), draw)) };
  }
  if (of.kind === 'model' && draw.chance(0.8)) {
    const message = decodeModelMessage(of.bytes);
    mutateMessage(message, draw);
    const bytes = encoded(message);
    if (bytes !== undefined) return { of, bytes };
  }
  return { of, bytes: mutateBytes(of.bytes, draw) };
}

/** Undefined for a message that the encoder cannot write. */
function encoded(message: ReturnType<typeof decodeModelMessage>): Uint8Array | undefined {
  try {
    return encodeModelMessage(message);
  } catch {
    return undefined;
  }
}

/** Runs the command line on the mutated file of a seed, in a folder that is written over. */
export async function runFuzzCase(corpus: readonly Seedling[], folder: Folder, seed: number): Promise<FuzzOutcome> {
  const { of, bytes } = mutant(corpus, seed);
  folder.write(of.name, bytes);
  const argv = argumentsFor(of, folder, seed);
  return { of: of.name, argv, answer: await quantc(argv, { cwd: folder.path }) };
}

function argumentsFor(
  { kind, name, model, options = [], beside }: Seedling,
  folder: Folder,
  seed: number,
): readonly string[] {
  if (kind === 'vectors') {
    folder.write('model.onnx', model ?? new Uint8Array(0));
    if (beside !== undefined) folder.write(beside.name, beside.bytes);
    const more = beside === undefined ? [] : ['--vectors', beside.name];
    return ['verify', 'model.onnx', '--vectors', name, ...more, ...options, '--json'];
  }
  if (seed % 2 === 0) return ['inspect', name, '-t', 'f28p55', '--json'];
  folder.write('any.json', '{"sets": [{"input": [0], "model_test_input": [0], "golden_output": [0]}]}');
  return ['verify', name, '--vectors', 'any.json', '--json'];
}

/** What is wrong with an outcome; undefined when it is as it should be. */
export function faultOf({ answer: { status, stdout, stderr } }: FuzzOutcome): string | undefined {
  if (![0, 1, 2].includes(status)) return `status ${status}: ${stderr.slice(0, 2000)}`;
  if (status === 2 && !/error: \S/.test(stderr)) return 'it is refused without a sentence';
  if (status === 2 && stdout !== '') return 'it is refused but prints a result';
  return undefined;
}
