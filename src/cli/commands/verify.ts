import { extname, resolve } from 'node:path';
import { bindVectors } from '../../backends/verify/bind-vectors.js';
import { verifyVectors } from '../../backends/verify/verify-vectors.js';
import { openModel } from '../../backends/run.js';
import { strToU8 } from 'fflate';
import type { Console } from '../console.js';
import { refuseAll, withFile } from '../faults.js';
import type { VerifyFlags } from '../invocation.js';
import type { CliIo } from '../io.js';
import { findModel, readModel, settleModel } from '../model-source.js';
import { OutputFiles } from '../output-files.js';
import { Progress } from '../progress.js';
import { readQuantcMetadata } from '../../backends/quantc-metadata.js';
import { junitXml } from '../report/junit.js';
import { summariseVerify, verifyReport } from '../report/verify-report.js';
import { Settings } from '../settings.js';
import { dumpForms, openVectors } from '../vector-files.js';

/**
 * `quantc verify <quantised.onnx> --vectors <path>`: compares what the model computes with golden vectors (spec 4.4).
 * @returns 0 when all are equal, 1 when any differs
 */
export async function verifyCommand(
  operands: readonly string[],
  flags: VerifyFlags,
  io: CliIo,
  console: Console,
): Promise<number> {
  const start = io.now();
  const settings = new Settings();
  const found = await findModel(settings.model('verify', operands), io);
  const tolerance = settings.amount('--tolerance', flags.tolerance) ?? 0;
  const forms = dumpForms(flags.shape, flags.dtype, settings);
  if (flags.vectors.length === 0) settings.refuse('no golden vectors are given', 'add --vectors <file or folder>');
  const file = settleModel(found, settings);

  const { bytes, resolveExternal } = await readModel(file, io);
  const model = openModel(bytes, { file: file.name, resolveExternal });
  console.remark(model.diagnostics);
  const files = new OutputFiles(io, settings);
  const inputs = [file.name, ...flags.vectors, ...(flags.header === undefined ? [] : [flags.header])];
  for (const name of inputs) await files.addInput({ name, path: resolve(io.cwd, name) });
  const junit = flags.junit === undefined ? undefined : await files.place('--junit', flags.junit, 'verify.xml');
  if (junit !== undefined && extname(junit.name).toLowerCase() !== '.xml') {
    settings.refuse(`the result cannot be written as '${junit.name}'`, 'name an .xml file');
  }
  refuseAll(settings.problems);

  const vectors = await openVectors(flags.vectors, flags.header, forms, io, (diagnostic) =>
    console.remark([diagnostic]),
  );
  const facts = readQuantcMetadata(model.metadata?.metadataProps ?? new Map());
  const [input] = facts?.inputs.values() ?? [];
  const bound = bindVectors(model, vectors, {
    signedInput: input?.signed,
    report: (diagnostic) => console.remark([diagnostic]),
  });
  const progress = new Progress(io, console);
  let verdicts;
  try {
    verdicts = verifyVectors(model, bound, {
      tolerance,
      outputScales: facts?.outputs,
      progress: (done) => progress.show('verify', done, bound.length),
    });
  } finally {
    progress.stop();
  }
  const summary = summariseVerify(file.name, tolerance, verdicts, (io.now() - start) / 1000);
  if (junit !== undefined) {
    const xml = strToU8(junitXml(summary));
    await withFile(`'${junit.name}' cannot be written`, () => io.files.replace(junit.path, xml));
  }
  console.json(summary);
  console.print(verifyReport(summary, console));
  return summary.equal ? 0 : 1;
}
