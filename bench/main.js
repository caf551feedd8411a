// Timings of whole compilations and of their stages, beside ONNX Runtime's inference of the float model on the same samples.
// Everything is measured in this one run; nothing is asserted. Peak memory is that of the compiling process.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { encodeNpy, importModel, syntheticSamples } from '../dist/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/cli/bin.js');
const shared = join(root, '../shared');

const CASES = [
  { name: 'cls_1k', model: join(root, 'fixtures/cls_1k_v1/float.onnx'), samples: [128, 1024] },
  { name: 'cls_4k', model: join(shared, 'golden/ti-ptq/cls_4k_v1/float.onnx'), samples: [128, 1024] },
  { name: 'vww_96', model: join(shared, 'models/specs-feup__vww_96_float.onnx'), samples: [16, 64] },
];

async function measure(name, model, count, folder) {
  const bytes = readFileSync(model);
  const [input] = importModel(new Uint8Array(bytes)).graph.inputs;
  const data = await firstBatch(input, count);
  const calib = join(folder, 'calib.npy');
  writeFileSync(calib, encodeNpy(data));
  const arguments_ = [model, '--target', 'f28p55', '--calib', calib, '-o', join(folder, 'out.onnx'), '--json'];
  const runs = [1, 2, 3].map(() => {
    const start = performance.now();
    const timed = ['-e', MEMORY, cli, ...arguments_];
    const child = spawnSync(process.execPath, timed, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    if (child.status !== 0) throw new Error(child.stderr);
    const peak = Number(/peak (\d+)/.exec(child.stderr)?.[1] ?? NaN);
    return { seconds: (performance.now() - start) / 1000, peak, summary: JSON.parse(child.stdout) };
  });
  const best = runs.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const reference = await inferenceSeconds(session, input.name, data);
  const stages = Object.entries(best.summary.seconds).map(([stage, seconds]) => `${stage} ${seconds.toFixed(3)}`);
  console.log(
    `${name}, ${count} samples: process ${best.seconds.toFixed(2)} s, peak ${best.peak} MB; ` +
      `ONNX Runtime on the float model ${reference.toFixed(3)} s, ratio ${(best.seconds / reference).toFixed(1)}`,
  );
  console.log(`  ${stages.join(', ')}`);
}

/** Runs the command line in this process and tells its peak memory at the end. */
const MEMORY = `
process.on('exit', () => process.stderr.write('peak ' + Math.round(process.resourceUsage().maxRSS / 1024) + '\\n'));
import(require('node:url').pathToFileURL(process.argv[1]).href);
`;

async function firstBatch(input, count) {
  const source = syntheticSamples([{ ...input, type: { ...input.type, shape: ['N', ...input.type.shape.slice(1)] } }], {
    count,
  });
  for await (const batch of source.batches(count)) return batch.get(input.name);
  throw new Error('no samples');
}

async function inferenceSeconds(session, name, data) {
  const feeds = { [name]: new ort.Tensor('float32', data.data, data.dims) };
  await session.run(feeds);
  const start = performance.now();
  await session.run(feeds);
  return (performance.now() - start) / 1000;
}

const folder = mkdtempSync(join(tmpdir(), 'quantc-bench-'));
try {
  for (const { name, model, samples } of CASES) {
    if (existsSync(model)) for (const count of samples) await measure(name, model, count, folder);
    else console.log(`${name}: skipped, the model is not here`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
