import { describe, expect, it, vi } from 'vitest';
import { UserError, type Diagnostic } from '../../../src/ir/diagnostics.js';
import { Tensor } from '../../../src/ir/tensor.js';
import {
  fitSamples,
  streamSamples,
  tensorSamples,
  type SampleItem,
} from '../../../src/passes/calibration/fit-samples.js';
import type { SampleInput } from '../../../src/passes/calibration/samples.js';
import { storedTensors } from '../../../src/passes/calibration/stored.js';
import { collect, counting, dimsOf, elementsOf, inputOf } from '../../support/samples.js';

const image = [inputOf('image', ['N', 3, 4, 5])];

function refusal(act: () => unknown): readonly Diagnostic[] {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
  return [];
}

const file = (origin: string, dims: readonly number[], name = ''): ReturnType<typeof storedTensors> =>
  storedTensors([[name, counting(dims)]], origin);

describe('tensorSamples', () => {
  it('delivers all samples in order, the last batch shorter', async () => {
    const source = tensorSamples(image, counting([10, 3, 4, 5]));
    expect(source).toMatchObject({ count: 10, description: '10 samples from the data', fixedBatch: undefined });
    const batches = await collect(source, 4);
    expect(dimsOf(batches, 'image')).toEqual([
      [4, 3, 4, 5],
      [4, 3, 4, 5],
      [2, 3, 4, 5],
    ]);
    expect(elementsOf(batches, 'image')).toEqual(Array.from({ length: 600 }, (_, i) => i));
  });

  it('delivers them again', async () => {
    const source = tensorSamples(image, counting([3, 3, 4, 5]));
    expect(elementsOf(await collect(source), 'image')).toEqual(elementsOf(await collect(source, 1), 'image'));
  });

  it('reshapes and converts', async () => {
    const bytes = new Tensor(
      'uint8',
      [2, 60],
      Uint8Array.from({ length: 120 }, (_, i) => 255 - i),
    );
    const [batch] = await collect(tensorSamples(image, bytes));
    expect(batch?.get('image')?.dims).toEqual([2, 3, 4, 5]);
    expect(batch?.get('image')?.dtype).toBe('float32');
    expect(elementsOf([batch!], 'image').slice(0, 3)).toEqual([255, 254, 253]);
  });

  it('names the sample and the element that an input does not take', async () => {
    const data = counting([9, 3, 4, 5]);
    data.data[7 * 60 + 1 * 20 + 2 * 5 + 4] = NaN;
    const source = tensorSamples(image, data);
    await expect(collect(source, 4)).rejects.toThrow(
      'element [1,2,4] of sample 7 is NaN, but only finite values are accepted',
    );
    await expect(collect(source, 4)).rejects.toMatchObject({
      diagnostics: [{ code: 'sample-value', at: { file: 'the data', value: 'image' } }],
    });
  });

  it('says what was found and what is accepted', () => {
    expect(refusal(() => tensorSamples(image, counting([10, 3, 4, 6])))).toMatchObject([
      {
        code: 'sample-shape',
        message: "the array is float32[10,3,4,6], but input 'image' takes float32[N,3,4,5]",
        at: { file: 'the data' },
        hint: 'accepted are [n,3,4,5] for n samples, [3,4,5] for a single one, [n,60] for flattened ones, with or without axes of size 1',
      },
    ]);
  });

  it('says which order of axes would fit', () => {
    expect(refusal(() => tensorSamples(image, counting([10, 4, 5, 3])))).toMatchObject([
      {
        code: 'sample-layout',
        message:
          "the array is float32[10,4,5,3], but input 'image' takes float32[N,3,4,5]; with its axes in the order 0, 3, 1, 2 it would fit",
        hint: 'transpose the data: numpy.transpose(data, (0, 3, 1, 2))',
      },
    ]);
  });

  it('refuses data without elements and models without inputs', () => {
    expect(refusal(() => tensorSamples(image, counting([0, 3, 4, 5])))).toMatchObject([{ code: 'no-samples' }]);
    expect(refusal(() => fitSamples(image, []))).toMatchObject([{ code: 'no-samples' }]);
    expect(refusal(() => tensorSamples([], counting([1])))).toMatchObject([{ code: 'no-inputs' }]);
    expect(refusal(() => tensorSamples([inputOf('x', [0, 3])], counting([1, 3])))).toMatchObject([
      { code: 'sample-shape' },
    ]);
  });
});

describe('several inputs', () => {
  const inputs = [inputOf('a', ['N', 2]), inputOf('b', ['N'], 'int64')];

  it('takes tensors by name, in any order and besides others', async () => {
    const tensors = new Map([
      ['b', counting([5])],
      ['label', counting([7, 7])],
      ['a', counting([5, 2])],
    ]);
    const batches = await collect(tensorSamples(inputs, tensors), 3);
    expect(dimsOf(batches, 'a')).toEqual([
      [3, 2],
      [2, 2],
    ]);
    expect(elementsOf(batches, 'b')).toEqual([0, 1, 2, 3, 4]);
    expect(batches[0]?.get('b')?.dtype).toBe('int64');
    expect([...batches[0]!.keys()]).toEqual(['a', 'b']);
  });

  it('takes files in the order of the inputs', async () => {
    const batches = await collect(fitSamples(inputs, [[file('first.npy', [4, 2]), file('second.npy', [4])]]));
    expect(dimsOf(batches, 'a')).toEqual([[4, 2]]);
    expect(dimsOf(batches, 'b')).toEqual([[4]]);
  });

  it('refuses different numbers of samples', () => {
    const set = [file('first.npy', [4, 2]), file('second.npy', [5])];
    expect(refusal(() => fitSamples(inputs, [set]))).toMatchObject([
      {
        code: 'sample-count',
        message: "the inputs have different numbers of samples: 4 of 'a' (first.npy), 5 of 'b' (second.npy)",
      },
    ]);
  });

  it.each<[string, [string, number[]][], string]>([
    ['a missing array', [['a', [4, 2]]], "the file holds 'a', but the model takes 'a', 'b'"],
    [
      'names of which only some fit',
      [
        ['a', [4, 2]],
        ['c', [4]],
      ],
      "the file holds 'a', 'c', but the model takes 'a', 'b'",
    ],
    ['nothing', [], "the file holds no array, but the model takes 'a', 'b'"],
  ])('refuses %s', (_, arrays, message) => {
    const tensors = arrays.map(([name, dims]): [string, Tensor] => [name, counting(dims)]);
    expect(refusal(() => fitSamples(inputs, [[storedTensors(tensors, 'calib.npz')]]))).toMatchObject([
      { code: 'sample-names', message, at: { file: 'calib.npz' } },
    ]);
  });

  it('takes the only array that fits a single input, unless several do', async () => {
    const x = inputOf('x', ['N', 2]);
    const tensors = (labels: number[]): [string, Tensor][] => [
      ['data', counting([4, 2])],
      ['labels', counting(labels)],
    ];
    const source = fitSamples([x], [[storedTensors(tensors([4, 9]), 'calib.npz')]]);
    expect(dimsOf(await collect(source), 'x')).toEqual([[4, 2]]);
    expect(refusal(() => fitSamples([x], [[storedTensors(tensors([4, 2]), 'calib.npz')]]))).toMatchObject([
      { message: "the file holds 'data', 'labels', but the model takes 'x'" },
    ]);
  });

  it('gives an input without axes the same number in every batch', async () => {
    const speech = [inputOf('x', ['N', 2]), inputOf('rate', [], 'int64')];
    const tensors = new Map([
      ['x', counting([3, 2])],
      ['rate', counting([1], 16000)],
    ]);
    const batches = await collect(tensorSamples(speech, tensors), 2);
    expect(dimsOf(batches, 'rate')).toEqual([[], []]);
    expect(batches.map((batch) => batch.get('rate')?.data[0])).toEqual([16000n, 16000n]);
    expect(refusal(() => tensorSamples(speech, tensors.set('rate', counting([2]))))).toMatchObject([
      { code: 'sample-shape', message: "array 'rate' is float32[2], but input 'rate' takes one number" },
    ]);
    const [only] = await collect(tensorSamples([inputOf('rate', [])], counting([], 3)));
    expect(only?.get('rate')?.toNumbers()).toEqual([3]);
  });

  it('takes everything that a model with different sizes of axis 0 takes at once as one sample', async () => {
    const speech = [inputOf('x', [1, 4]), inputOf('state', [2, 1, 3]), inputOf('mask', ['M', 5])];
    const tensors = new Map([
      ['x', counting([6, 4])],
      ['state', counting([12, 1, 3])],
      ['mask', counting([6, 5])],
    ]);
    const source = tensorSamples(speech, tensors);
    expect(source).toMatchObject({ count: 6, fixedBatch: 1 });
    const batches = await collect(source, 16);
    expect(dimsOf(batches, 'x')).toEqual(Array(6).fill([1, 4]));
    expect(dimsOf(batches, 'state')).toEqual(Array(6).fill([2, 1, 3]));
    expect(elementsOf(batches, 'state')).toEqual(Array.from({ length: 36 }, (_, i) => i));
    tensors.get('state')!.data[21] = Infinity;
    await expect(collect(source)).rejects.toThrow("element [1,0,0] of sample 3 of array 'state' is Infinity");
    expect(refusal(() => tensorSamples(speech, tensors.set('state', counting([11, 1, 3]))))).toMatchObject([
      { code: 'sample-count' },
    ]);
  });
});

describe('sets', () => {
  it('fill batches across their seams, whatever the shape each has', async () => {
    const source = fitSamples(image, [
      [file('0.npy', [2, 3, 4, 5])],
      [file('1.npy', [3, 4, 5])],
      [file('2.npy', [1, 60])],
    ]);
    expect(source).toMatchObject({ count: 4, description: '4 samples from 3 files' });
    expect(dimsOf(await collect(source, 3), 'image')).toEqual([
      [3, 3, 4, 5],
      [1, 3, 4, 5],
    ]);
  });

  it('are all checked before anything is read', () => {
    const open = vi.fn(() => Promise.resolve([]));
    const misfit = (origin: string): SampleItem | ReturnType<typeof file> => ({ ...file(origin, [7]), open });
    const sets = Array.from({ length: 11 }, (_, i) => [misfit(`${i}.npy`) as ReturnType<typeof file>]);
    const problems = refusal(() => fitSamples(image, [[file('good.npy', [3, 4, 5])], ...sets]));
    expect(problems.map(({ at, message }) => at?.file ?? message.split(' ')[0])).toEqual([
      ...Array.from({ length: 8 }, (_, i) => `${i}.npy`),
      '3',
    ]);
    expect(problems.at(-1)?.message).toBe('3 more arrays do not fit the model either');
    expect(open).not.toHaveBeenCalled();
  });

  it('may differ in sizes that the model leaves open', async () => {
    const speech = [inputOf('x', ['N', 'T', 3])];
    const sets = [4, 4, 7].map((length) => [file('x.npy', [1, length, 3])]);
    expect(dimsOf(await collect(fitSamples(speech, sets)), 'x')).toEqual([
      [2, 4, 3],
      [1, 7, 3],
    ]);
  });
});

describe('a model of fixed batch', () => {
  const four = [inputOf('x', [4, 2])];

  it('gets batches of that size, and what is left over is told', async () => {
    const report = vi.fn<(diagnostic: Diagnostic) => void>();
    const source = fitSamples(four, [[file('a.npy', [6, 2])], [file('b.npy', [5, 2])]], { report });
    expect(source).toMatchObject({ count: 8, fixedBatch: 4 });
    const batches = await collect(source, 16);
    expect(dimsOf(batches, 'x')).toEqual([
      [4, 2],
      [4, 2],
    ]);
    expect(elementsOf(batches, 'x')).toEqual([...Array(12).keys(), ...Array(4).keys()]);
    expect(report.mock.calls.map(([{ severity, message }]) => [severity, message])).toEqual([
      ['warning', 'the model takes batches of 4 samples: 3 of 11 are left over and not used'],
    ]);
  });

  it('is not given less than one batch', () => {
    expect(refusal(() => tensorSamples(four, counting([3, 2])))).toMatchObject([
      { code: 'no-samples', message: 'the model takes batches of 4 samples, but there are only 3' },
    ]);
  });

  it('takes stacked batches', async () => {
    const source = tensorSamples(four, counting([3, 4, 2]));
    expect(source.count).toBe(12);
    expect(dimsOf(await collect(source), 'x')).toEqual([
      [4, 2],
      [4, 2],
      [4, 2],
    ]);
  });

  it('of one sample gets one after the other', async () => {
    const source = tensorSamples([inputOf('x', [1, 2])], counting([3, 2]));
    expect(dimsOf(await collect(source), 'x')).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });
});

describe('streamSamples', () => {
  const inputs: SampleInput[] = [inputOf('x', ['N', 2])];

  async function* items(count: number): AsyncGenerator<SampleItem> {
    for (let i = 0; i < count; i++)
      yield Promise.resolve(i % 2 === 0 ? counting([2], 2 * i) : new Map([['x', counting([1, 2], 2 * i)]]));
  }

  it('batches items as they come', async () => {
    const source = streamSamples(inputs, () => items(5), { origin: 'a microphone' });
    expect(source).toMatchObject({ count: undefined, description: 'samples from a microphone' });
    for (let pass = 0; pass < 2; pass++) {
      const batches = await collect(source, 3);
      expect(dimsOf(batches, 'x')).toEqual([
        [3, 2],
        [2, 2],
      ]);
      expect(elementsOf(batches, 'x')).toEqual([...Array(10).keys()]);
    }
  });

  it('takes an iterable that can be run through again', async () => {
    const source = streamSamples(inputs, [counting([3, 2])]);
    expect(dimsOf(await collect(source), 'x')).toEqual(dimsOf(await collect(source), 'x'));
  });

  it('says so when there is nothing, or nothing any more', async () => {
    const source = streamSamples(inputs, items(1));
    expect(await collect(source)).toHaveLength(1);
    await expect(collect(source)).rejects.toThrow('there is no sample');
  });

  it('counts the items in its refusals', async () => {
    await expect(collect(streamSamples(inputs, [counting([2]), counting([3])]))).rejects.toMatchObject({
      diagnostics: [
        { message: "the array is float32[3], but input 'x' takes float32[N,2]", at: { file: 'item 1 of the data' } },
      ],
    });
    const items = [counting([2]), counting([2, 2]), Tensor.float32([2], [0, NaN])];
    await expect(collect(streamSamples(inputs, items))).rejects.toMatchObject({
      diagnostics: [{ code: 'sample-value', at: { file: 'item 2 of the data' } }],
    });
  });

  it('tells once what a fixed batch leaves over', async () => {
    const report = vi.fn();
    const source = streamSamples([inputOf('x', [2, 2])], () => items(5), { report });
    await collect(source);
    expect(dimsOf(await collect(source), 'x')).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(report).toHaveBeenCalledTimes(1);
    const tooFew = streamSamples([inputOf('x', [9, 2])], () => items(5));
    await expect(collect(tooFew)).rejects.toThrow('the model takes batches of 9 samples, but there are only 5');
  });

  it('reads no further than the batch that is asked for, and stops when nobody asks', async () => {
    let made = 0;
    let closed = false;
    function* endless(): Generator<SampleItem> {
      try {
        for (;;) {
          made++;
          yield counting([2]);
        }
      } finally {
        closed = true;
      }
    }
    let batches = 0;
    for await (const batch of streamSamples(inputs, endless).batches(8)) {
      expect(batch.get('x')?.dims).toEqual([8, 2]);
      expect(made).toBe(8 * ++batches);
      if (batches === 1000) break;
    }
    expect(closed).toBe(true);
  });
});
