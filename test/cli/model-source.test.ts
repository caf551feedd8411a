import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Folder, quantc } from '../support/cli.js';
import { modelBytes } from '../support/onnx-builder.js';

/** y = x + b, where b lies outside the model file. */
const modelWith = (location: string): Uint8Array =>
  modelBytes({
    inputs: [{ name: 'x', shape: [2] }],
    outputs: [{ name: 'y', shape: [2] }],
    nodes: [{ op: 'Add', inputs: ['x', 'b'], outputs: ['y'] }],
    initializers: [{ name: 'b', dims: [2], external: [['location', location]] }],
  });
const WEIGHTS = new Uint8Array(Float32Array.of(10, 20).buffer);

let outer: Folder;
let inner: string;
beforeEach(() => {
  outer = new Folder();
  inner = join(outer.path, 'model');
  mkdirSync(inner);
  mkdirSync(join(inner, 'sub'));
  outer.write('outside.bin', WEIGHTS);
  outer.write('model/inside.bin', WEIGHTS);
  outer.write('model/sub/deep.bin', WEIGHTS);
  outer.write('model/short.bin', WEIGHTS.subarray(0, 4));
});
afterEach(() => outer.remove());

async function inspect(location: string): Promise<{ status: number; stderr: string }> {
  outer.write('model/m.onnx', modelWith(location));
  return quantc(['inspect', 'm.onnx'], { cwd: inner });
}

describe('external data', () => {
  it.each(['inside.bin', './inside.bin', 'sub/deep.bin'])('are read from %s', async (location) => {
    expect(await inspect(location)).toMatchObject({ status: 0, stderr: '' });
  });

  it('are read through a link that stays in the folder', async () => {
    symlinkSync(join(inner, 'sub', 'deep.bin'), join(inner, 'link.bin'));
    expect(await inspect('link.bin')).toMatchObject({ status: 0 });
  });

  it('are found beside a model that is reached through a linked folder', async () => {
    outer.write('model/m.onnx', modelWith('inside.bin'));
    symlinkSync(inner, join(outer.path, 'alias'));
    expect(await quantc(['inspect', 'alias/m.onnx'], { cwd: outer.path })).toMatchObject({ status: 0 });
  });

  it.each([
    ['../outside.bin', 'leaves the folder'],
    ['/etc/passwd', 'absolute path'],
    ['absent.bin', 'no such file can be read'],
    ['sub', 'no such file can be read'],
    ['.', 'no such file can be read'],
    ['short.bin', 'holds 4 there'],
  ])('are refused from %s', async (location, reason) => {
    const { status, stderr } = await inspect(location);
    expect(status).toBe(2);
    expect(stderr).toContain(reason);
  });

  it('are refused through links that lead out', async () => {
    symlinkSync(join(outer.path, 'outside.bin'), join(inner, 'file-link.bin'));
    symlinkSync(outer.path, join(inner, 'folder-link'));
    for (const location of ['file-link.bin', 'folder-link/outside.bin']) {
      const { status, stderr } = await inspect(location);
      expect(status, location).toBe(2);
      expect(stderr, location).toContain('links that lead out of its folder are not followed');
    }
  });
});
