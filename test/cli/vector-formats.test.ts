import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModel } from '../../src/backends/run.js';
import { encodeTensorProto } from '../../src/ir/onnx/tensor-proto.js';
import { Tensor } from '../../src/ir/tensor.js';
import { decodeNpy, encodeNpy } from '../../src/runtime/formats/npy.js';
import { decodeNpz } from '../../src/runtime/formats/npz.js';
import { Folder, modelOf, quantc } from '../support/cli.js';
import { fixture, fixturePath, hasShared, sharedPath } from '../support/fixtures.js';
import { VECTOR_FORMATS, type Golden } from '../support/vector-formats.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const CORAL = fixturePath('coral_base_100/model_ti.onnx');
const NORMALISED = openModel(fixture('coral_base_100/model_ti.onnx')).graph.nodes[0]?.outputs[0]?.name;

interface Answer {
  readonly status: number;
  readonly stderr: string;
  readonly vectors: readonly {
    readonly label: string;
    readonly equal: boolean;
    readonly diverges?: string;
    readonly tensors: readonly {
      readonly name: string;
      readonly equal: boolean;
      readonly differing: number;
      readonly first?: { readonly index: number; readonly expected: number; readonly got: number };
    }[];
  }[];
}

async function verify(model: string, ...options: readonly string[]): Promise<Answer> {
  const { status, stdout, stderr } = await quantc(['verify', model, ...options, '--json'], { cwd: folder.path });
  return { status, stderr, ...(stdout === '' ? { vectors: [] } : (JSON.parse(stdout) as Pick<Answer, 'vectors'>)) };
}

/** The input sequence of the fixture, in floats. */
const normalised = (x: number): number => {
  const product = Math.fround(Math.fround(x + Math.fround(20.6774864)) * 184);
  return Math.max(-128, Math.min(127, Math.floor(product / 128)));
};

function coralGolden(): Map<string, Tensor> {
  const inner = decodeNpz(fixture('coral_base_100/intermediate.npz'));
  const input = decodeNpy(fixture('coral_base_100/inputs.npy')) as Tensor<'float32'>;
  const byte = (name: string): Tensor => {
    const values = inner.get(name)?.toNumbers() ?? [];
    return new Tensor('uint8', [values.length], Uint8Array.from(values));
  };
  return new Map<string, Tensor>([
    ['input', input],
    ['input_q', new Tensor('int8', [256], Int8Array.from(input.data, normalised))],
    ['conv0_clip', byte('conv0')],
    ['conv1_clip', byte('conv1')],
    ['pool_clip', byte('pool')],
    ['output', decodeNpy(fixture('coral_base_100/golden.npy'))],
  ]);
}

/** The golden vector with one bit of one array turned. */
function turned(golden: Golden, name: string, at: number, bit: number): Golden {
  const tensor = golden.get(name)!;
  const data = tensor.data.slice() as Uint8Array;
  const bytes = new Uint8Array(data.buffer);
  const width = data.BYTES_PER_ELEMENT;
  const index = at % data.length;
  bytes[index * width + Math.floor((bit % (8 * width)) / 8)]! ^= 1 << (bit % 8);
  return new Map([...golden, [name, new Tensor(tensor.dtype, tensor.dims, data)]]);
}

describe.each([...VECTOR_FORMATS])('%s', (_, write) => {
  const golden = coralGolden();

  it('is read', async () => {
    const answer = await verify(CORAL, ...write(golden, folder));
    expect({ status: answer.status, stderr: answer.stderr }).toEqual({ status: 0, stderr: '' });
    for (const { tensors } of answer.vectors) {
      expect(tensors.map(({ name }) => name)).toEqual([NORMALISED, 'conv0_clip', 'conv1_clip', 'pool_clip', 'output']);
    }
  });

  it('tells of any bit that is turned where it is', async () => {
    const computed = [...golden.keys()].filter((name) => name !== 'input');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...computed), fc.nat(), fc.nat(7), async (name, at, bit) => {
        const wrong = turned(golden, name, at, bit);
        const answer = await verify(CORAL, ...write(wrong, folder));
        expect(answer.status).toBe(1);
        const index = at % golden.get(name)!.size;
        const tensor = name === 'input_q' ? NORMALISED : name;
        for (const { diverges, tensors } of answer.vectors) {
          expect(diverges).toBe(tensor);
          expect(tensors.filter(({ equal }) => !equal)).toMatchObject([
            {
              name: tensor,
              differing: 1,
              first: {
                index,
                expected: wrong.get(name)!.toNumbers()[index],
                got: golden.get(name)!.toNumbers()[index],
              },
            },
          ]);
        }
      }),
      { seed: 12, numRuns: 12 },
    );
  });

  it('tells of any bit of an input that makes another integer', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(255), fc.integer({ min: 16, max: 31 }), async (at, bit) => {
        const wrong = turned(golden, 'input', at, bit);
        const value = wrong.get('input')!.toNumbers()[at]!;
        fc.pre(Number.isFinite(value));
        const answer = await verify(CORAL, ...write(wrong, folder));
        const expected = golden.get('input_q')!.toNumbers()[at]!;
        const got = normalised(value);
        expect(answer.status).toBe(got === expected ? 0 : 1);
        if (got === expected) return;
        found++;
        for (const { tensors } of answer.vectors) {
          expect(tensors[0]).toMatchObject({ name: NORMALISED, differing: 1, first: { index: at, expected, got } });
        }
      }),
      { seed: 13, numRuns: 12 },
    );
    expect(found).toBeGreaterThan(3);
  });
});

describe('ONNX test data', () => {
  const ADD = modelOf(`
graph "sum"
input %a: float32[2]
input %b: float32[2]
%s: float32[2] = Sub(%a, %b) "/sub"
%n: float32[2] = Neg(%s) "/neg"
output "s" = %s
output "n" = %n
`);
  const set = (k: number, files: Readonly<Record<string, readonly number[]>>): void => {
    mkdirSync(join(folder.path, `data/test_data_set_${k}`), { recursive: true });
    for (const [name, values] of Object.entries(files)) {
      // Names in the files do not count: the first input is called like the second.
      const bytes = encodeTensorProto(Tensor.float32([2], values), name === 'input_0' ? 'b' : '');
      folder.write(`data/test_data_set_${k}/${name}.pb`, bytes);
    }
  };
  it('counts inputs and outputs, and has several sets in natural order', async () => {
    folder.write('m.onnx', ADD);
    for (const k of [10, 2]) set(k, { input_0: [k, 2], input_1: [1, 1], output_0: [k - 1, 1], output_1: [1 - k, -1] });
    const answer = await verify('m.onnx', '--vectors', 'data');
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    expect(answer.vectors.map(({ label, tensors }) => [label, ...tensors.map(({ name }) => name)])).toEqual([
      ['test_data_set_2', 's', 'n'],
      ['test_data_set_10', 's', 'n'],
    ]);
    set(10, { output_1: [1, -1] });
    const wrong = await verify('m.onnx', '--vectors', 'data');
    expect(wrong.vectors.map(({ equal, diverges }) => [equal, diverges])).toEqual([
      [true, undefined],
      [false, 'n'],
    ]);
    expect((await verify('m.onnx', '--vectors', 'data/test_data_set_2')).status).toBe(0);
  });
  it('refuses what is no tensor, with the name of the file', async () => {
    folder.write('m.onnx', ADD);
    set(0, { input_0: [1, 2], input_1: [1, 1], output_0: [0, 1] });
    folder.write('data/test_data_set_0/input_1.pb', Uint8Array.of(0xff, 1, 2));
    const answer = await verify('m.onnx', '--vectors', 'data');
    expect(answer.status).toBe(2);
    expect(answer.stderr).toContain('data/test_data_set_0/input_1.pb');
  });
});

describe('a folder', () => {
  const golden = coralGolden();
  it('may hold a folder for each vector', async () => {
    for (const name of ['b', 'a']) {
      mkdirSync(join(folder.path, `all/${name}`), { recursive: true });
      for (const [key, tensor] of golden) folder.write(`all/${name}/${key}.npy`, encodeNpy(tensor));
    }
    const answer = await verify(CORAL, '--vectors', 'all');
    expect(answer.status).toBe(0);
    expect(answer.vectors.map(({ label }) => label)).toEqual(['a', 'b']);
  });

  it('of dumps may call tensors as files can be called', async () => {
    folder.write(
      'm.onnx',
      modelOf(`
graph "net"
input %x: float32[2]
%"a/b.1": float32[2] = Neg(%x) "/neg"
%y: float32[2] = Neg(%"a/b.1") "/last"
output "y" = %y
`),
    );
    mkdirSync(join(folder.path, 'd'));
    const float = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
    folder.write('d/x.bin', float([1, 2]));
    folder.write('d/a_b.1.bin', float([-1, -3]));
    const answer = await verify('m.onnx', '--vectors', 'd', '--dtype', 'float32');
    expect(answer).toMatchObject({ status: 1, vectors: [{ diverges: 'a/b.1', tensors: [{ first: { index: 1 } }] }] });
  });

  it('without vectors is refused', async () => {
    mkdirSync(join(folder.path, 'none/inner'), { recursive: true });
    const answer = await verify(CORAL, '--vectors', 'none');
    expect(answer).toMatchObject({ status: 2, vectors: [] });
    expect(answer.stderr).toContain("the folder 'none' holds no golden vectors");
  });
});

describe.skipIf(!hasShared('golden/device'))('a network that starts at integers', () => {
  const device = (name: string): string => sharedPath(`golden/device/${name}`);
  it('takes floats through the constants of a header', async () => {
    // The larger network has no header of its own; the constants of the smaller one make integers all the same.
    copyFileSync(device('coral_base_100/skip_normalize.h'), join(folder.path, 'skip.h'));
    folder.write('input.npy', encodeNpy(coralGolden().get('input')!));
    const whole = decodeNpy(encodeNpy(coralGolden().get('input_q')!));
    folder.write('input_q.npy', encodeNpy(whole));
    const model = device('coral_base_1k/model_ti.onnx');
    const { outputs } = openModel(new Uint8Array(readFileSync(model))).graph;
    expect(outputs).toHaveLength(1);
    const answer = await verify(model, '--vectors', 'input.npy', '--vectors', 'input_q.npy', '--header', 'skip.h');
    expect(answer).toMatchObject({ status: 0, vectors: [{ tensors: [{ name: 'tvmgen_default', equal: true }] }] });
  });
});
