import fc from 'fast-check';
import { deflateRawSync } from 'node:zlib';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { crc32 } from '../../../src/runtime/formats/crc32.js';
import { decodeNpy, encodeNpy } from '../../../src/runtime/formats/npy.js';
import { decodeNpz, encodeNpz } from '../../../src/runtime/formats/npz.js';
import { anyDType, dimsOf, distinct, expectEqual } from '../../support/naive-tensor.js';

const SHARED = fileURLToPath(new URL('../../../../shared/', import.meta.url));

const text = (value: string): Buffer => Buffer.from(value, 'utf8');
const number = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};

interface Member {
  readonly name: string;
  readonly content: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly packed?: number;
  readonly crc?: number;
  readonly offset?: number;
  /** Writes the sizes behind the data, as streaming writers do. */
  readonly descriptor?: boolean;
  readonly localExtra?: Uint8Array;
}

interface Archive {
  readonly comment?: string;
  readonly count?: number;
  readonly directory?: number;
  readonly disk?: number;
}

/** A ZIP archive written field by field. */
function zip(members: readonly Member[], { comment = '', count, directory, disk = 0 }: Archive = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const member of members) {
    const { name, content, method = 0, flags = 0, descriptor = false, localExtra = new Uint8Array(0) } = member;
    const data = method === 8 ? deflateRawSync(content) : content;
    const sizes = [
      number(member.crc ?? crc32(content), 4),
      number(member.packed ?? data.length, 4),
      number(member.size ?? content.length, 4),
    ];
    const start = [
      number(20, 2),
      number(flags | (descriptor ? 8 : 0), 2),
      number(method, 2),
      number(0, 2),
      number(0x21, 2),
    ];
    const local = Buffer.concat([
      text('PK\x03\x04'),
      ...start,
      ...(descriptor ? [Buffer.alloc(12)] : sizes),
      number(text(name).length, 2),
      number(localExtra.length, 2),
      text(name),
      localExtra,
      data,
      ...(descriptor ? [text('PK\x07\x08'), ...sizes] : []),
    ]);
    central.push(
      Buffer.concat([
        text('PK\x01\x02'),
        number(20, 2),
        ...start,
        ...sizes,
        number(text(name).length, 2),
        Buffer.alloc(12),
        number(member.offset ?? offset, 4),
        text(name),
      ]),
    );
    parts.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(central);
  const total = count ?? members.length;
  return Buffer.concat([
    ...parts,
    listing,
    text('PK\x05\x06'),
    number(disk, 2),
    number(0, 2),
    number(total, 2),
    number(total, 2),
    number(listing.length, 4),
    number(directory ?? offset, 4),
    number(text(comment).length, 2),
    text(comment),
  ]);
}

function refusal(action: () => unknown): UserError['diagnostics'][number] | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics[0];
    throw error;
  }
  return undefined;
}

const tensor = Tensor.float32([2], [1, 2]);
const content = encodeNpy(tensor);
const zeros = encodeNpy(Tensor.zeros('uint8', [100_000]));

it('crc32 gives the check value of the catalogue', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

describe('decodeNpz', () => {
  it('reads stored and deflated members, descriptors, comments and extras', () => {
    const archive = zip(
      [
        { name: 'a.npy', content },
        { name: 'b/c.npy', content, method: 8 },
        { name: 'd.npy', content, method: 8, descriptor: true },
        {
          name: 'e.npy',
          content,
          descriptor: true,
          localExtra: Buffer.concat([number(1, 2), number(16, 2), Buffer.alloc(16)]),
        },
        { name: 'é.npy', content, flags: 0x800 },
        { name: '__proto__.npy', content },
        { name: 'folder/', content: new Uint8Array(0) },
      ],
      { comment: 'written by hand' },
    );
    const tensors = decodeNpz(archive);
    expect([...tensors.keys()]).toEqual(['a', 'b/c', 'd', 'e', 'é', '__proto__']);
    for (const read of tensors.values()) expectEqual(read, tensor);
  });

  it('reads an empty archive', () => {
    expect(decodeNpz(zip([])).size).toBe(0);
  });

  const one: Member = { name: 'a.npy', content };
  it.each<[string, Uint8Array, string]>([
    ['another file', content, 'no end record'],
    ['an empty file', new Uint8Array(0), 'no end record'],
    ['a file cut off', zip([one]).subarray(0, -1), 'no end record'],
    ['a member twice', zip([one, one]), "'a.npy' twice"],
    ['a member of another kind', zip([{ name: 'run.py', content }]), "'run.py'"],
    ['encryption', zip([{ ...one, flags: 1 }]), 'encrypted'],
    ['another method', zip([{ ...one, method: 12 }]), 'method 12'],
    ['several disks', zip([one], { disk: 1 }), 'disks'],
    ['more entries than there are', zip([one], { count: 2 }), 'breaks off after 1 of 2'],
    ['ZIP64', zip([one], { directory: 0xffffffff }), 'ZIP64'],
    ['a ZIP64 member', zip([{ ...one, size: 0xffffffff }]), 'ZIP64'],
    ['a directory elsewhere', zip([one], { directory: 1_000_000 }), 'outside'],
    ['a directory that is none', zip([one], { directory: 3 }), 'breaks off'],
    ['a member elsewhere', zip([{ ...one, offset: 7 }]), 'not where'],
    ['a member beyond the end', zip([{ ...one, offset: 1_000_000 }]), 'not where'],
    ['a member cut off', zip([{ ...one, packed: 5000, size: 5000 }]), 'cut off'],
    ['a wrong CRC', zip([{ ...one, crc: 1 }]), 'damaged'],
    ['a stored member of another size', zip([{ ...one, size: 3 }]), 'not possible'],
    ['a deflated member that is longer', zip([{ name: 'a.npy', content: zeros, method: 8, size: 500 }]), 'damaged'],
    [
      'a deflated member that is shorter',
      zip([{ name: 'a.npy', content: zeros, method: 8, size: 100_500 }]),
      'where 100500',
    ],
    ['a size that deflating cannot reach', zip([{ ...one, method: 8, size: 0xfffffff0 }]), 'not possible'],
    [
      'too much in all',
      zip([
        { name: 'a.npy', content: zeros, method: 8 },
        { name: 'b.npy', content: zeros },
      ]),
      '200256 bytes, at most 150000',
    ],
  ])('refuses %s', (_, archive, words) => {
    const diagnostic = refusal(() => decodeNpz(archive, { file: 'x.npz', maxBytes: 150_000 }));
    expect(diagnostic?.code).toBe('invalid-npz');
    expect(diagnostic?.message).toContain(words);
    expect(diagnostic?.at).toEqual({ file: 'x.npz' });
  });

  it('names the member that is no .npy file', () => {
    const diagnostic = refusal(() => decodeNpz(zip([{ name: 'a.npy', content: text('hello') }]), { file: 'x.npz' }));
    expect(diagnostic?.code).toBe('invalid-npy');
    expect(diagnostic?.at).toEqual({ file: 'x.npz/a.npy' });
  });

  it('never fails otherwise on damaged files', () => {
    const archive = zip([one, { name: 'b.npy', content, method: 8 }]);
    fc.assert(
      fc.property(fc.nat({ max: archive.length - 1 }), fc.nat({ max: 255 }), fc.boolean(), (at, byte, cut) => {
        const damaged = Uint8Array.from(archive);
        damaged[at] = byte;
        refusal(() => decodeNpz(cut ? damaged.subarray(at) : damaged));
      }),
      { numRuns: 3000, seed: 60 },
    );
  });
});

describe('encodeNpz', () => {
  it('is undone by decodeNpz and always writes the same', () => {
    const names = fc.uniqueArray(
      fc.string({ maxLength: 8 }).filter((name) => !name.includes('\0')),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(names, anyDType, dimsOf({ maxRank: 2 }), fc.boolean(), (keys, dtype, dims, compress) => {
        fc.pre(decodeNpy(encodeNpy(Tensor.zeros(dtype, []))).dtype === dtype);
        const tensors = keys.map((name): [string, Tensor] => [name, distinct(dtype, dims)]);
        const archive = encodeNpz(tensors, { compress });
        const read = decodeNpz(archive);
        expect([...read.keys()]).toEqual(keys);
        for (const [name, value] of tensors) expectEqual(read.get(name), value);
        expect(Buffer.from(encodeNpz(new Map(tensors), { compress })).equals(archive)).toBe(true);
      }),
      { numRuns: 200, seed: 61 },
    );
  });

  it('compresses', () => {
    const tensors = [['zeros', Tensor.zeros('uint8', [100_000])]] as const;
    expect(encodeNpz(tensors).length).toBeGreaterThan(100_000);
    expect(encodeNpz(tensors, { compress: true }).length).toBeLessThan(1000);
  });

  it('carries no date', () => {
    const archive = Buffer.from(encodeNpz([['a', tensor]]));
    expect(archive.readUInt32LE(10)).toBe(0x00210000);
  });
});

describe.skipIf(!existsSync(SHARED))('files written by NumPy', () => {
  it('are read', () => {
    const folder = `${SHARED}golden/ti-ptq/`;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.npz'));
    expect(files.length).toBeGreaterThan(50);
    for (const file of files) {
      const bytes = readFileSync(folder + file);
      const tensors = decodeNpz(bytes, { file });
      expect(tensors.size).toBeGreaterThan(0);
      const again = decodeNpz(encodeNpz(tensors, { compress: true }));
      expect([...again.keys()]).toEqual([...tensors.keys()]);
      for (const [name, value] of tensors) expectEqual(again.get(name), value);
    }
  });
});
