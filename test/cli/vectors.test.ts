import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NODE_FILES } from '../../src/cli/node-io.js';
import { Tensor } from '../../src/ir/tensor.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeNpz } from '../../src/runtime/formats/npz.js';
import { Folder, modelOf, quantc, TINY, type Answer } from '../support/cli.js';
import { hasGcc, runC } from '../support/gcc.js';

let folder: Folder;
beforeEach(async () => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
  const x = Float32Array.from({ length: 40 * 8 }, (_, i) => 2 * Math.sin(i * i));
  folder.write('x.npy', encodeNpy(Tensor.float32([40, 1, 8, 1], x)));
  expect(await run('tiny.onnx', '-t', 'f28p55', '-o', 'q.onnx', '--calib', 'x.npy', '--quiet')).toMatchObject({
    status: 0,
  });
});
afterEach(() => folder.remove());

const run = (...argv: readonly string[]): Promise<Answer> => quantc(argv, { cwd: folder.path });
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

describe('golden vectors in C', () => {
  // What an application built with skip_normalize does; prints how many integers of the input differ, and the first output.
  const STUB = `
#include <math.h>
#include <stdio.h>
#include "test_vector.c"
#include "test_vector_input_sequence.h"
#define COUNT(list) (sizeof(list) / sizeof(list[0]))
#define ENTRY(list) tvmgen_default_##list##_data[c % COUNT(tvmgen_default_##list##_data)]
int main(void) {
  int differing = 0;
  for (unsigned i = 0; i < COUNT(model_test_input); i++) {
    unsigned c = 0; /* one channel */
    float sum = model_test_input[i] + ENTRY(bias);
    float product = sum * (float)ENTRY(scale);
    float shifted = floorf(ldexpf(product, -(int)ENTRY(shift)));
    int q = shifted < -128 ? -128 : shifted > 127 ? 127 : (int)shifted;
    if (q != model_test_input_q[i]) differing++;
  }
  printf("%d %u %d\\n", differing, (unsigned)COUNT(model_test_input), golden_output[0]);
  return differing != 0;
}
`;
  it.skipIf(!hasGcc())(
    'compile without a warning, and C computes the same integers (skipped without gcc)',
    async () => {
      const answer = await run('vectors', 'q.onnx', '--data', 'x.npy', '--format', 'c', '-o', '.', '--json');
      expect(answer.status).toBe(0);
      expect(folder.list()).toContain('test_vector_input_sequence.h');
      folder.write('stub.c', STUB);
      const [, output = ''] = /golden_output\[2\] = \{\s*(-?\d+)/.exec(read('test_vector.c')) ?? [];
      expect(runC(folder.path, 'stub.c')).toBe(`0 8 ${output}\n`);
      // The stub can tell: a turned integer of the input is found.
      const [, first = ''] = /model_test_input_q\[8\] = \{\s*(-?\d+)/.exec(read('test_vector.c')) ?? [];
      const other = Number(first) ^ 1;
      folder.write(
        'test_vector.c',
        read('test_vector.c').replace(/(model_test_input_q\[8\] = \{\s*)-?\d+/, `$1${other}`),
      );
      expect(() => runC(folder.path, 'stub.c')).toThrow();
    },
  );

  it('are read with their header, and with the header of the application alone', async () => {
    await run('vectors', 'q.onnx', '--data', 'x.npy', '-o', 'v.c', '--intermediates');
    expect(await run('verify', 'q.onnx', '--vectors', 'v.c', '--header', 'v_input_sequence.h')).toMatchObject({
      status: 0,
    });
    expect(await run('verify', 'q.onnx', '--vectors', 'v.c', '--vectors', 'v_input_sequence.h')).toMatchObject({
      status: 0,
    });
  });

  it.each([
    ['written', 0],
    ['put in its place', 1],
  ])('leave no file behind when the header cannot be %s', async (_, commits) => {
    const refusal = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
    let staged = 0;
    const files: typeof NODE_FILES = {
      ...NODE_FILES,
      stage: async (path, bytes) => {
        staged++;
        if (staged === 2 && commits === 0) throw refusal;
        const file = await NODE_FILES.stage(path, bytes);
        return staged === 2 ? { ...file, commit: () => Promise.reject(refusal) } : file;
      },
    };
    const before = folder.list();
    const answer = await quantc(['vectors', 'q.onnx', '--data', 'x.npy', '-o', 'v.c'], { cwd: folder.path, files });
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain("'v_input_sequence.h' cannot be written: no space is left on the device");
    expect(folder.list()).toEqual(before);
  });
});

describe('the choice of samples', () => {
  it('is told, and shows every saturation that the data show', async () => {
    const answer = await run('vectors', 'q.onnx', '--data', 'x.npy', '-o', 'v.npz', '--count', '40', '--json');
    const summary = JSON.parse(answer.stdout) as { samples: number[]; saturations: Record<string, number> };
    expect(summary.samples).toEqual([...Array(40).keys()]);
    const all = summary.saturations['seen'] ?? 0;
    expect(all).toBeGreaterThan(2);
    const fewer = await run('vectors', 'q.onnx', '--data', 'x.npy', '-o', 'v.npz', '--json');
    expect(JSON.parse(fewer.stdout)).toMatchObject({ saturations: { seen: all, covered: all } });
  });

  it('is warned of when it is too small for that', async () => {
    // No sample saturates the input at both ends.
    const rows = [50, -50, 0].flatMap((value) => Array<number>(8).fill(value));
    folder.write('ends.npy', encodeNpy(Tensor.float32([3, 1, 8, 1], rows)));
    const answer = await run('vectors', 'q.onnx', '--data', 'ends.npy', '-o', 'v.npz', '--count', '1');
    expect(answer.status).toBe(0);
    expect(answer.stderr).toMatch(/1 vector shows \d+ of \d+ saturated channels and bounds/);
    const two = await run('vectors', 'q.onnx', '--data', 'ends.npy', '-o', 'v.npz', '--count', '3', '--json');
    expect(two).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(two.stdout)).toMatchObject({ samples: [0, 1, 2] });
  });
});

describe('several inputs and outputs', () => {
  const TWO = `
graph "two"
input %a: float32[N,3]
input %b: float32[N,3]
%s: float32[N,3] = Add(%a, %b) "/sum"
%r: float32[N,3] = Relu(%s) "/relu"
output "s" = %s
output "r" = %r
`;
  it.each(['c', 'npz', 'json'])('are written and read as .%s', async (format) => {
    folder.write('two.onnx', modelOf(TWO));
    const rows = (k: number): Tensor =>
      Tensor.float32(
        [5, 3],
        Array.from({ length: 15 }, (_, i) => Math.cos(k * i)),
      );
    folder.write(
      'd.npz',
      encodeNpz([
        ['a', rows(1)],
        ['b', rows(2)],
      ]),
    );
    expect(await run('vectors', 'two.onnx', '--data', 'd.npz', '-o', `v.${format}`, '--count', '3')).toMatchObject({
      status: 0,
    });
    const answer = await run('verify', 'two.onnx', '--vectors', `v.${format}`, '--json');
    expect(answer.status).toBe(0);
    const { vectors } = JSON.parse(answer.stdout) as { vectors: { tensors: { name: string }[] }[] };
    expect(vectors.map(({ tensors }) => tensors.map(({ name }) => name))).toEqual(Array(3).fill(['s', 'r']));
  });
});

describe('mistakes', () => {
  it.each([
    [['q.onnx', '--data', 'x.npy'], 'no file to write is given'],
    [['q.onnx', '--data', 'x.npy', '-o', 'v.txt'], "'v.txt' does not tell the format of the vectors"],
    [['q.onnx', '--data', 'x.npy', '-o', 'v', '--format', 'xml'], "--format is 'xml', accepted: c, npz, json"],
    [['q.onnx', '-o', 'v.c'], 'no data are given'],
    [['q.onnx', '--data', 'x.npy', '-o', 'v.c', '--count', '0'], "--count is '0'"],
    [['q.onnx', '--data', 'x.npy', '-o', 'x.npy', '--format', 'npz'], 'would overwrite the input'],
    [['q.onnx', '--data', 'x.npy', '-o', 'none/v.c'], "there is no folder 'none'"],
  ])('%j', async (argv, message) => {
    const answer = await run('vectors', ...argv);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain(message);
  });

  it('of a folder where a file goes are told', async () => {
    mkdirSync(join(folder.path, 'v_input_sequence.h'));
    const answer = await run('vectors', 'q.onnx', '--data', 'x.npy', '-o', 'v.c');
    expect(answer.status).toBe(0);
    expect(read('v_input_sequence.h/v_input_sequence.h')).toContain('tvmgen_default_bias_data');
  });
});
