import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../src/ir/tensor.js';
import { fitSamples } from '../../../src/passes/calibration/fit-samples.js';
import { storedNpy, type OpenBytes } from '../../../src/passes/calibration/stored-npy.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { collect, counting, dimsOf, elementsOf, inputOf } from '../../support/samples.js';

/** A file whose bytes are made when they are read, and which keeps account of what was. */
class MadeUpFile {
  reads: { readonly offset: number; readonly length: number }[] = [];
  open = 0;
  opened = 0;
  readonly #header: Uint8Array;
  readonly #size: number;

  constructor(dims: readonly number[]) {
    const [count = 0, ...row] = dims;
    const rowBytes = 4 * row.reduce((product, dim) => product * dim, 1);
    const one = encodeNpy(Tensor.zeros('float32', [1, ...row]));
    const text = new TextDecoder('latin1').decode(one.subarray(0, one.length - rowBytes));
    // The header leaves room for a longer first axis, which takes the place of blanks.
    const grown = text.replace('(1,', `(${count},`).replace(' '.repeat(String(count).length - 1) + '\n', '\n');
    this.#header = Uint8Array.from(grown, (letter) => letter.charCodeAt(0));
    this.#size = this.#header.length + count * rowBytes;
  }

  readonly source = (): Promise<OpenBytes> => {
    this.open++;
    this.opened++;
    return Promise.resolve({
      size: this.#size,
      read: (offset, length) => {
        this.reads.push({ offset, length });
        const bytes = new Uint8Array(length);
        if (offset < this.#header.length) bytes.set(this.#header.subarray(offset, offset + length));
        return Promise.resolve(bytes);
      },
      close: () => {
        this.open--;
        return Promise.resolve();
      },
    });
  };

  get bytesRead(): number {
    return this.reads.reduce((sum, { length }) => sum + length, 0);
  }
}

const input = [inputOf('x', ['N', 1, 40])];

describe('storedNpy', () => {
  it('reads one batch when one batch is asked for', async () => {
    const file = new MadeUpFile([100_000, 40]);
    const source = fitSamples(input, [[await storedNpy(file.source, 'calib.npy')]]);
    expect(source.count).toBe(100_000);
    expect(file.bytesRead).toBeLessThan(1000);
    const batchBytes = 16 * 40 * 4;
    let batches = 0;
    file.reads = [];
    for await (const batch of source.batches(16)) {
      batches++;
      expect(batch.get('x')?.dims).toEqual([16, 1, 40]);
      const ofElements = file.reads.filter(({ offset }) => offset >= 128);
      expect(ofElements.length).toBe(batches);
      expect(ofElements.at(-1)?.length).toBe(batchBytes);
      expect(file.open).toBe(1);
    }
    expect(batches).toBe(100_000 / 16);
    expect(file.open).toBe(0);
  });

  it('closes the file when nobody reads on', async () => {
    const file = new MadeUpFile([1000, 40]);
    const source = fitSamples(input, [[await storedNpy(file.source, 'calib.npy')]]);
    expect(file.open).toBe(0);
    for await (const batch of source.batches(8)) {
      expect(file.open).toBe(1);
      if (batch.size > 0) break;
    }
    expect(file.open).toBe(0);
    expect(file.opened).toBe(2);
  });

  it('delivers the rows of the file', async () => {
    const bytes = encodeNpy(counting([10, 40]));
    const open = (): Promise<OpenBytes> =>
      Promise.resolve({
        size: bytes.length,
        read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
        close: () => Promise.resolve(),
      });
    const batches = await collect(fitSamples(input, [[await storedNpy(open, 'calib.npy')]]), 4);
    expect(dimsOf(batches, 'x')).toEqual([
      [4, 1, 40],
      [4, 1, 40],
      [2, 1, 40],
    ]);
    expect(elementsOf(batches, 'x')).toEqual([...Array(400).keys()]);
  });

  it('closes a file that is no .npy file', async () => {
    const file = new MadeUpFile([10, 40]);
    const broken = async (): Promise<OpenBytes> => ({ ...(await file.source()), size: 77 });
    await expect(storedNpy(broken, 'calib.npy')).rejects.toMatchObject({
      diagnostics: [{ at: { file: 'calib.npy' } }],
    });
    expect(file.open).toBe(0);
  });

  it.each([
    ['shorter', [5, 40]],
    ['longer', [20, 40]],
    ['wider', [10, 80]],
  ])('refuses a file that has become %s', async (_, dims) => {
    const files = [new MadeUpFile([10, 40]), new MadeUpFile(dims)];
    let opened = 0;
    const source = fitSamples(input, [[await storedNpy(() => files[Math.min(opened++, 1)]!.source(), 'calib.npy')]]);
    await expect(collect(source, 4)).rejects.toMatchObject({ diagnostics: [{ code: 'samples-changed' }] });
    expect(files.map((file) => file.open)).toEqual([0, 0]);
  });

  it('refuses one of several files that has become longer', async () => {
    const files = [new MadeUpFile([8, 40]), new MadeUpFile([12, 40])];
    let opened = 0;
    const grown = await storedNpy(() => files[Math.min(opened++, 1)]!.source(), 'a.npy');
    const steady = await storedNpy(new MadeUpFile([8, 40]).source, 'b.npy');
    const inputs = [inputOf('a', ['N', 40]), inputOf('b', ['N', 40])];
    await expect(collect(fitSamples(inputs, [[grown, steady]]), 4)).rejects.toMatchObject({
      diagnostics: [{ code: 'samples-changed', at: { file: 'a.npy' } }],
    });
  });
});
