import { resolve } from 'node:path';
import { compareModels } from '../../backends/compare/compare-models.js';
import type { ModelComparison } from '../../backends/compare/comparison.js';
import { METRICS } from '../../backends/compare/choose-metric.js';
import { comparisonInputs } from '../../backends/compare/quantised-feeds.js';
import { openModel, type OpenedModel } from '../../backends/run.js';
import type { Diagnostic } from '../../ir/diagnostics.js';
import type { SampleInput } from '../../passes/calibration/samples.js';
import type { Console } from '../console.js';
import { mistake, refuseAll } from '../faults.js';
import type { CompareFlags } from '../invocation.js';
import type { CliIo } from '../io.js';
import { readLabels } from '../labels-file.js';
import { findModel, isFound, readModel, settleModel, type ModelFile } from '../model-source.js';
import { openRuntime, type RuntimeSession } from '../onnx-runtime.js';
import { OutputFiles } from '../output-files.js';
import { Progress } from '../progress.js';
import { readQuantcMetadata } from '../../backends/quantc-metadata.js';
import { compareReport } from '../report/compare-report.js';
import { summariseCompare, type Bars } from '../report/compare-summary.js';
import { assignPaths, openInputs, type InputPath } from '../run-inputs.js';
import { Settings } from '../settings.js';
import { openVectors } from '../vector-files.js';

/**
 * `quantc compare <float.onnx> <quantised.onnx> --data x.npy`: how well the second stands for the first, at the outputs and
 * layer by layer; the first may be quantised as well.
 * @returns 0, or 1 when a bar is missed
 */
export async function compareCommand(
  operands: readonly string[],
  flags: CompareFlags,
  io: CliIo,
  console: Console,
): Promise<number> {
  const start = io.now();
  const settings = new Settings();
  const found = await findModels(operands, settings, io);
  const metric = settings.choice('--metric', flags.metric, METRICS);
  const bars: Bars = {
    accuracy: settings.share('--min-accuracy', flags.minAccuracy),
    sqnrDb: settings.amount('--min-sqnr', flags.minSqnr),
  };
  const batchSize = settings.count('--batch', flags.batch);
  for (const [option, value] of [['--metric', metric] as const, ['--min-accuracy', bars.accuracy] as const]) {
    if (value === undefined || flags.labels !== undefined) continue;
    settings.refuse(`${option} needs to know what the samples are`, 'add --labels <file>, one label for each sample');
  }
  const files = { float: settleModel(found.float, settings), quantised: settleModel(found.quantised, settings) };

  const [float, quantised] = [await open(files.float, io), await open(files.quantised, io)];
  for (const { model } of [float, quantised]) console.remark(model.diagnostics);
  const inputs = comparisonInputs(float.model.graph.inputs, quantised.model.graph.inputs);
  const paths = assignPaths(flags.data, inputs, settings, '--data');
  await checkInputs([files.float, files.quantised], paths, flags, settings, io);
  refuseAll(settings.problems);

  const remarks: Diagnostic[] = kindRemarks(float.model, quantised.model);
  const runtime = flags.runtime === false ? undefined : await openRuntime(io.cwd, quantised.bytes);
  if (runtime === undefined && flags.runtime === true) {
    const message = `onnxruntime-node is not installed in '${io.cwd}' or above`;
    refuseAll([mistake('runtime', message, 'npm install onnxruntime-node')]);
  }
  let comparison: ModelComparison;
  try {
    comparison = await compare(
      float.model,
      quantised.model,
      { inputs, paths, metric, batchSize, runtime, remarks },
      flags,
      io,
      console,
    );
  } finally {
    await runtime?.release();
  }
  const names = { float: files.float.name, quantised: files.quantised.name };
  const summary = summariseCompare(names, { float: float.model.kind, quantised: quantised.model.kind }, comparison, {
    bars,
    runtime: runtime?.name,
    runtimeWanted: flags.runtime !== false,
    diagnostics: remarks,
    seconds: (io.now() - start) / 1000,
  });
  console.remark(remarks);
  console.json(summary);
  console.print(compareReport(summary, console));
  return summary.passed ? 0 : 1;
}

interface FoundModels {
  readonly float: ModelFile | Diagnostic;
  readonly quantised: ModelFile | Diagnostic;
}

/** Both models, or what is wrong; that of the second is noted with the problems. */
async function findModels(operands: readonly string[], settings: Settings, io: CliIo): Promise<FoundModels> {
  const [float = '', quantised, ...others] = operands;
  if (quantised === undefined || others.length > 0) {
    const found = operands.map((operand) => `'${operand}'`).join(', ');
    const hint = 'quantc compare <float.onnx> <quantised.onnx> --data x.npy';
    settings.refuse(`compare takes two models, found ${found}`, hint);
  }
  const second = await findModel(quantised ?? float, io);
  if (quantised !== undefined && !isFound(second)) settings.problems.push(second);
  return { float: await findModel(float, io), quantised: second };
}

async function open(file: ModelFile, io: CliIo): Promise<{ readonly model: OpenedModel; readonly bytes: Uint8Array }> {
  const { bytes, resolveExternal } = await readModel(file, io);
  return { model: openModel(bytes, { file: file.name, resolveExternal }), bytes };
}

async function checkInputs(
  models: readonly ModelFile[],
  paths: readonly InputPath[],
  flags: CompareFlags,
  settings: Settings,
  io: CliIo,
): Promise<void> {
  const files = new OutputFiles(io, settings);
  const named = [...models.map(({ name }) => name), ...paths.map(({ path }) => path)];
  for (const name of [...named, ...[flags.labels, flags.header].filter((file) => file !== undefined)]) {
    await files.addInput({ name, path: resolve(io.cwd, name) });
  }
}

function kindRemarks(first: OpenedModel, { kind }: OpenedModel): Diagnostic[] {
  if (kind !== 'float') return [];
  const message = 'no integers were recognised in the second model: it is compared as a float model, at its outputs';
  const hint = 'to measure what quantisation costs, give the float model first';
  return [{ code: 'float-model', severity: 'warning', message, ...(first.kind !== 'float' && { hint }) }];
}

interface Compared {
  readonly inputs: readonly SampleInput[];
  readonly paths: readonly InputPath[];
  readonly metric: (typeof METRICS)[number] | undefined;
  readonly batchSize: number | undefined;
  readonly runtime: RuntimeSession | undefined;
  /** Takes what is found about the data. */
  readonly remarks: Diagnostic[];
}

async function compare(
  float: OpenedModel,
  quantised: OpenedModel,
  { inputs, paths, metric, batchSize, runtime, remarks }: Compared,
  flags: CompareFlags,
  io: CliIo,
  console: Console,
): Promise<ModelComparison> {
  const labels = flags.labels === undefined ? undefined : await readLabels(flags.labels, io);
  const header = flags.header === undefined ? undefined : await openVectors([], flags.header, {}, io);
  const samples = await openInputs(paths, inputs, io, (diagnostic) => remarks.push(diagnostic));
  const progress = new Progress(io, console);
  try {
    return await compareModels(float, quantised, samples, {
      labels,
      metric,
      batchSize,
      facts: readQuantcMetadata(quantised.metadata?.metadataProps ?? new Map()),
      sequences: header?.sequences,
      runtime: runtime?.run,
      progress: (done) => progress.show('compare', done, samples.count),
    });
  } finally {
    progress.stop();
  }
}
