import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModel } from '../../src/backends/run.js';
import type { CompareSummary } from '../../src/cli/report/compare-summary.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { Tensor } from '../../src/ir/tensor.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { argmax } from '../../src/runtime/agreement.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { Folder, modelOf, quantc, TINY, type Answer } from '../support/cli.js';

const SAMPLES = 40;
const X = Tensor.float32(
  [SAMPLES, 1, 8, 1],
  Float32Array.from({ length: SAMPLES * 8 }, (_, i) => 2 * Math.sin(i * i)),
);
/** The class that the float model itself says, so that its accuracy is 1. */
const CLASSES = ((): Tensor => {
  const [y] = openModel(parseGraph(TINY, OPERATORS))
    .run(new Map([['x', X]]))
    .values();
  const results = y?.toNumbers() ?? [];
  return Tensor.int64(Array.from({ length: SAMPLES }, (_, i) => argmax(results, 2 * i, 2)));
})();

let folder: Folder;
beforeEach(async () => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
  folder.write('x.npy', encodeNpy(X));
  folder.write('y.npy', encodeNpy(CLASSES));
  await quantc(['tiny.onnx', '-t', 'f28p55', '--calib', 'x.npy', '-o', 'q.onnx'], { cwd: folder.path });
});
afterEach(() => folder.remove());

const compare = (...argv: readonly string[]): Promise<Answer> => quantc(['compare', ...argv], { cwd: folder.path });
const MODELS = ['tiny.onnx', 'q.onnx', '--data', 'x.npy'];
const summaryOf = ({ stdout }: Answer): CompareSummary => JSON.parse(stdout) as CompareSummary;

describe('a comparison', () => {
  it('tells of outputs, metric, layers and engines', async () => {
    const answer = await compare(...MODELS, '--labels', 'y.npy', '--json');
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    const summary = summaryOf(answer);
    expect(summary).toMatchObject({ float: 'tiny.onnx', quantised: 'q.onnx', kind: 'tinpu', samples: SAMPLES });
    const [output] = summary.outputs;
    expect(output).toMatchObject({ name: 'y', fitted: false, top5Agreement: null });
    expect(summary.metric).toMatchObject({ name: 'accuracy', output: 'y', float: 1, quantised: output?.top1Agreement });
    expect(new Set(summary.layers.map(({ name }) => name))).toEqual(new Set(['x', '/conv', '/pool', '/fc']));
    // The last layer is the output; layers are compared in float32, the output in float64.
    expect(summary.layers.find(({ name }) => name === '/fc')?.sqnrDb).toBeCloseTo(output?.sqnrDb ?? NaN, 4);
    const damages = summary.layers.map(({ damage }) => damage);
    expect(damages).toEqual(damages.toSorted((a, b) => b - a));
    expect(summary).toMatchObject({ runtime: null, bars: [], passed: true });
    expect(summary.engines.map(({ engines }) => engines)).toEqual([['float', 'integers']]);
  });

  it('is printed for people', async () => {
    const { status, stdout } = await compare(...MODELS, '--labels', 'y.npy');
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('q.onnx (TINPU integers) against tiny.onnx (float): 40 samples in 1.00 s');
    expect(lines[2]).toMatch(/^output +dB +cosine +largest difference +same top 1 +in top 5$/);
    expect(stdout).toMatch(/^accuracy {5}\S+ %, float model 100 %$/m);
    expect(stdout).toMatch(/^engines {6}float model and interpreter differ in \d+ of 80 results/m);
    expect(stdout).toContain('onnxruntime-node is not installed here');
    expect((await compare(...MODELS, '--no-runtime')).stdout).not.toContain('onnxruntime-node');
  });

  it('says what would help a layer of few bits', async () => {
    const argv = ['tiny.onnx', '-t', 'f28p55', '--calib', 'x.npy', '--bits', '/conv=2', '-o', 'q.onnx'];
    await quantc(argv, { cwd: folder.path });
    const [worst] = summaryOf(await compare(...MODELS, '--json')).layers;
    expect(worst).toMatchObject({ name: '/conv', weightBits: 2, cause: 'weights', advice: { flag: '--bits /conv=8' } });
    expect((await compare(...MODELS)).stdout).toContain('--bits /conv=8: its weights have 2 bits');
  });

  it('is one of outputs alone for a second model in float', async () => {
    folder.write('same.onnx', modelOf(TINY));
    const { stderr, status, stdout } = await compare('tiny.onnx', 'same.onnx', '--data', 'x.npy');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^y +exact +1\.000000 +0 +100 % +–$/m);
    expect(stderr).toContain('warning: no integers were recognised in the second model');
  });
});

describe('bars', () => {
  it('end a comparison with 1 when they are missed', async () => {
    const { sqnrDb = 0 } = summaryOf(await compare(...MODELS, '--json')).outputs[0] ?? {};
    expect((await compare(...MODELS, '--min-sqnr', String(Math.floor(sqnrDb)))).status).toBe(0);
    const missed = await compare(...MODELS, '--min-sqnr', String(Math.ceil(sqnrDb)), '--json');
    expect(missed.status).toBe(1);
    expect(summaryOf(missed)).toMatchObject({ passed: false, bars: [{ bar: 'min-sqnr', met: false }] });
  });

  it('hold for the metric', async () => {
    const wrong = CLASSES.toNumbers().map((label, i) => (i < 10 ? 1 - label : label));
    folder.write('wrong.npy', encodeNpy(Tensor.int64(wrong)));
    const barred = (least: string): Promise<Answer> =>
      compare(...MODELS, '--labels', 'wrong.npy', '--min-accuracy', least);
    expect((await barred('0.5')).status).toBe(0);
    const missed = await barred('0.95');
    expect(missed.status).toBe(1);
    expect(missed.stdout).toMatch(/^bars {9}--min-accuracy 0.95: missed, /m);
  });
});

describe('two quantised models', () => {
  it('compares integers of the NPU with themselves: no difference', async () => {
    const answer = await compare('q.onnx', 'q.onnx', '--data', 'x.npy', '--json');
    expect(answer.status).toBe(0);
    expect(summaryOf(answer)).toMatchObject({ referenceKind: 'tinpu', kind: 'tinpu' });
    expect(summaryOf(answer).outputs[0]).toMatchObject({ sqnrDb: null, maxAbsDiff: 0, fitted: false });
  });

  it('compares a QDQ model with the integers of the NPU of the same float model', async () => {
    const made = await quantc(['tiny.onnx', '-t', 'generic', '-o', 'qdq.onnx', '--calib', 'x.npy'], {
      cwd: folder.path,
    });
    expect(made.status).toBe(0);
    const answer = await compare('qdq.onnx', 'q.onnx', '--data', 'x.npy');
    expect(answer.status).toBe(0);
    expect(answer.stdout).toContain('q.onnx (TINPU integers) against qdq.onnx (QDQ, as executed): 40 samples');
    expect(answer.stdout).toContain('first model and interpreter differ in');
    expect(answer.stdout).not.toContain('float model');
    const json = summaryOf(await compare('qdq.onnx', 'q.onnx', '--data', 'x.npy', '--json'));
    // Either is about as far from the float model as 8 bits allow.
    expect(json.outputs[0]?.sqnrDb).toBeGreaterThan(25);
    expect(json.layers.map(({ tensor }) => tensor)).toContain('y');
  });

  it('takes a float model in the second place, with a word about the order', async () => {
    const { status, stderr } = await compare('q.onnx', 'tiny.onnx', '--data', 'x.npy');
    expect(status).toBe(0);
    expect(stderr).toContain('no integers were recognised in the second model');
    expect(stderr).toContain('to measure what quantisation costs, give the float model first');
  });
});

describe('ONNX Runtime', () => {
  it('takes part where it is installed, and computes the same integers', async () => {
    const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
    symlinkSync(modules, join(folder.path, 'node_modules'));
    mkdirSync(join(folder.path, 'below'));
    const up = ['../tiny.onnx', '../q.onnx', '--data', '../x.npy', '--json'];
    const answer = await quantc(['compare', ...up, '--runtime'], { cwd: join(folder.path, 'below') });
    expect(answer.status).toBe(0);
    const summary = summaryOf(answer);
    expect(summary.runtime).toMatch(/^onnxruntime-node \d+\./);
    expect(summary.engines.map(({ engines }) => engines.join(' '))).toEqual([
      'float integers',
      'float runtime',
      'integers runtime',
    ]);
    expect(summary.engines[2]).toMatchObject({ elements: 80, differing: 0 });
  });

  it('is missed when it is asked for and is not there', async () => {
    const { status, stderr } = await compare(...MODELS, '--runtime');
    expect(status).toBe(2);
    expect(stderr).toContain('onnxruntime-node is not installed in');
  });
});

describe('mistakes', () => {
  it.each([
    [['tiny.onnx'], "compare takes two models, found 'tiny.onnx'"],
    [[], 'no model is given'],
    [['tiny.onnx', 'q.onnx', 'x.npy'], "compare takes two models, found 'tiny.onnx', 'q.onnx', 'x.npy'"],
    [['tiny.onnx', 'q.onnx'], 'no data are given'],
    [[...MODELS, '--min-accuracy', '0.5'], '--min-accuracy needs to know what the samples are'],
    [[...MODELS, '--metric', 'auk'], "--metric is 'auk', accepted: accuracy, auc, r2"],
    [[...MODELS, '--labels', 'none.npy'], "there is no file or folder 'none.npy'"],
    [[...MODELS, '--labels', 'x.npy', '--metric', 'accuracy'], 'accuracy needs one class for each sample'],
  ])('%j', async (argv, message) => {
    const { status, stdout, stderr } = await compare(...argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
  });

  it('are told all at once', async () => {
    const { stderr } = await compare('a.onnx', 'b.onnx', '--data', 'x.npy', '--min-sqnr', 'much', '--batch', '0');
    expect(stderr.match(/^error: /gm)).toHaveLength(4);
  });

  it('of labels: their number', async () => {
    folder.write('few.npy', encodeNpy(Tensor.int64([0, 1])));
    expect((await compare(...MODELS, '--labels', 'few.npy')).stderr).toContain('there are 2 labels for 40 samples');
  });

  it('of models: another interface', async () => {
    folder.write('two.onnx', modelOf(`${TINY.trimEnd()}\noutput "z" = %f\n`));
    const { status, stderr } = await compare('two.onnx', 'q.onnx', '--data', 'x.npy');
    expect(status).toBe(2);
    expect(stderr).toContain('the first model has 2 outputs, the second 1');
  });
});
