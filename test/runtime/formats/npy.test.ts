import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { DTYPES, type DType } from '../../../src/ir/dtype.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { decodeNpy, encodeNpy } from '../../../src/runtime/formats/npy.js';
import { openNpy, type ByteSource } from '../../../src/runtime/formats/npy-stream.js';
import { build, dimsOf, distinct, elementAt, expectEqual } from '../../support/naive-tensor.js';

const SHARED = fileURLToPath(new URL('../../../../shared/', import.meta.url));

/** A .npy file of the given header text, padded as old and new NumPy do. */
function npy(header: string, data: readonly number[] | Uint8Array, version = 1): Uint8Array {
  const prefix = version === 1 ? 10 : 12;
  const length = Math.ceil((prefix + header.length + 1) / 64) * 64 - prefix;
  const lengthBytes = version === 1 ? [length & 255, length >> 8] : [length & 255, length >> 8, 0, 0];
  const text = Buffer.from(`${header.padEnd(length - 1)}\n`, 'latin1');
  return Buffer.concat([NUMPY, Uint8Array.of(version, 0, ...lengthBytes), text, Uint8Array.from(data)]);
}
const NUMPY = Buffer.from('\x93NUMPY', 'latin1');
const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const bytesOf = (data: ArrayBufferView<ArrayBuffer>): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function refusal(action: () => unknown): UserError['diagnostics'][number] | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics[0];
    throw error;
  }
  return undefined;
}

describe('decodeNpy', () => {
  it.each<[string, DType, readonly number[], readonly (number | bigint)[]]>([
    ["'|b1'", 'bool', [0, 1, 255], [0, 1, 1]],
    ["'|i1'", 'int8', [1, 255], [1, -1]],
    ["'|u1'", 'uint8', [1, 255], [1, 255]],
    ["'<i2'", 'int16', [1, 2, 0xff, 0xff], [0x201, -1]],
    ["'>i2'", 'int16', [2, 1, 0xff, 0xfe], [0x201, -2]],
    ["'<u2'", 'uint16', [1, 2], [0x201]],
    ["'<i4'", 'int32', [0xfe, 0xff, 0xff, 0xff], [-2]],
    ["'>u4'", 'uint32', [0xff, 0xff, 0xff, 0xfe], [0xfffffffe]],
    ["'<i8'", 'int64', [0xfe, 255, 255, 255, 255, 255, 255, 255], [-2n]],
    ["'>u8'", 'uint64', [128, 0, 0, 0, 0, 0, 0, 1], [0x8000000000000001n]],
    ["'<f2'", 'float16', [0, 0x3c, 1, 0, 0, 0xfc], [1, 2 ** -24, -Infinity]],
    ["'>f2'", 'float16', [0x3c, 0, 0xc0, 0], [1, -2]],
    ["'<f4'", 'float32', [0, 0, 0x80, 0x3f], [1]],
    ["'=f4'", 'float32', [0, 0, 0x80, 0x3f], [1]],
    ["'f4'", 'float32', [0, 0, 0x80, 0x3f], [1]],
    ["'>f4'", 'float32', [0x3f, 0x80, 0, 0], [1]],
    ["'<f8'", 'float64', [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [1]],
    ["'>f8'", 'float64', [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], [1]],
  ])('reads %s as %s', (descr, dtype, data, wanted) => {
    const tensor = decodeNpy(npy(header(descr, `(${wanted.length},)`), data));
    expect(tensor.dtype).toBe(dtype);
    expect(tensor.dims).toEqual([wanted.length]);
    expect([...(tensor.data as Iterable<number | bigint>)]).toEqual(wanted);
  });

  it.each<[string, string]>([
    ['version 2 and 3 headers', ''],
    ['double quotes', '{"descr": "|u1", "fortran_order": False, "shape": (2, 3)}'],
    ['another order of entries', "{'shape': (2, 3), 'fortran_order': False, 'descr': '|u1'}"],
    ['long integers of Python 2', "{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 3L), }"],
    ['a list as shape and no spaces', "{'descr':'|u1','fortran_order':False,'shape':[2,3]}"],
  ])('accepts %s', (_, text) => {
    const given = text === '' ? header("'|u1'", '(2, 3)') : text;
    for (const version of text === '' ? [2, 3] : [1]) {
      const tensor = decodeNpy(npy(given, [1, 2, 3, 4, 5, 6], version));
      expectEqual(tensor, new Tensor('uint8', [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6)));
    }
  });

  it('turns Fortran order around', () => {
    const tensor = decodeNpy(npy(header("'|u1'", '(2, 3)', 'True'), [1, 4, 2, 5, 3, 6]));
    expectEqual(tensor, new Tensor('uint8', [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6)));
    const cube = decodeNpy(npy(header("'<i8'", '(2, 1, 2)', 'True'), bytesOf(BigInt64Array.of(1n, 3n, 2n, 4n))));
    expectEqual(cube, new Tensor('int64', [2, 1, 2], BigInt64Array.of(1n, 2n, 3n, 4n)));
  });

  it('reads scalars and empty arrays', () => {
    expectEqual(decodeNpy(npy(header("'|u1'", '()'), [7])), new Tensor('uint8', [], Uint8Array.of(7)));
    expectEqual(
      decodeNpy(npy(header("'<f4'", '(0, 1000000000000)'), [])),
      new Tensor('float32', [0, 1e12], new Float32Array(0)),
    );
  });

  it('copies the bytes, wherever they lie', () => {
    const file = npy(header("'<f4'", '(1,)'), [0, 0, 0x80, 0x3f]);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const tensor = decodeNpy(shifted.subarray(1));
    shifted.fill(0);
    expect(tensor.toNumbers()).toEqual([1]);
  });

  const u1 = "'|u1'";
  it.each<[string, Uint8Array, string, string]>([
    ['another file', Uint8Array.of(1, 2, 3), 'invalid-npy', 'NUMPY'],
    ['an empty file', new Uint8Array(0), 'invalid-npy', 'NUMPY'],
    ['a lone magic', Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]), 'invalid-npy', 'ends within'],
    ['a header cut off', npy(header(u1, '(1,)'), [1]).subarray(0, 40), 'invalid-npy', 'ends within'],
    ['version 4', npy(header(u1, '(1,)'), [1], 4), 'invalid-npy', 'version 4.0'],
    ['version 0', npy(header(u1, '(1,)'), [1], 0), 'invalid-npy', 'version 0.0'],
    [
      'a header of gigabytes',
      Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255]),
      'invalid-npy',
      '4294967295',
    ],
    ['data cut off', npy(header(u1, '(3,)'), [1, 2]), 'invalid-npy', '3 bytes, but holds 2'],
    ['data too long', npy(header(u1, '(1,)'), [1, 2]), 'invalid-npy', '1 bytes, but holds 2'],
    ['a shape far beyond the bytes', npy(header(u1, '(99999999999, 99999999999)'), [1]), 'invalid-npy', 'holds 1'],
    ['a size beyond 2^53', npy(header(u1, '(99999999999999999999, 0)'), []), 'invalid-npy', '2^53'],
    ['a negative size', npy(header(u1, '(-1,)'), []), 'invalid-npy', '-1'],
    ['two negative sizes', npy(header(u1, '(-1, -1)'), [1]), 'invalid-npy', '-1'],
    ['a fractional size', npy(header(u1, '(1.5,)'), [1]), 'invalid-npy', 'plain values'],
    ['a flag as size', npy(header(u1, '(True,)'), [1]), 'invalid-npy', 'tuple of integers'],
    ['a number as shape', npy(header(u1, '(1)'), [1]), 'invalid-npy', 'tuple of integers'],
    ['65 axes', npy(header(u1, `(${'1, '.repeat(65)})`), [1]), 'invalid-npy', '65 axes'],
    ['code in the header', npy(`__import__('os').system('x')`, [1]), 'invalid-npy', 'plain values'],
    ['a call as value', npy(header(`print('x')`, '(1,)'), [1]), 'invalid-npy', 'plain values'],
    ['text after the dictionary', npy(`${header(u1, '(1,)')} or 1`, [1]), 'invalid-npy', 'plain values'],
    ['an escape', npy(header(`'\\x7cu1'`, '(1,)'), [1]), 'invalid-npy', 'plain values'],
    ['an expression', npy(header(u1, '(1 + 1,)'), [1, 2]), 'invalid-npy', 'plain values'],
    [
      'an entry twice',
      npy(`{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}`, [1]),
      'invalid-npy',
      'plain values',
    ],
    [
      'missing commas',
      npy(`{'descr': '|u1' 'fortran_order': False, 'shape': (1,)}`, [1]),
      'invalid-npy',
      'plain values',
    ],
    [
      'an entry too many',
      npy(`{'descr': '|u1', 'fortran_order': False, 'shape': (1,), '__proto__': 1}`, [1]),
      'invalid-npy',
      '4 entries',
    ],
    ['no shape', npy(`{'descr': '|u1', 'fortran_order': False}`, [1]), 'invalid-npy', "'shape'"],
    ['an order that is no flag', npy(header(u1, '(1,)', '0'), [1]), 'invalid-npy', 'fortran_order'],
    ['deep nesting', npy(header(u1, '('.repeat(30000)), [1]), 'invalid-npy', 'plain values'],
    ['Python objects', npy(header("'|O'", '(1,)'), [1]), 'unsupported-npy', 'Python objects'],
    ['records', npy(header("[('a', '<f4'), ('b', '<i2')]", '(1,)'), [1]), 'unsupported-npy', 'records'],
    ['strings', npy(header("'<U3'", '(1,)'), [1]), 'unsupported-npy', "'<U3' (strings)"],
    ['byte strings', npy(header("'|S3'", '(1,)'), [1]), 'unsupported-npy', 'byte strings'],
    ['complex numbers', npy(header("'<c8'", '(1,)'), [1]), 'unsupported-npy', 'complex'],
    ['dates', npy(header("'<M8[ns]'", '(1,)'), [1]), 'unsupported-npy', 'dates'],
    ['long doubles', npy(header("'<f16'", '(1,)'), [1]), 'unsupported-npy', "'<f16'"],
    ['no type', npy(header('None', '(1,)'), [1]), 'unsupported-npy', 'null'],
    ['a type with a tail', npy(header("'<f4x'", '(1,)'), [1]), 'unsupported-npy', "'<f4x'"],
  ])('refuses %s', (_, file, code, words) => {
    const diagnostic = refusal(() => decodeNpy(file, { file: 'x.npy' }));
    expect(diagnostic?.code).toBe(code);
    expect(diagnostic?.message).toContain(words);
    expect(diagnostic?.at).toEqual({ file: 'x.npy' });
  });

  it('never fails otherwise on damaged files', () => {
    const file = npy(header("'<f4'", '(2, 1)'), [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
    fc.assert(
      fc.property(
        fc.nat({ max: file.length - 1 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: file.length }),
        (at, byte, length) => {
          const damaged = file.with(at, byte).subarray(0, length);
          refusal(() => decodeNpy(damaged));
        },
      ),
      { numRuns: 2000, seed: 50 },
    );
  });
});

describe('encodeNpy', () => {
  it('writes what numpy.save writes', () => {
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    const wanted = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\x00v\x00', 'latin1'),
      Buffer.from(`${text.padEnd(117)}\n`),
      Buffer.from(Float32Array.of(0, 1, 2, 3, 4, 5).buffer),
    ]);
    const bytes = encodeNpy(Tensor.float32([2, 3], [0, 1, 2, 3, 4, 5]));
    expect(Buffer.from(bytes).equals(wanted)).toBe(true);
  });

  it.each<[readonly number[], string]>([
    [[], '()'],
    [[1], '(1,)'],
    [[0, 2], '(0, 2)'],
  ])('writes shape %j', (dims, shape) => {
    const bytes = encodeNpy(Tensor.zeros('int8', dims));
    expect(Buffer.from(bytes).toString('latin1')).toContain(`'shape': ${shape}, }`);
    expect(bytes.length).toBe(128 + (dims.includes(0) ? 0 : 1));
  });

  it('is undone by decodeNpy', () => {
    const asFloat32 = (dtype: DType) => [dtype, 'float32'] as const;
    const widened = new Map<DType, DType>([
      ...(['bfloat16', 'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz'] as const).map(asFloat32),
      ...(['float8e8m0', 'float4e2m1'] as const).map(asFloat32),
      ['int4', 'int8'],
      ['int2', 'int8'],
      ['uint4', 'uint8'],
      ['uint2', 'uint8'],
    ]);
    fc.assert(
      fc.property(fc.constantFrom(...DTYPES), dimsOf(), (dtype, dims) => {
        const tensor = distinct(dtype, dims);
        const read = decodeNpy(encodeNpy(tensor));
        expectEqual(read, new Tensor(widened.get(dtype) ?? dtype, dims, tensor.data));
      }),
      { numRuns: 300, seed: 51 },
    );
  });

  it('keeps every half', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const halves = decodeNpy(npy(header("'<f2'", '(65536,)'), bytesOf(bits)));
    const again = new Uint16Array(encodeNpy(halves).slice(-131072).buffer);
    const changed = [...bits].filter((word) => again[word] !== word && !Number.isNaN(Number(halves.data[word])));
    expect(changed).toEqual([]);
  });
});

/** A byte source over memory that counts what is read and hands out one buffer again and again. */
function memorySource(
  bytes: Uint8Array,
  size = bytes.length,
): ByteSource & { read: ByteSource['read']; largest: number } {
  const buffer = new Uint8Array(bytes.length);
  return {
    size,
    largest: 0,
    read(offset, length) {
      this.largest = Math.max(this.largest, length);
      const piece = bytes.subarray(offset, offset + length);
      buffer.set(piece);
      return Promise.resolve(buffer.subarray(0, piece.length));
    },
  };
}

describe('openNpy', () => {
  it('reads any samples, in any order, no more than asked for', async () => {
    for (const dtype of ['float32', 'int64', 'bool', 'float16'] as const) {
      const tensor = distinct(dtype, [100, 3, 5]);
      const source = memorySource(encodeNpy(tensor));
      const file = await openNpy(source);
      expect([file.dtype, file.dims]).toEqual([dtype, [100, 3, 5]]);
      for (const [start, count] of [
        [0, 7],
        [93, 7],
        [50, 1],
        [20, 0],
        [3, 7],
      ] as const) {
        const wanted = build(dtype, [count, 3, 5], ([sample = 0, ...at]) => elementAt(tensor, [sample + start, ...at]));
        expectEqual(await file.rows(start, count), wanted);
      }
      expect(source.largest).toBeLessThanOrEqual(7 * 15 * 8);
    }
  });

  it('reads Fortran order as a whole, up to a limit', async () => {
    const bytes = npy(header("'|u1'", '(2, 3)', 'True'), [1, 4, 2, 5, 3, 6]);
    const file = await openNpy(memorySource(bytes));
    expectEqual(await file.rows(1, 1), new Tensor('uint8', [1, 3], Uint8Array.of(4, 5, 6)));
    await expect(openNpy(memorySource(bytes), { maxFortranBytes: 100 })).rejects.toThrow('at most 100');
    const list = await openNpy(memorySource(npy(header("'|u1'", '(2,)', 'True'), [1, 4])), { maxFortranBytes: 0 });
    expect((await list.rows(0, 2)).toNumbers()).toEqual([1, 4]);
  });

  it('reads samples without elements', async () => {
    const file = await openNpy(memorySource(encodeNpy(Tensor.zeros('float32', [4, 0]))));
    expect((await file.rows(1, 2)).dims).toEqual([2, 0]);
  });

  it.each<[string, Uint8Array, number | undefined, string]>([
    ['a scalar', encodeNpy(Tensor.zeros('int8', [])), undefined, 'scalar'],
    ['a lying size', encodeNpy(Tensor.zeros('int8', [4])), 131, '4 bytes, but holds 3'],
    ['another file', Uint8Array.of(1, 2), undefined, 'NUMPY'],
    ['a header cut off', encodeNpy(Tensor.zeros('int8', [4])).subarray(0, 50), undefined, 'ends within'],
    ['a file that shrinks', encodeNpy(Tensor.zeros('int8', [4])).subarray(0, 60), 132, 'ends after 60'],
  ])('refuses %s', async (_, bytes, size, words) => {
    const opened = openNpy(memorySource(bytes, size), { file: 'x.npy' });
    await expect(opened).rejects.toThrow(UserError);
    await expect(opened).rejects.toThrow(words);
  });

  it('refuses samples that are not there', async () => {
    const file = await openNpy(memorySource(encodeNpy(Tensor.zeros('int8', [4]))));
    for (const [start, count] of [
      [4, 1],
      [-1, 1],
      [0, 5],
      [0.5, 1],
      [0, -1],
    ] as const) {
      await expect(file.rows(start, count)).rejects.toThrow(RangeError);
    }
  });
});

describe.skipIf(!existsSync(SHARED))('files written by NumPy', () => {
  const files = existsSync(SHARED)
    ? ['golden', 'bench'].flatMap((folder) =>
        readdirSync(`${SHARED}${folder}`, { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.npy'))
          .map((name) => `${SHARED}${folder}/${name}`),
      )
    : [];

  it('are read and written byte for byte', () => {
    expect(files.length).toBeGreaterThan(100);
    const differing = files.filter((file) => {
      const bytes = readFileSync(file);
      return !bytes.equals(encodeNpy(decodeNpy(bytes, { file })));
    });
    expect(differing).toEqual([]);
  });
});
