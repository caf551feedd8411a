import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/backends/summary.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { uniformSource } from '../../src/ir/random.js';
import { Tensor } from '../../src/ir/tensor.js';
import { decodeNpy, encodeNpy } from '../../src/runtime/formats/npy.js';
import { Folder, modelOf, quantc, TINY } from '../support/cli.js';
import { runInOrt } from '../support/ort-session.js';

const random = uniformSource(7);
const CALIBRATION = Tensor.float32([20, 1, 8, 1], Float32Array.from({ length: 160 }, random));

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
  folder.write('calib.npy', encodeNpy(CALIBRATION));
});
afterEach(() => folder.remove());

const run = (...argv: string[]): ReturnType<typeof quantc> => quantc(argv, { cwd: folder.path });
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder.path, name)));

describe('the generic backend on the command line', () => {
  it.each(['generic', 'mspm0g3507', 'F28P65'])('is the default of %s and writes a QDQ model', async (target) => {
    const { status, stderr } = await run('tiny.onnx', '--target', target, '--calib', 'calib.npy');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { graph, metadata } = importModel(bytesOf(`tiny.${target.toLowerCase()}.onnx`));
    expect(graph.nodes.some(({ op }) => op === 'QuantizeLinear')).toBe(true);
    expect(graph.outputs.map(({ name, value }) => [name, value.type.dtype])).toEqual([['y', 'float32']]);
    const document = JSON.parse(metadata.metadataProps.get('quantc') ?? '{}') as Record<string, unknown>;
    expect(Object.keys(document)).toEqual([
      'version',
      'target',
      'backend',
      'recipe',
      'inputs',
      'outputs',
      'sourceSha256',
    ]);
    expect(document).toMatchObject({ target: target.toLowerCase(), backend: 'generic', recipe: 'quantc' });
    const [input] = document['inputs'] as { name: string; scale: number; zeroPoint: number; bits: number }[];
    expect(input).toMatchObject({ name: 'x', bits: 8, signed: false });
    // Inputs in -1 … 1 have their zero near the middle of 0 … 255, at steps of a little more than 2 / 255.
    expect(input?.zeroPoint).toBeGreaterThan(100);
    expect(input?.zeroPoint).toBeLessThan(155);
    expect(input?.scale).toBeGreaterThan(1.8 / 255);
  });

  it('is chosen with --backend for a device with an NPU', async () => {
    const { status, stdout } = await run(
      ...['tiny.onnx', '--target', 'f28p55', '--backend', 'generic', '--calib', 'calib.npy', '--json'],
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ target: 'f28p55', backend: 'generic', output: 'float' });
  });

  it('tells layers, grids and memory', async () => {
    const { stdout } = await run('tiny.onnx', '--target', 'generic', '--calib', 'calib.npy', '--json');
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.layers.map(({ op, pattern, placement }) => [op, pattern, placement])).toEqual([
      ['Conv', null, 'cpu'],
      ['GlobalAveragePool', null, 'cpu'],
      ['Gemm', null, 'cpu'],
    ]);
    const [conv, pool, fc] = summary.layers;
    expect(conv?.weightScale).toHaveLength(4);
    expect(conv?.inputScale).toBe(summary.inputs[0]?.scale);
    expect(conv?.inputZeroPoint).toBe(summary.inputs[0]?.zeroPoint);
    expect(conv?.outputZeroPoint).toBe(0);
    expect(pool?.inputScale).toBe(conv?.outputScale);
    // 12 weights in 1 byte, 4 biases and 4 scales in 4.
    expect(conv?.bytes).toEqual({ weights: 12, bias: 16, scale: 16, shift: 0 });
    // 8 weights in 1 byte; a bias of 2 is added to make up for errors of the mean.
    expect(fc?.bytes).toEqual({ weights: 8, bias: 8, scale: 8, shift: 0 });
    expect(summary.memory.weightBytes).toBe(12 + 16 + 16 + 8 + 8 + 8);
    // 8 input bytes beside the 32 of the map of the convolution.
    expect(summary.memory.peakActivationBytes).toBe(40);
    expect(summary.activations.map(({ name, bits, signed }) => [name, bits, signed])).toEqual([
      ['x', 8, false],
      ['r', 8, false],
      ['p', 8, false],
      ['y', 8, false],
    ]);
    for (const layer of summary.layers) expect(layer.sqnrDb).toBeGreaterThan(25);
  });

  it('writes what quantc run and ONNX Runtime compute alike', async () => {
    await run('tiny.onnx', '--target', 'generic', '--calib', 'calib.npy', '-o', 'q.onnx');
    const { status, stderr } = await run('run', 'q.onnx', '--input', 'calib.npy', '-o', 'y.npy');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const own = decodeNpy(bytesOf('y.npy')).toNumbers();
    const results = await runInOrt(bytesOf('q.onnx'), new Map([['x', CALIBRATION]]));
    const theirs = results.get('y')?.toNumbers() ?? [];
    expect(own).toHaveLength(40);
    for (const [i, y] of own.entries()) expect(y).toBeCloseTo(theirs[i] ?? NaN, 5);
  });

  it('delivers integers on request', async () => {
    await run('tiny.onnx', '--target', 'generic', '--calib', 'calib.npy', '--output', 'int', '-o', 'q.onnx');
    const { graph } = importModel(bytesOf('q.onnx'));
    expect(graph.outputs.map(({ name, value }) => [name, value.type.dtype])).toEqual([['y', 'uint8']]);
  });

  it.each(['int', 'float'])('writes a model of %s outputs whose golden vectors verify', async (output) => {
    await run('tiny.onnx', '--target', 'generic', '--calib', 'calib.npy', '--output', output, '-o', 'q.onnx');
    await run('vectors', 'q.onnx', '--data', 'calib.npy', '--count', '2', '--format', 'json', '-o', 'v.json');
    expect(await run('verify', 'q.onnx', '--vectors', 'v.json')).toMatchObject({ status: 0, stderr: '' });
    const text = readFileSync(join(folder.path, 'v.json'), 'utf8');
    folder.write('w.json', text.replace(/("golden_output": \[+)/, '$11'));
    const { status, stderr, stdout } = await run('verify', 'q.onnx', '--vectors', 'w.json');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain("first differs 'y'");
  });

  it('gives one layer other bits, and refuses names that none bears', async () => {
    const args = ['tiny.onnx', '--target', 'generic', '--calib', 'calib.npy', '--json'];
    const { stdout } = await run(...args, '--bits', '/fc=4');
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.layers.map(({ weightBits }) => weightBits)).toEqual([8, null, 4]);
    const { status, stderr } = await run(...args, '--bits', '/fd=4');
    expect(status).toBe(2);
    expect(stderr).toContain("no layer is called '/fd'");
  });

  it('tells that options of the NPU have no effect', async () => {
    const { status, stderr } = await run(
      ...['tiny.onnx', '--target', 'generic', '--calib', 'calib.npy', '--legalise', '--rules', 'relaxed'],
    );
    expect(status).toBe(0);
    expect(stderr).toContain('--legalise has no effect on the generic backend');
    expect(stderr).toContain('--rules has no effect on the generic backend');
  });
});
