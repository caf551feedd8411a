import { importModel } from '../../ir/onnx/import.js';
import { Trace } from '../../passes/trace.js';
import type { Console } from '../console.js';
import { inspectModel } from '../inspection.js';
import type { InspectFlags } from '../invocation.js';
import type { CliIo } from '../io.js';
import { findModel, readModel, settleModel } from '../model-source.js';
import { inspectReport } from '../report/inspect-report.js';
import { tellGraph, tellImport, tellTrace } from '../report/verbose.js';
import { Settings } from '../settings.js';

/** `quantc inspect <model.onnx>`: obstacles are part of the answer; only a model that cannot be read is a failure. */
export async function inspectCommand(
  operands: readonly string[],
  flags: InspectFlags,
  io: CliIo,
  console: Console,
): Promise<number> {
  const start = io.now();
  const settings = new Settings();
  const found = await findModel(settings.model('inspect', operands), io);
  const target = flags.target === undefined ? undefined : settings.target(flags.target);
  const backend = settings.backend('--backend', flags.backend, target);
  const rules = settings.choice('--rules', flags.rules, ['strict', 'relaxed'] as const);
  const surgery = settings.surgery('--surgery', flags.surgery);
  const idle = [
    ...(flags.surgery.length === 0 ? [] : ['--surgery']),
    ...(flags.backend === undefined ? [] : ['--backend']),
  ];
  for (const option of flags.target === undefined ? idle : []) {
    settings.refuse(`${option} changes what is told of layers, and no target is given`, 'add --target <name>');
  }
  const { bytes, file, resolveExternal } = await readModel(settleModel(found, settings), io);

  const imported = importModel(bytes, { file, resolveExternal });
  tellImport(imported, console);
  const trace = console.verbose ? new Trace() : undefined;
  const { inspection, diagnostics, graph } = inspectModel(imported, {
    file,
    bytes: bytes.length,
    target,
    backend: backend ?? target?.defaultBackend,
    rules,
    surgery,
    trace,
  });
  if (trace !== undefined) tellTrace(trace, console);
  tellGraph(
    graph === undefined ? 'graph' : `${inspection.kind === 'tinpu' ? 'lifted' : 'canonical'} graph`,
    graph ?? imported.graph,
    console,
  );
  console.json({ ...inspection, seconds: { total: (io.now() - start) / 1000 } });
  console.print(inspectReport(inspection, diagnostics, console));
  return 0;
}
