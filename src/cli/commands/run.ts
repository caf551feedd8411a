import { extname, resolve } from 'node:path';
import { openModel, runSamples, type OpenedModel, type SampleResults } from '../../backends/run.js';
import type { Tensor } from '../../ir/tensor.js';
import { encodeNpy } from '../../runtime/formats/npy.js';
import { encodeNpz } from '../../runtime/formats/npz.js';
import type { Console } from '../console.js';
import { refuseAll, withFile } from '../faults.js';
import type { RunFlags } from '../invocation.js';
import type { CliIo } from '../io.js';
import { findModel, readModel, settleModel } from '../model-source.js';
import { OutputFiles, type NamedPath } from '../output-files.js';
import { Progress } from '../progress.js';
import { runReport, summariseRun } from '../report/run-report.js';
import { tellGraph } from '../report/verbose.js';
import { assignPaths, openInputs, type InputPath } from '../run-inputs.js';
import { Settings } from '../settings.js';

/**
 * `quantc run <model.onnx> --input x.npy`: runs a float, quantised or QDQ model. Where the file holds integers of the NPU,
 * the reference interpreter runs those; both names of `--engine` mean it in this version.
 */
export async function runCommand(
  operands: readonly string[],
  flags: RunFlags,
  io: CliIo,
  console: Console,
): Promise<number> {
  const start = io.now();
  const settings = new Settings();
  const found = await findModel(settings.model('run', operands), io);
  settings.choice('--engine', flags.engine, ['reference', 'fast'] as const);
  const batchSize = settings.count('--batch', flags.batch);
  const file = settleModel(found, settings);

  const { bytes, resolveExternal } = await readModel(file, io);
  const model = openModel(bytes, { file: file.name, resolveExternal });
  console.remark(model.diagnostics);
  tellGraph(`graph that runs (${model.kind})`, model.graph, console);
  const inputs = assignPaths(flags.input, model.graph.inputs, settings);
  const files = new OutputFiles(io, settings);
  for (const { name, path } of [file, ...inputs]) await files.addInput({ name, path: resolve(io.cwd, path) });
  const out = await placeOutput(flags.out, model, files, settings);
  const intermediates = await placeIntermediates(flags.intermediates, files, settings);
  refuseAll(settings.problems);

  const results = await execute(model, inputs, { batchSize, intermediates: intermediates !== undefined }, io, console);
  if (out !== undefined) await write(out, results.outputs, io);
  if (intermediates !== undefined) await write(intermediates, results.intermediates, io);
  const summary = summariseRun(file.name, model.kind, results, (io.now() - start) / 1000);
  console.json(summary);
  console.print(
    runReport(
      summary,
      [out, intermediates].flatMap((place) => place?.name ?? []),
      console,
    ),
  );
  return 0;
}

async function execute(
  model: OpenedModel,
  paths: readonly InputPath[],
  options: { readonly batchSize: number | undefined; readonly intermediates: boolean },
  io: CliIo,
  console: Console,
): Promise<SampleResults> {
  const samples = await openInputs(paths, model.graph.inputs, io, (diagnostic) => console.remark([diagnostic]));
  const progress = new Progress(io, console);
  try {
    return await runSamples(model, samples, {
      ...options,
      progress: (done) => progress.show('run', done, samples.count),
    });
  } finally {
    progress.stop();
  }
}

async function placeOutput(
  wanted: string | undefined,
  { graph: { outputs } }: OpenedModel,
  files: OutputFiles,
  settings: Settings,
): Promise<NamedPath | undefined> {
  if (wanted === undefined) return undefined;
  const place = await files.place('-o', wanted, outputs.length === 1 ? 'output.npy' : 'outputs.npz');
  const extension = extname(place.name).toLowerCase();
  if (extension === '.npy' && outputs.length !== 1) {
    const names = outputs.map(({ name }) => `'${name}'`).join(', ');
    settings.refuse(
      `the model has ${outputs.length} outputs (${names}), a .npy file holds one array`,
      'name an .npz file',
    );
  } else if (extension !== '.npy' && extension !== '.npz') {
    settings.refuse(`the outputs cannot be written as '${place.name}'`, 'name a .npy or .npz file');
  }
  return place;
}

async function placeIntermediates(
  wanted: string | undefined,
  files: OutputFiles,
  settings: Settings,
): Promise<NamedPath | undefined> {
  if (wanted === undefined) return undefined;
  const place = await files.place('--intermediates', wanted, 'intermediates.npz');
  if (extname(place.name).toLowerCase() !== '.npz') {
    settings.refuse(`the intermediate tensors cannot be written as '${place.name}'`, 'name an .npz file');
  }
  return place;
}

async function write({ name, path }: NamedPath, tensors: ReadonlyMap<string, Tensor>, io: CliIo): Promise<void> {
  const [first] = tensors.values();
  const single = extname(name).toLowerCase() === '.npy' ? first : undefined;
  const encoded = single === undefined ? encodeNpz(tensors) : encodeNpy(single);
  await withFile(`'${name}' cannot be written`, () => io.files.replace(path, encoded));
}
