import { basename, extname, resolve } from 'node:path';
import { strToU8 } from 'fflate';
import { openModel, type OpenedModel } from '../../backends/run.js';
import { inputSequencesOf, recordVectors, type RecordedVectors } from '../../backends/verify/record-vectors.js';
import { writeCVectors, writeSequenceHeader } from '../../runtime/vectors/write-c.js';
import { writeJsonVectors } from '../../runtime/vectors/write-json.js';
import { writeNpzVectors } from '../../runtime/vectors/write-npz.js';
import type { Console } from '../console.js';
import { mistake, refuseAll } from '../faults.js';
import type { VectorsFlags } from '../invocation.js';
import type { CliIo } from '../io.js';
import { findModel, readModel, settleModel } from '../model-source.js';
import { OutputFiles } from '../output-files.js';
import { Progress } from '../progress.js';
import { summariseVectors, vectorsReport } from '../report/vectors-report.js';
import { assignPaths, openInputs } from '../run-inputs.js';
import { Settings } from '../settings.js';
import { quantity } from '../text/format.js';
import { writeFiles, type OutputFile } from '../write-files.js';

const FORMATS = ['c', 'npz', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** `quantc vectors <quantised.onnx> --data x.npy -o out`: writes golden vectors that `verify` reads (spec 4.4). */
export async function vectorsCommand(
  operands: readonly string[],
  flags: VectorsFlags,
  io: CliIo,
  console: Console,
): Promise<number> {
  const start = io.now();
  const settings = new Settings();
  const found = await findModel(settings.model('vectors', operands), io);
  const count = settings.count('--count', flags.count);
  const format = settings.choice('--format', flags.format, FORMATS) ?? formatOf(flags, settings);
  const file = settleModel(found, settings);

  const { bytes, resolveExternal } = await readModel(file, io);
  const model = openModel(bytes, { file: file.name, resolveExternal });
  console.remark(model.diagnostics);
  const paths = assignPaths(flags.data, model.graph.inputs, settings, '--data');
  const files = new OutputFiles(io, settings);
  for (const { name, path } of [file, ...paths]) await files.addInput({ name, path: resolve(io.cwd, path) });
  const stem = basename(file.name, extname(file.name));
  const out = await files.place('-o', flags.out, format === 'c' ? 'test_vector.c' : `${stem}.vectors.${format}`);
  const sequences = format === 'c' ? inputSequencesOf(model).filter((sequence) => sequence !== undefined) : [];
  const header =
    sequences.length === 0
      ? undefined
      : await files.place('the header beside -o', headerName(out.name), headerName(out.name));
  refuseAll(settings.problems);

  const samples = await openInputs(paths, model.graph.inputs, io, (diagnostic) => console.remark([diagnostic]));
  const progress = new Progress(io, console);
  let recorded: RecordedVectors;
  try {
    recorded = await recordVectors(model, samples, {
      count,
      intermediates: flags.intermediates,
      progress: (done) => progress.show('vectors', done, samples.count),
    });
  } finally {
    progress.stop();
  }
  const { seen, covered } = recorded.saturations;
  if (covered < seen) {
    const chosen = recorded.vectors.length;
    const message = `${quantity(chosen, 'vector')} show${chosen === 1 ? 's' : ''} ${covered} of ${seen} saturated channels and bounds`;
    console.remark([{ ...mistake('saturations', message, 'a larger --count shows more'), severity: 'warning' }]);
  }
  const written: readonly OutputFile[] = [
    { ...out, bytes: encode(recorded, format ?? 'json') },
    ...(header === undefined ? [] : [{ ...header, bytes: strToU8(sequences.map(writeSequenceHeader).join('\n')) }]),
  ];
  await writeFiles(written, io);
  const summary = summariseVectors(
    file.name,
    recorded,
    written.map(({ name }) => name),
    (io.now() - start) / 1000,
  );
  console.json(summary);
  console.print(vectorsReport(summary, console));
  return tellKind(model, console);
}

/** Vectors of floats are none of the NPU's; they are written all the same. */
function tellKind({ kind }: OpenedModel, console: Console): number {
  if (kind === 'float') {
    const message = 'the model computes in floats: other engines may differ from these vectors in the last digits';
    console.remark([{ ...mistake('float-model', message), severity: 'warning' }]);
  }
  return 0;
}

function formatOf({ format, out }: VectorsFlags, settings: Settings): Format | undefined {
  if (out === undefined) settings.refuse('no file to write is given', 'add -o <file>');
  if (out === undefined || format !== undefined) return undefined;
  const extension = extname(out).slice(1).toLowerCase();
  const found = FORMATS.find((name) => name === extension);
  if (found === undefined)
    settings.refuse(`'${out}' does not tell the format of the vectors`, 'add --format c, npz or json');
  return found;
}

const headerName = (name: string): string => `${name.slice(0, name.length - extname(name).length)}_input_sequence.h`;

function encode({ vectors }: RecordedVectors, format: Format): Uint8Array {
  if (format === 'c') return strToU8(writeCVectors(vectors));
  return format === 'npz' ? writeNpzVectors(vectors) : writeJsonVectors(vectors);
}
