import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModel } from '../../src/backends/run.js';
import { Tensor } from '../../src/ir/tensor.js';
import { decodeNpy, encodeNpy } from '../../src/runtime/formats/npy.js';
import { decodeNpz, encodeNpz } from '../../src/runtime/formats/npz.js';
import { Folder, modelOf, quantc, TINY } from '../support/cli.js';
import { fixture, fixturePath } from '../support/fixtures.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const run = (...argv: readonly string[]): ReturnType<typeof quantc> => quantc(['run', ...argv], { cwd: folder.path });
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder.path, name)));

/** y = x + x and s = the sum of each sample. */
const TWO = `graph "two"
input %x: float32[N,2]
const %axes: int64[1] = [1]
%y: float32[N,2] = Add(%x, %x) "/double"
%s: float32[N] = ReduceSum(%x, %axes) {keepdims = 0} "/sum"
output "y" = %y
output "s" = %s
`;
const RAMP = Tensor.float32([5, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

describe('outputs', () => {
  beforeEach(() => {
    folder.write('two.onnx', modelOf(TWO));
    folder.write('x.npy', encodeNpy(RAMP));
  });

  it('are printed as a digest without -o', async () => {
    const { status, stdout, stderr } = await run('two.onnx', '--input', 'x.npy');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n').slice(1)).toEqual([
      '',
      'output  type          least  largest  first elements',
      'y       float32[5,2]      2       20  2, 4, 6, 8, 10, 12, 14, 16',
      's       float32[5]        3       19  3, 7, 11, 15, 19',
      '',
    ]);
    expect(stdout).toMatch(/^two\.onnx: 5 samples in floats in \d/);
  });

  it('are JSON with --json', async () => {
    const { stdout } = await run('two.onnx', '--input', 'x.npy', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'two.onnx',
      kind: 'float',
      samples: 5,
      outputs: [
        { name: 'y', dtype: 'float32', shape: [5, 2], min: 2, max: 20, first: [2, 4, 6, 8, 10, 12, 14, 16] },
        { name: 's', dtype: 'float32', shape: [5], min: 3, max: 19, first: [3, 7, 11, 15, 19] },
      ],
    });
  });

  it('go into an .npz file, also one in a folder', async () => {
    const { stdout } = await run('two.onnx', '--input', 'x.npy', '-o', 'out.npz', '--batch', '2');
    expect(stdout).toContain('written to out.npz\n');
    const outputs = decodeNpz(read('out.npz'));
    expect(outputs.get('y')?.toNumbers()).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
    expect(outputs.get('s')?.toNumbers()).toEqual([3, 7, 11, 15, 19]);
    mkdirSync(join(folder.path, 'results'));
    await run('two.onnx', '--input', 'x.npy', '-o', 'results', '--quiet');
    expect(read('results/outputs.npz')).toEqual(read('out.npz'));
  });

  it('of intermediate tensors too are written on request, inputs included', async () => {
    await run('two.onnx', '--input', 'x.npy', '--intermediates', 'all.npz');
    const tensors = decodeNpz(read('all.npz'));
    expect([...tensors.keys()]).toEqual(['x', 'y', 's']);
    expect(tensors.get('x')?.toNumbers()).toEqual(RAMP.toNumbers());
  });

  it.each([
    [['-o', 'out.npy'], "the model has 2 outputs ('y', 's'), a .npy file holds one array"],
    [['-o', 'out.txt'], "the outputs cannot be written as 'out.txt'"],
    [['-o', 'x.npy'], "-o 'x.npy' would overwrite the input 'x.npy'"],
    [['--intermediates', 'a.npy'], "the intermediate tensors cannot be written as 'a.npy'"],
    [['--engine', 'slow'], "--engine is 'slow', accepted: reference, fast"],
    [['--batch', 'all'], "--batch is 'all', accepted: a whole number from 1 on"],
  ])('are refused for %j', async (options, message) => {
    const before = folder.list();
    const { status, stdout, stderr } = await run('two.onnx', '--input', 'x.npy', ...options);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}\n`);
    expect(folder.list()).toEqual(before);
  });
});

describe('inputs', () => {
  const MIXED = `graph "mixed"
input %a: float32[N,2]
input %b: int64[N,2]
%c: float32[N,2] = Cast(%b) {to = 1}
%y: float32[N,2] = Sub(%a, %c)
output "y" = %y
`;
  beforeEach(() => {
    folder.write('mixed.onnx', modelOf(MIXED));
    folder.write('a.npy', encodeNpy(Tensor.float32([2, 2], [1, 2, 3, 4])));
    folder.write('b.npy', encodeNpy(Tensor.float32([2, 2], [10, 20, 30, 40])));
  });
  const DIFFERENCE = [-9, -18, -27, -36];
  const values = (): number[] => decodeNpy(read('y.npy')).toNumbers();

  it('are told apart by name=path, whatever the files are called', async () => {
    folder.write('b2.npy', encodeNpy(Tensor.float32([2, 2], [1, 2, 3, 4])));
    folder.write('a2.npy', encodeNpy(Tensor.float32([2, 2], [10, 20, 30, 40])));
    await run('mixed.onnx', '-i', 'b=a2.npy', '-i', 'a=b2.npy', '-o', 'y.npy');
    expect(values()).toEqual(DIFFERENCE);
    await run('mixed.onnx', '-i', 'b=b.npy', '-i', 'a=a.npy', '-o', 'y.npy');
    expect(values()).toEqual(DIFFERENCE);
  });

  it('come from an .npz file or in order', async () => {
    folder.write(
      'all.npz',
      encodeNpz([
        ['b', Tensor.int64([10, 20]).reshape([1, 2])],
        ['a', Tensor.float32([1, 2], [1, 2])],
      ]),
    );
    await run('mixed.onnx', '-i', 'all.npz', '-o', 'y.npy');
    expect(values()).toEqual([-9, -18]);
    await run('mixed.onnx', '-i', 'a.npy', '-i', 'b.npy', '-o', 'y.npy');
    expect(values()).toEqual(DIFFERENCE);
  });

  it('are demanded', async () => {
    const { status, stderr } = await run('mixed.onnx');
    expect(status).toBe(2);
    expect(stderr).toBe(
      "error: no data are given\n  add --input <file>: the model takes 'a' float32[N,2], 'b' int64[N,2]\n",
    );
  });

  it.each([
    [['-i', 'a=a.npy'], '--input names 1 of 2 inputs, once each is accepted'],
    [['-i', 'a=a.npy', '-i', 'b.npy'], '--input names 1 of 2 inputs, once each is accepted'],
    [['-i', 'a=a.npy', '-i', 'a=b.npy'], '--input names 1 of 2 inputs, once each is accepted'],
    [['-i', 'a=c.npy', '-i', 'b=b.npy'], "there is no file or folder 'c.npy'"],
  ])('are refused as %j', async (options, message) => {
    const { status, stderr } = await run('mixed.onnx', ...options);
    expect(status).toBe(2);
    expect(stderr.split('\n')[0]).toBe(`error: ${message}`);
  });

  it('may be absent when the model has none', async () => {
    const constant = 'graph "c"\nconst %a: float32[2] = [1, 2]\n%y: float32[2] = Neg(%a)\noutput "y" = %y\n';
    folder.write('constant.onnx', modelOf(constant));
    expect(await run('constant.onnx', '-o', 'y.npy')).toMatchObject({ status: 0, stderr: '' });
    expect(values()).toEqual([-1, -2]);
    expect(await run('constant.onnx', '-i', 'a.npy')).toMatchObject({ status: 2 });
  });
});

describe('a quantised model', () => {
  it('of TI gives the integers of the board, in any engine', async () => {
    const model = fixturePath('coral_base_100/model_ti.onnx');
    const golden = decodeNpy(fixture('coral_base_100/golden.npy')).toNumbers();
    for (const engine of ['reference', 'fast']) {
      const { stdout } = await run(
        model,
        '-i',
        fixturePath('coral_base_100/inputs.npy'),
        '-o',
        'y.npy',
        '--engine',
        engine,
      );
      expect(stdout).toContain('in integers of the NPU');
      expect(decodeNpy(read('y.npy')).toNumbers()).toEqual(golden);
    }
  });

  it('of TI gives every tensor of its own by name', async () => {
    const model = fixturePath('coral_base_100/model_ti.onnx');
    await run(model, '-i', fixturePath('coral_base_100/inputs.npy'), '--intermediates', 't.npz');
    const tensors = decodeNpz(read('t.npz'));
    const reference = decodeNpz(fixture('coral_base_100/intermediate.npz'));
    for (const name of ['conv0', 'conv1', 'pool']) {
      expect(tensors.get(`${name}_clip`)?.toNumbers(), name).toEqual(reference.get(name)?.toNumbers());
    }
    expect(tensors.has('x')).toBe(false);
    expect(tensors.get('input')?.dims).toEqual([1, 1, 256, 1]);
  });

  it('that quantc compiled gives what the library computes', async () => {
    folder.write('tiny.onnx', modelOf(TINY));
    await quantc(['tiny.onnx', '-t', 'f28p55', '-o', 'q.onnx'], { cwd: folder.path });
    const x = Tensor.float32(
      [3, 1, 8, 1],
      Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    );
    folder.write('x.npy', encodeNpy(x));
    await run('q.onnx', '-i', 'x.npy', '-o', 'y.npy', '--batch', '1');
    const expected = openModel(read('q.onnx')).run(new Map([['x', x]]));
    expect(decodeNpy(read('y.npy'))).toEqual(expected.get('y'));
  });
});
