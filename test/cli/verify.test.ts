import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModel } from '../../src/backends/run.js';
import { Tensor } from '../../src/ir/tensor.js';
import { decodeNpy, encodeNpy } from '../../src/runtime/formats/npy.js';
import { decodeNpz, encodeNpz } from '../../src/runtime/formats/npz.js';
import { Folder, modelOf, quantc, TINY, type Answer } from '../support/cli.js';
import { fixture, fixturePath, hasShared, sharedPath } from '../support/fixtures.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const verify = (...argv: readonly string[]): Promise<Answer> => quantc(['verify', ...argv], { cwd: folder.path });
const CORAL = fixturePath('coral_base_100/model_ti.onnx');
const GOLDEN = decodeNpy(fixture('coral_base_100/golden.npy'));
const INPUT = decodeNpy(fixture('coral_base_100/inputs.npy'));

interface Verdict {
  readonly equal: boolean;
  readonly vectors: readonly {
    readonly label: string;
    readonly equal: boolean;
    readonly diverges?: string;
    readonly explanations: readonly { readonly cause: string }[];
    readonly tensors: readonly {
      readonly name: string;
      readonly kind: string;
      readonly equal: boolean;
      readonly differing: number;
      readonly patterns: readonly string[];
      readonly first?: { readonly index: number; readonly expected: number; readonly got: number };
    }[];
  }[];
}
const verdictOf = ({ stdout }: Answer): Verdict => JSON.parse(stdout) as Verdict;

describe('the vectors of a board', () => {
  it('are equal as a folder of .npy files', async () => {
    for (const name of ['golden.npy', 'inputs.npy'])
      copyFileSync(fixturePath(`coral_base_100/${name}`), join(folder.path, name));
    const answer = await verify(CORAL, '--vectors', '.');
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    expect(answer.stdout).toContain('equal bit for bit; 1 vector, 1 tensor');
  });

  it('are found to differ, where and by how much', async () => {
    const wrong = GOLDEN.toNumbers();
    wrong[1]! += 3;
    folder.write(
      'v.npz',
      encodeNpz([
        ['input', INPUT],
        ['golden', new Tensor('int8', [1, 2], Int8Array.from(wrong))],
      ]),
    );
    const answer = await verify(CORAL, '--vectors', 'v.npz', '--junit', 'out.xml');
    expect(answer.status).toBe(1);
    expect(answer.stdout).toMatch(/output\s+1 of 2\s+\[0,1\] \(1\)\s+-71\s+-74\s+3/);
    const xml = readFileSync(join(folder.path, 'out.xml'), 'utf8');
    expect(xml).toContain('<testsuites name="quantc verify" tests="1" failures="1" errors="0">');
    expect(xml).toContain('first at [0,1] (1): expected -71, got -74; largest difference 3');
    expect(await verify(CORAL, '--vectors', 'v.npz', '--tolerance', '3')).toMatchObject({ status: 0 });
    expect(await verify(CORAL, '--vectors', 'v.npz', '--tolerance', '2.5')).toMatchObject({ status: 1 });
  });

  it('tell the first layer that differs, in the order of the model', async () => {
    const inner = decodeNpz(fixture('coral_base_100/intermediate.npz'));
    const conv1 = inner.get('conv1')!.toNumbers();
    conv1[700]! ^= 1;
    const byte = (values: readonly number[]): Tensor => new Tensor('uint8', [values.length], Uint8Array.from(values));
    folder.write(
      'v.npz',
      encodeNpz([
        ['pool_clip', byte(inner.get('pool')!.toNumbers())],
        ['conv1_clip', byte(conv1)],
        ['conv0_clip', byte(inner.get('conv0')!.toNumbers())],
        ['input', INPUT],
        ['output', GOLDEN],
      ]),
    );
    const answer = await verify(CORAL, '--vectors', 'v.npz', '--json');
    const [vector] = verdictOf(answer).vectors;
    expect(answer.status).toBe(1);
    expect(vector?.diverges).toBe('conv1_clip');
    expect(vector?.tensors.map(({ name, equal }) => [name, equal])).toEqual([
      ['conv0_clip', true],
      ['conv1_clip', false],
      ['pool_clip', true],
      ['output', true],
    ]);
    expect(vector?.tensors[1]).toMatchObject({ differing: 1, first: { index: 700, expected: conv1[700] } });
  });

  const DEVICE = 'golden/device';
  describe.skipIf(!hasShared(DEVICE))('reproduce the golden outputs from every kind of file', () => {
    it.each([
      ['coral_base_100', ['vectors.json']],
      ['coral_base_100', ['vectors_test_vector.c']],
      ['coral_base_100', ['vectors_test_vector.c', '--header', 'skip_normalize.h']],
      ['coral_base_100', ['.']],
      ['coral_base_1k', ['vectors.json']],
      ['coral_base_1k', ['.']],
    ])('%s %j', async (name, [vectors = '', ...options]) => {
      const cwd = sharedPath(`${DEVICE}/${name}`);
      const answer = await quantc(['verify', 'model_ti.onnx', '--vectors', vectors, ...options, '--json'], { cwd });
      const verdict = verdictOf(answer);
      expect(verdict).toMatchObject({ equal: true });
      expect(verdict.vectors.flatMap(({ tensors }) => tensors.map((tensor) => tensor.name))).toContain('output');
      expect(answer.status).toBe(0);
    });
  });

  const PTQ = 'golden/ti-ptq/cls_1k_v1';
  it.skipIf(!hasShared(PTQ))('may have fewer vectors of intermediates, also such that lifting merges', async () => {
    const inner = decodeNpz(new Uint8Array(readFileSync(sharedPath(`${PTQ}/ti_w8.inter.npz`))));
    inner.delete('output');
    folder.write('inter.npz', encodeNpz(inner));
    folder.write('input.npy', readFileSync(sharedPath(`${PTQ}/test_x.npy`)));
    folder.write('output.npy', readFileSync(sharedPath(`${PTQ}/ti_w8.out.npy`)));
    const verdict = verdictOf(await verify(sharedPath(`${PTQ}/ti_w8.onnx`), '--vectors', '.', '--json'));
    expect(verdict.equal).toBe(true);
    expect(verdict.vectors).toHaveLength(64);
    expect(verdict.vectors.map(({ tensors }) => tensors.length).slice(0, 6)).toEqual([11, 11, 11, 11, 1, 1]);
  });
});

describe('dumps', () => {
  it('are read as bytes and as text, with their types told', async () => {
    const bytes = new Uint8Array(INPUT.data.buffer as ArrayBuffer, INPUT.data.byteOffset, INPUT.data.byteLength);
    folder.write('input.bin', bytes);
    folder.write('golden.hex', '44 b6\n');
    const types = ['--dtype', 'input=float32', '--dtype', 'golden=int8', '--shape', 'input=1,1,256,1'];
    expect(await verify(CORAL, '--vectors', '.', ...types)).toMatchObject({ status: 0, stderr: '' });
    folder.write('golden.hex', '44 b7\n');
    expect((await verify(CORAL, '--vectors', 'input.bin', '--vectors', 'golden.hex', ...types)).status).toBe(1);
  });
});

describe('orders of bytes', () => {
  it('are told with the type', async () => {
    const bytes = new Uint8Array(INPUT.data.slice().buffer);
    for (let i = 0; i < bytes.length; i += 4) bytes.subarray(i, i + 4).reverse();
    folder.write('input.bin', bytes);
    folder.write('golden.bin', Uint8Array.of(0, 0x44, 0xff, 0xb6));
    const dtypes = (order: string): string[] => ['--dtype', `input=float32${order}`, '--dtype', 'golden=int16be'];
    expect(await verify(CORAL, '--vectors', '.', ...dtypes('be'))).toMatchObject({ status: 0, stderr: '' });
    expect((await verify(CORAL, '--vectors', '.', ...dtypes('le'))).status).not.toBe(0);
  });
});

describe('what lies beside the files that are read', () => {
  it('is told, as it might be vectors', async () => {
    for (const name of ['golden.npy', 'inputs.npy'])
      copyFileSync(fixturePath(`coral_base_100/${name}`), join(folder.path, name));
    for (const name of ['conv0_clip.bin', 'more.json', 'readme.md']) folder.write(name, '');
    mkdirSync(join(folder.path, 'layers'));
    const answer = await verify(CORAL, '--vectors', '.');
    expect(answer.status).toBe(0);
    expect(answer.stderr).toContain("of the folder '.' not read: 'conv0_clip.bin', 'more.json', 'layers/'");
  });
});

describe('numbered arrays', () => {
  it('are as many vectors of a model of one input', async () => {
    const golden = GOLDEN.toNumbers();
    for (const k of [0, 1, 2]) {
      folder.write(`input_${k}.npy`, encodeNpy(INPUT));
      const values = golden.map((value, i) => (k === 1 && i === 1 ? value ^ 4 : value));
      folder.write(`output_${k}.npy`, encodeNpy(new Tensor('int8', [1, 2], Int8Array.from(values))));
    }
    const answer = await verify(CORAL, '--vectors', '.', '--json');
    expect(answer).toMatchObject({ status: 1, stderr: '' });
    expect(verdictOf(answer).vectors.map(({ equal }) => equal)).toEqual([true, false, true]);
  });
});

describe('contradictions', () => {
  it('are refused: nobody knows which of two golden outputs is meant', async () => {
    const other = new Tensor('int8', [1, 2], Int8Array.of(68, -75));
    const arrays = [
      ['input', INPUT],
      ['golden', GOLDEN],
      ['output', other],
    ] as const;
    folder.write('v.npz', encodeNpz(arrays));
    const answer = await verify(CORAL, '--vectors', 'v.npz');
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain("set 0: 'output' and 'golden' stand for the same tensor");
    folder.write('v.npz', encodeNpz([...arrays.slice(0, 2), ['output', GOLDEN]]));
    expect(await verify(CORAL, '--vectors', 'v.npz')).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('vectors without anything to compare', () => {
  it('are told beside others', async () => {
    const three = Tensor.float32([3, ...INPUT.dims.slice(1)], [
      ...INPUT.data,
      ...INPUT.data,
      ...INPUT.data,
    ] as number[]);
    folder.write(
      'v.npz',
      encodeNpz([
        ['input', three],
        ['golden', GOLDEN],
      ]),
    );
    const answer = await verify(CORAL, '--vectors', 'v.npz');
    expect(answer.status).toBe(0);
    expect(answer.stderr).toContain("2 of 3 vectors have nothing to compare, the first of them 'set 0, vector 1'");
  });
});

describe('mistakes', () => {
  const npz = (arrays: readonly (readonly [string, Tensor])[]): void => void folder.write('v.npz', encodeNpz(arrays));
  it.each<[string, readonly (readonly [string, Tensor])[], readonly string[], string]>([
    ['no input', [['output', GOLDEN]], [], "set 0 has no input 'input'; the model takes 'input'"],
    ['nothing to compare', [['input', INPUT]], [], 'the vectors have nothing to compare'],
    [
      'a wrong size',
      [['input', Tensor.zeros('float32', [3])]],
      [],
      "'input' has 3 elements, accepted for 'input': a multiple of 256",
    ],
    [
      'a wrong result',
      [
        ['input', INPUT],
        ['output', Tensor.zeros('int8', [3])],
      ],
      [],
      "'output' has 3 elements",
    ],
    ['a tolerance', [], ['--tolerance', 'much'], "--tolerance is 'much', accepted: a number from 0 on"],
    ['a type', [], ['--dtype', 'int9'], "--dtype is 'int9', accepted: float32"],
    ['a shape', [], ['--shape', '1,-2'], "--shape is '1,-2', accepted: sizes"],
    ['a result file', [], ['--junit', 'a.txt'], "the result cannot be written as 'a.txt'"],
  ])('%s', async (_, arrays, options, message) => {
    npz(arrays);
    const { status, stdout, stderr } = await verify(CORAL, '--vectors', 'v.npz', ...options);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('of files are told with their names', async () => {
    folder.write('v.c', 'float model_test_input[3] = { 1, 2 };');
    const { status, stderr } = await verify(CORAL, '--vectors', 'v.c');
    expect(status).toBe(2);
    expect(stderr).toContain(
      "v.c: the array 'model_test_input' in line 1 cannot be read: it declares [3] elements but holds 2",
    );
    expect((await verify(CORAL)).stderr).toContain('no golden vectors are given');
    expect((await verify(CORAL, '--vectors', 'none.npz')).stderr).toContain("there is no file or folder 'none.npz'");
  });
});

describe('causes', () => {
  it('channels last are told from the data', async () => {
    const inner = decodeNpz(fixture('coral_base_100/intermediate.npz')).get('conv0')!.toNumbers();
    const last = Uint8Array.from({ length: 1024 }, (_, i) => inner[(i % 4) * 256 + Math.floor(i / 4)]!);
    folder.write(
      'v.npz',
      encodeNpz([
        ['input', INPUT],
        ['conv0_clip', new Tensor('uint8', [1, 256, 1, 4], last)],
      ]),
    );
    const [vector] = verdictOf(await verify(CORAL, '--vectors', 'v.npz', '--json')).vectors;
    expect(vector?.tensors[0]?.patterns).toEqual(['channels-last']);
  });

  it('golden outputs in real values are told, which are none of the integers all the same', async () => {
    const scaled = GOLDEN.toNumbers().map((value) => value * Math.fround(0.0371));
    folder.write(
      'v.npz',
      encodeNpz([
        ['input', INPUT],
        ['golden', Tensor.float32([1, 2], scaled)],
      ]),
    );
    const answer = await verify(CORAL, '--vectors', 'v.npz');
    expect(answer.status).toBe(1);
    expect(answer.stdout).toContain('explained when the golden outputs are real: 0.0371 times the integers');
  });

  it('truncation in the input sequence explains a rare 1', async () => {
    const { bias, scale, shift } = { bias: Math.fround(20.6774864), scale: 184, shift: 7 };
    const truncated = INPUT.toNumbers().map((x) => {
      const product = Math.fround(Math.fround(x + bias) * scale);
      return Math.max(-128, Math.min(127, Math.floor(Math.trunc(product) / 2 ** shift)));
    });
    folder.write(
      'v.npz',
      encodeNpz([
        ['input', INPUT],
        ['input_q', new Tensor('int8', [256], Int8Array.from(truncated))],
      ]),
    );
    const [vector] = verdictOf(await verify(CORAL, '--vectors', 'v.npz', '--json')).vectors;
    expect(vector?.equal).toBe(false);
    expect(vector?.tensors[0]?.patterns).toEqual(['off-by-one']);
    expect(vector?.explanations.map(({ cause }) => cause)).toEqual(['input-truncation']);
  });
});

describe('what vectors wrote', () => {
  const write = async (format: string, ...options: readonly string[]): Promise<void> => {
    const answer = await quantc(
      ['vectors', 'q.onnx', '--data', 'x.npy', '-o', `v.${format}`, '--intermediates', ...options],
      {
        cwd: folder.path,
      },
    );
    expect(answer).toMatchObject({ status: 0, stderr: '' });
  };
  beforeEach(async () => {
    folder.write('tiny.onnx', modelOf(TINY));
    await quantc(['tiny.onnx', '-t', 'f28p55', '-o', 'q.onnx'], { cwd: folder.path });
    const x = Float32Array.from({ length: 40 * 8 }, (_, i) => 2 * Math.sin(i * i));
    folder.write('x.npy', encodeNpy(Tensor.float32([40, 1, 8, 1], x)));
  });

  it.each(['c', 'npz', 'json'])('is equal as .%s, every integer tensor of it', async (format) => {
    await write(format, '--count', '3');
    const answer = await verify('q.onnx', '--vectors', `v.${format}`, '--json');
    const verdict = verdictOf(answer);
    expect({ status: answer.status, stderr: answer.stderr }).toEqual({ status: 0, stderr: '' });
    expect(verdict.vectors).toHaveLength(3);
    const integers = openModel(new Uint8Array(readFileSync(join(folder.path, 'q.onnx')))).graph.nodes.length;
    expect(verdict.vectors.every(({ tensors }) => tensors.length > 3 && tensors.length <= integers + 1)).toBe(true);
  });

  it('is found out by any flipped bit', async () => {
    await write('npz', '--count', '3');
    const arrays = [...decodeNpz(new Uint8Array(readFileSync(join(folder.path, 'v.npz'))))];
    const inputs = new Set(['x']);
    const flippable = arrays.filter(([name, { data }]) => !inputs.has(name) && !(data instanceof Float32Array));
    expect(flippable.length).toBeGreaterThan(4);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(7), async (which, where, bit) => {
        const [name, tensor] = flippable[which % flippable.length]!;
        const data = (tensor.data as Int32Array).slice();
        const index = where % data.length;
        data[index]! ^= 1 << bit;
        folder.write(
          'flipped.npz',
          encodeNpz(
            arrays.map(([key, own]) => [key, key === name ? new Tensor(own.dtype, own.dims, data) : own] as const),
          ),
        );
        const answer = await verify('q.onnx', '--vectors', 'flipped.npz', '--json');
        const size = data.length / 3;
        const wrong = verdictOf(answer).vectors.flatMap(({ equal, tensors }, i) =>
          equal ? [] : tensors.flatMap((own) => (own.equal ? [] : [[i, own.name, own.differing, own.first?.index]])),
        );
        expect(answer.status).toBe(1);
        expect(wrong).toEqual([[Math.floor(index / size), name, 1, index % size]]);
      }),
      { seed: 71, numRuns: 25 },
    );
  });

  it('is the same bytes every time', async () => {
    mkdirSync(join(folder.path, 'again'));
    for (const format of ['c', 'npz', 'json']) {
      await write(format);
      const first = readFileSync(join(folder.path, `v.${format}`));
      await write(format);
      expect(readFileSync(join(folder.path, `v.${format}`))).toEqual(first);
    }
  });
});
