import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Summary } from '../../../src/backends/summary.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { Folder, modelOf, quantc, TINY, type Answer } from '../../support/cli.js';

let folder: Folder;
const samples = (count: number): Uint8Array =>
  encodeNpy(
    Tensor.float32(
      [count, 1, 8, 1],
      Float32Array.from({ length: count * 8 }, (_, i) => Math.sin(i * i)),
    ),
  );
beforeEach(() => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
  folder.write('calib.npy', samples(20));
});
afterEach(() => folder.remove());

const run = (...argv: readonly string[]): Promise<Answer> => quantc(argv, { cwd: folder.path });
const textOf = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
const bytesOf = (name: string): Buffer => readFileSync(join(folder.path, name));
const OPTIONS = [
  '--calib',
  'calib.npy',
  '--weight-bits',
  '4',
  '--bits',
  '/fc=8',
  '--bias-calibration',
  '0.5',
  '--surgery',
  'Elu',
];
const save = (...argv: readonly string[]): Promise<Answer> =>
  run('tiny.onnx', '-t', 'f28p55', ...OPTIONS, '-o', 'a.onnx', ...argv);

interface Saved {
  readonly recorded: {
    readonly activations: readonly { readonly name: string; readonly scale: number; readonly min: number }[];
    readonly layers: readonly { readonly name: string; readonly 'weight-scale': readonly number[] }[];
  };
}

describe('a saved configuration', () => {
  it('makes the same model again, byte for byte, from another folder as well', async () => {
    mkdirSync(join(folder.path, 'out'));
    expect(await save('--save-config', 'out/q.yaml')).toMatchObject({ status: 0, stderr: '' });
    const again = await run('tiny.onnx', '--config', 'out/q.yaml', '-o', 'b.onnx');
    expect(again).toMatchObject({ status: 0, stderr: '' });
    expect(bytesOf('b.onnx')).toEqual(bytesOf('a.onnx'));
  });

  it('lies beside the model unless it is named, and is saved again the same', async () => {
    expect(await run('-t', 'f28p55', '--quiet', '--save-config', 'tiny.onnx')).toMatchObject({ status: 0, stderr: '' });
    expect(folder.list()).toContain('quantization_config.yaml');
    await save('--save-config');
    await run('tiny.onnx', '--config', 'quantization_config.yaml', '--save-config', 'again.yaml', '-o', 'b.onnx');
    expect(textOf('again.yaml')).toBe(textOf('quantization_config.yaml'));
  });

  it('holds every setting and scale, to the last bit', async () => {
    const answer = await save('--save-config', 'q.yaml', '--json');
    const summary = JSON.parse(answer.stdout) as Summary;
    const saved = parse(textOf('q.yaml')) as Saved;
    expect(saved).toMatchObject({
      target: 'f28p55',
      backend: 'tinpu',
      calib: ['calib.npy'],
      'weight-bits': 4,
      'activation-bits': 8,
      bits: ['/fc=8'],
      recipe: 'quantc',
      'bias-calibration': 0.5,
      surgery: ['elu'],
    });
    expect(saved.recorded.activations.map(({ name, scale, min }) => [name, scale, min])).toEqual(
      summary.activations.map(({ name, scale, min }) => [name, scale, min]),
    );
    expect(saved.recorded.layers.map((layer) => layer['weight-scale'])).toEqual(
      summary.layers.map(({ weightScale }) => weightScale).filter(({ length }) => length > 0),
    );
  });

  it('takes the same data from other files', async () => {
    await save('--save-config', 'q.yaml');
    renameSync(join(folder.path, 'calib.npy'), join(folder.path, 'moved.npy'));
    expect((await run('tiny.onnx', '--config', 'q.yaml')).stderr).toContain('calib.npy');
    expect(await run('tiny.onnx', '--config', 'q.yaml', '--calib', 'moved.npy', '-o', 'b.onnx')).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(bytesOf('b.onnx')).toEqual(bytesOf('a.onnx'));
  });

  it('records that there were no data', async () => {
    await run('tiny.onnx', '-t', 'f28p55', '-o', 'a.onnx', '--save-config', 'q.yaml');
    expect((await run('tiny.onnx', '--config', 'q.yaml', '-o', 'b.onnx')).status).toBe(0);
    expect(bytesOf('b.onnx')).toEqual(bytesOf('a.onnx'));
    const { status, stderr } = await run('tiny.onnx', '--config', 'q.yaml', '--calib', 'calib.npy');
    expect(status).toBe(2);
    expect(stderr).toMatch(/error: q\.yaml:\d+:1: the configuration was recorded without calibration data/);
  });

  it('is refused for another model, for other data and for none', async () => {
    await save('--save-config', 'q.yaml');
    folder.write('other.onnx', modelOf(TINY.replace('0.3', '0.25')));
    folder.write('other.npy', samples(21));
    const wrong = async (...argv: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await run(...argv, '--config', 'q.yaml', '-o', 'b.onnx');
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(folder.list()).not.toContain('b.onnx');
      return stderr;
    };
    expect(await wrong('other.onnx')).toContain(
      "'other.onnx' is not the model that the configuration was recorded with",
    );
    expect(await wrong('tiny.onnx', '--calib', 'other.npy')).toContain('the calibration data are not those that');
    folder.write('q.yaml', textOf('q.yaml').replace(/^calib:\n.*\n/m, ''));
    expect(await wrong('tiny.onnx')).toContain('was recorded with calibration data, and none are given');
    folder.write('q.yaml', textOf('q.yaml').replace(/^recorded:[^]*/m, ''));
    expect((await run('other.onnx', '--calib', 'other.npy', '--config', 'q.yaml')).status).toBe(0);
  });

  it('warns when the command line makes another model of it', async () => {
    await save('--save-config', 'q.yaml');
    const { status, stderr } = await run('tiny.onnx', '--config', 'q.yaml', '--weight-bits', '2', '-o', 'b.onnx');
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^warning: q\.yaml:\d+:1: the model is not the one recorded, which was made by other settings$/m,
    );
  });
});
