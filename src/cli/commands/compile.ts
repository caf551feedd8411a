import { compile } from '../../backends/compile.js';
import type { CompileOptions, CompileResult } from '../../backends/options.js';
import { modelKind } from '../../backends/run.js';
import type { Summary } from '../../backends/summary.js';
import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { importModel, type ImportedModel } from '../../ir/onnx/import.js';
import { Trace } from '../../passes/trace.js';
import { openCalibration } from '../calibration-files.js';
import { planCompilation, type CompilePlan } from '../compile-plan.js';
import { toJson, type Console } from '../console.js';
import { mistake, withFile } from '../faults.js';
import type { CompileFlags } from '../invocation.js';
import type { CliIo } from '../io.js';
import { readModel } from '../model-source.js';
import { Progress } from '../progress.js';
import { compileReport } from '../report/compile-report.js';
import { summariseDiagnostic } from '../report/diagnostic-summary.js';
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
  const imported = importModel(bytes, { file, resolveExternal });
  refuseQuantised(imported, file);
  tellImport(imported, console);
  const importSeconds = (io.now() - start) / 1000;

  const remarks: Diagnostic[] = [];
  const result = await withProgress(io, console, (progress, trace) =>
    compile({ bytes, imported }, { ...optionsOf(plan, io, remarks), progress, trace }),
  );
  await withFile(`'${plan.out.name}' cannot be written`, () => io.files.replace(plan.out.path, result.bytes));

  const seconds = (io.now() - start) / 1000;
  const summary: Summary = {
    ...result.summary,
    diagnostics: [...result.summary.diagnostics, ...remarks.map(summariseDiagnostic)],
    seconds: { import: importSeconds, ...result.summary.seconds, total: seconds },
  };
  const { report } = plan;
  if (report !== undefined) {
    const document = new TextEncoder().encode(`${toJson(summary)}\n`);
    await withFile(`'${report.name}' cannot be written`, () => io.files.replace(report.path, document));
  }
  console.remark([...result.diagnostics, ...remarks]);
  console.json(summary);
  const written = { file: plan.out.name, bytes: result.bytes.length, seconds };
  console.print(compileReport(summary, plan.options.target, written, console));
  return 0;
}

/** @param remarks takes what is found about the calibration data */
function optionsOf({ options, calibration }: CompilePlan, io: CliIo, remarks: Diagnostic[]): CompileOptions {
  const report = (diagnostic: Diagnostic): number => remarks.push(diagnostic);
  return {
    ...options,
    now: io.now,
    ...(calibration.length > 0 && {
      samples: (inputs) => openCalibration(calibration, inputs, { cwd: io.cwd, report }),
    }),
  };
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

function refuseQuantised({ graph }: ImportedModel, file: string): void {
  const kind = modelKind(graph);
  // Integers of the NPU are kept; what they are for others is for the backend to say.
  if (kind !== 'qdq') return;
  const found = 'is quantised already (QuantizeLinear, DequantizeLinear)';
  const hint = 'give the float model it was made from; `quantc inspect` and `quantc run` take it as it is';
  throw new UserError(mistake('quantised-model', `the model ${found}`, hint, { file }));
}
