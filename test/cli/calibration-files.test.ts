import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openCalibration } from '../../src/cli/calibration-files.js';
import { UserError, type Diagnostic } from '../../src/ir/diagnostics.js';
import { encodeTensorProto } from '../../src/ir/onnx/tensor-proto.js';
import type { Tensor } from '../../src/ir/tensor.js';
import type { SampleInput, SampleSource } from '../../src/passes/calibration/samples.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeNpz } from '../../src/runtime/formats/npz.js';
import { collect, counting, dimsOf, elementsOf, inputOf } from '../support/samples.js';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'quantc-calibration-'));
});
afterEach(() => rm(cwd, { recursive: true }));

async function write(files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), content);
  }
}

const npy = (dims: readonly number[], start = 0): Uint8Array => encodeNpy(counting(dims, start));
const pb = (dims: readonly number[], start = 0): Uint8Array => encodeTensorProto(counting(dims, start), 'tensor');

const one = [inputOf('x', ['N', 2])];
const two = [inputOf('a', ['N', 2]), inputOf('b', ['N', 3])];
const upTo = (count: number): number[] => [...Array(count).keys()];

const opened = (paths: readonly string[], inputs: readonly SampleInput[] = one): Promise<SampleSource> =>
  openCalibration(paths, inputs, { cwd });

async function refusal(paths: readonly string[], inputs: readonly SampleInput[] = one): Promise<readonly Diagnostic[]> {
  try {
    await opened(paths, inputs);
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
  return [];
}

describe('one input', () => {
  it.each<[string, Uint8Array | string]>([
    ['calib.npy', npy([5, 2])],
    ['CALIB.NPY', npy([5, 2])],
    ['calib.npz', encodeNpz([['x', counting([5, 2])]])],
    [
      'two.npz',
      encodeNpz([
        ['y', counting([5])],
        ['x', counting([5, 2])],
      ]),
    ],
    ['calib.csv', 'left,right\n0,1\n2,3\n4,5\n6,7\n8,9\n'],
    ['calib.pb', pb([5, 2])],
  ])('is read from %s', async (name, content) => {
    await write({ [name]: content });
    const source = await opened([name]);
    expect(source).toMatchObject({ count: 5, description: `5 samples from ${name}` });
    for (let pass = 0; pass < 2; pass++) {
      const batches = await collect(source, 3);
      expect(dimsOf(batches, 'x')).toEqual([
        [3, 2],
        [2, 2],
      ]);
      expect(elementsOf(batches, 'x')).toEqual(upTo(10));
    }
  });

  it('is read from a large .npy file block by block', async () => {
    await write({ 'large.npy': npy([20_000, 2]) });
    const source = await opened(['large.npy']);
    const batches = await collect(source, 3000);
    expect(batches.map((batch) => batch.get('x')?.dims[0])).toEqual([...Array<number>(6).fill(3000), 2000]);
    expect(elementsOf(batches, 'x')).toEqual(upTo(40_000));
  });

  it('is kept when the only file has to be read as a whole', async () => {
    await write({ 'calib.csv': '0,1\n2,3\n' });
    const source = await opened(['calib.csv']);
    await rm(join(cwd, 'calib.csv'));
    expect(elementsOf(await collect(source), 'x')).toEqual(upTo(4));
  });

  it('is read from several files in the given order', async () => {
    await write({ 'b.npy': npy([2, 2]), 'a.csv': '4,5\n', 'c.pb': pb([1, 2], 6) });
    const source = await opened(['b.npy', 'a.csv', 'c.pb']);
    expect(source.description).toBe('4 samples from b.npy, a.csv, c.pb');
    expect(elementsOf(await collect(source), 'x')).toEqual(upTo(8));
  });

  it('is read from a folder in natural order, besides files of other kinds', async () => {
    await write({
      'calib/sample10.npy': npy([2], 4),
      'calib/sample2.npy': npy([2], 2),
      'calib/sample1.csv': '0,1\n',
      'calib/readme.txt': 'what this is',
      'calib/.hidden.npy': 'not read',
      'calib/more/sample3.npy': npy([7]),
    });
    const source = await opened(['calib/']);
    expect(source).toMatchObject({ count: 3, description: '3 samples from calib/' });
    const batches = await collect(source, 2);
    expect(dimsOf(batches, 'x')).toEqual([
      [2, 2],
      [1, 2],
    ]);
    expect(elementsOf(batches, 'x')).toEqual(upTo(6));
  });

  it('is read from ONNX test data, without the outputs', async () => {
    const set = (n: number, start: number): Record<string, Uint8Array> => ({
      [`model/test_data_set_${n}/input_0.pb`]: pb([1, 2], start),
      [`model/test_data_set_${n}/output_0.pb`]: pb([1, 10], start),
    });
    await write({
      ...set(10, 4),
      ...set(0, 0),
      ...set(2, 2),
      'model/model.onnx': 'not read',
      'model/other.npy': npy([9]),
    });
    expect(elementsOf(await collect(await opened(['model'])), 'x')).toEqual(upTo(6));
    expect(elementsOf(await collect(await opened(['model/test_data_set_2'])), 'x')).toEqual([2, 3]);
  });

  it('is read from absolute paths and through symbolic links', async () => {
    await write({ 'calib.npy': npy([2, 2]) });
    await symlink(join(cwd, 'calib.npy'), join(cwd, 'link.npy'));
    expect((await opened([join(cwd, 'calib.npy'), 'link.npy'])).count).toBe(4);
  });
});

describe('several inputs', () => {
  const both = async (paths: readonly string[]): Promise<void> => {
    const batches = await collect(await opened(paths, two), 2);
    expect(elementsOf(batches, 'a')).toEqual(upTo(6));
    expect(elementsOf(batches, 'b')).toEqual(upTo(9));
  };

  it('are read from the arrays of .npz files', async () => {
    const arrays: [string, Tensor][] = [
      ['b', counting([3, 3])],
      ['a', counting([3, 2])],
    ];
    await write({ 'calib.npz': encodeNpz(arrays) });
    await both(['calib.npz']);
    expect((await opened(['calib.npz', 'calib.npz'], two)).count).toBe(6);
  });

  it('are read from files in their order', async () => {
    await write({ 'first.npy': npy([3, 2]), 'second.csv': '0,1,2\n3,4,5\n6,7,8\n' });
    await both(['first.npy', 'second.csv']);
  });

  it('are read from files with their names, in any order', async () => {
    await write({ 'calib/b.npy': npy([3, 3]), 'calib/a.npy': npy([3, 2]), 'calib/labels.npy': npy([3]) });
    await both(['calib/b.npy', 'calib/a.npy']);
    await both(['calib']);
  });

  it('are read from ONNX test data', async () => {
    await write({
      'test_data_set_0/input_0.pb': pb([1, 2]),
      'test_data_set_0/input_1.pb': pb([1, 3]),
      'test_data_set_0/output_0.pb': pb([1, 3]),
      'test_data_set_1/input_0.pb': pb([2, 2], 2),
      'test_data_set_1/input_1.pb': pb([2, 3], 3),
    });
    await both(['.']);
  });

  it('are one number in a file of their own', async () => {
    await write({ 'x.npy': npy([3, 2]), 'rate.npy': npy([], 16000) });
    const inputs = [inputOf('x', ['N', 2]), inputOf('rate', [], 'int64')];
    const [batch] = await collect(await opened(['x.npy', 'rate.npy'], inputs));
    expect(batch?.get('rate')).toMatchObject({ dtype: 'int64', dims: [], data: BigInt64Array.of(16000n) });
  });

  it('are not guessed from too few or too many files', async () => {
    await write({ 'p.npy': npy([3, 2]), 'q.npy': npy([3, 3]), 'r.npy': npy([3, 3]) });
    expect(await refusal(['p.npy'], two)).toMatchObject([
      { message: "the file holds p.npy, but the model takes 'a', 'b'", at: { file: 'p.npy' } },
    ]);
    expect(await refusal(['p.npy', 'q.npy', 'r.npy'], two)).toMatchObject([
      { message: "3 files hold p.npy, q.npy, r.npy, but the model takes 'a', 'b'" },
    ]);
  });
});

describe('refusals', () => {
  it('tell everything that is wrong at once, and where', async () => {
    await write({
      'bad.npy': 'this is no array',
      'bad.npz': 'nor this',
      'bad.csv': '1,2\n3,x\n',
      'bad.pb': Uint8Array.of(255, 255, 255),
      'data.txt': '1 2',
      'empty/readme.md': '',
    });
    const paths = ['missing.npy', 'bad.npy', 'bad.npz', 'bad.csv', 'bad.pb', 'data.txt', 'empty'];
    const problems = await refusal(paths);
    expect(problems).toHaveLength(paths.length);
    for (const [i, { message, at }] of problems.entries()) expect(`${at?.file ?? ''} ${message}`).toContain(paths[i]);
    expect(problems.every(({ severity }) => severity === 'error')).toBe(true);
    expect(problems[0]?.message).toBe("'missing.npy' cannot be read: there is no such file or folder");
    expect(problems[5]).toMatchObject({
      message: "'data.txt' has a name that does not tell how it holds numbers",
      hint: '.npy, .npz, .csv, .pb are accepted',
    });
    expect(problems[6]).toMatchObject({
      message: "the folder 'empty' holds no calibration data",
      hint: '.npy, .npz, .csv, .pb files are looked for',
    });
  });

  it('stop after some', async () => {
    await write(Object.fromEntries(upTo(30).map((i) => [`calib/${i}.npy`, 'broken'])));
    const problems = await refusal(['calib']);
    expect(problems.map(({ at }) => at?.file)).toEqual(upTo(8).map((i) => `calib/${i}.npy`));
  });

  it('name the file whose samples have another shape', async () => {
    await write({ 'calib/images.npy': npy([4, 2]), 'calib/labels.npy': npy([4]) });
    expect(await refusal(['calib'])).toMatchObject([
      { message: "the array is float32[4], but input 'x' takes float32[N,2]", at: { file: 'calib/labels.npy' } },
    ]);
  });

  it('name the file, the sample and the element that is not finite', async () => {
    const data = counting([4, 2]);
    data.data[5] = NaN;
    await write({ 'calib/0.npy': npy([3, 2]), 'calib/1.npy': encodeNpy(data) });
    await expect(collect(await opened(['calib']))).rejects.toMatchObject({
      diagnostics: [
        {
          code: 'sample-value',
          message: 'element [1] of sample 2 is NaN, but only finite values are accepted',
          at: { file: 'calib/1.npy', value: 'x' },
        },
      ],
    });
  });

  it('concern devices and paths through files', async () => {
    await write({ 'calib.npy': npy([4, 2]) });
    expect(await refusal(['/dev/null'])).toMatchObject([{ message: "'/dev/null' is neither a file nor a folder" }]);
    expect(await refusal(['calib.npy/x.npy'])).toMatchObject([
      { message: "'calib.npy/x.npy' cannot be read: a part of its path is not a folder" },
    ]);
  });

  it('concern a file that goes away between two passes', async () => {
    await write({ 'calib/0.npy': npy([3, 2]) });
    const source = await opened(['calib']);
    await collect(source);
    await rm(join(cwd, 'calib/0.npy'));
    await expect(collect(source)).rejects.toThrow("'calib/0.npy' cannot be read: there is no such file or folder");
    await write({ 'calib/0.npy': npy([4, 2]) });
    await expect(collect(source)).rejects.toMatchObject({ diagnostics: [{ code: 'samples-changed' }] });
  });
});

it('reports what a fixed batch leaves over', async () => {
  await write({ 'calib.npy': npy([10, 2]) });
  const report = vi.fn();
  const source = await openCalibration(['calib.npy'], [inputOf('x', [4, 2])], { cwd, report });
  expect(source).toMatchObject({ count: 8, fixedBatch: 4 });
  expect(report.mock.calls).toMatchObject([[{ code: 'samples-left-out', severity: 'warning' }]]);
});
