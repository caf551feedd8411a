import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { compile } from '../../backends/compile.js';
import type { CompileOptions, CompileResult } from '../../backends/options.js';
import { modelKind } from '../../backends/run.js';
import type { Summary } from '../../backends/summary.js';
import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { importModel, type ImportedModel } from '../../ir/onnx/import.js';
import { Trace } from '../../passes/trace.js';
import { Calibration } from '../calibration.js';
import { isPage, planCompilation } from '../compile-plan.js';
import { checkModel, resultRemarks } from '../config/check-record.js';
import { saveConfig } from '../config/save-config.js';
import { toJson, type Console } from '../console.js';
import { mistake, withFile } from '../faults.js';
import type { CompileFlags } from '../invocation.js';
import type { CliIo } from '../io.js';
import { readModel } from '../model-source.js';
import type { NamedPath } from '../output-files.js';
import { Progress } from '../progress.js';
import { reportPage } from '../report/report-page.js';
import { compileReport } from '../report/compile-report.js';
import { summariseDiagnostic } from '../../backends/report/summarise-diagnostic.js';
import { tellGraph, tellImport, tellTrace } from '../report/verbose.js';

/** `quantc <model.onnx> --target T`: writes the quantised model and says what became of every layer. */
export async function compileCommand(
  operands: readonly string[],
  flags: CompileFlags,
  io: CliIo,
  console: Console,
): Promise<number> {
  const start = io.now();
  const plan = await planCompilation(operands, flags, io);
  const { bytes, file, resolveExternal } = await readModel(plan.model, io);
  const record = plan.config?.record;
  const modelSha256 = bytesToHex(sha256(bytes));
  if (record !== undefined) checkModel(record, modelSha256, file);
  const imported = importModel(bytes, { file, resolveExternal });
  if (plan.config?.trained !== undefined) refuseUntrained(imported, file, plan.config.trained);
  tellImport(imported, console);
  const importSeconds = (io.now() - start) / 1000;

  const remarks: Diagnostic[] = [];
  const calibration = new Calibration(plan, io, (diagnostic) => remarks.push(diagnostic));
  const result = await withProgress(io, console, (progress, trace) =>
    compile({ bytes, imported }, { ...plan.options, ...calibration.option, now: io.now, progress, trace }),
  );
  const resultSha256 = bytesToHex(sha256(result.bytes));
  if (record !== undefined) remarks.push(...resultRemarks(record, resultSha256));
  await withFile(`'${plan.out.name}' cannot be written`, () => io.files.replace(plan.out.path, result.bytes));

  const seconds = (io.now() - start) / 1000;
  const summary: Summary = {
    ...result.summary,
    diagnostics: [...result.summary.diagnostics, ...remarks.map(summariseDiagnostic)],
    seconds: { import: importSeconds, ...result.summary.seconds, total: seconds },
  };
  await writeBeside(plan.report, ({ name }) => (isPage(name) ? reportPage(summary) : `${toJson(summary)}\n`), io);
  const identity = { modelSha256, calibrationSha256: calibration.digest, resultSha256 };
  await writeBeside(plan.saveConfig, ({ path }) => saveConfig(plan, summary, identity, { path, cwd: io.cwd }), io);
  console.remark([...result.diagnostics, ...remarks]);
  console.json(summary);
  const written = { file: plan.out.name, bytes: result.bytes.length, seconds };
  console.print(compileReport(summary, plan.options.target, written, console));
  return 0;
}

async function writeBeside(place: NamedPath | undefined, text: (place: NamedPath) => string, io: CliIo): Promise<void> {
  if (place === undefined) return;
  const bytes = new TextEncoder().encode(text(place));
  await withFile(`'${place.name}' cannot be written`, () => io.files.replace(place.path, bytes));
}

/** Compiles with a bar on the terminal and, with --verbose, an account of the rules on stderr, also of a failure. */
async function withProgress(
  io: CliIo,
  console: Console,
  work: (progress: CompileOptions['progress'], trace: Trace | undefined) => Promise<CompileResult>,
): Promise<CompileResult> {
  const progress = new Progress(io, console);
  const trace = console.verbose ? new Trace() : undefined;
  try {
    const result = await work(progress.show, trace);
    progress.stop();
    if (trace !== undefined) tellTrace(trace, console);
    tellGraph('canonical graph', result.float, console);
    tellGraph('quantised graph', result.quantised, console);
    return result;
  } catch (error) {
    progress.stop();
    if (trace !== undefined) tellTrace(trace, console);
    throw error;
  }
}

/** A model that was trained with its quantisation brings it along. */
function refuseUntrained({ graph }: ImportedModel, file: string, place: string): void {
  if (modelKind(graph) !== 'float') return;
  const message = `training.quantization_method is QAT, but '${file}' is a float model without QuantizeLinear`;
  const hint = 'give the QDQ model that the training exported, or set the method to PTQ';
  throw new UserError(mistake('untrained-model', message, hint, { file: place }));
}
