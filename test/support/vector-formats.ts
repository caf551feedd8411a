import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTensorProto } from '../../src/ir/onnx/tensor-proto.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeNpz } from '../../src/runtime/formats/npz.js';
import type { Folder } from './cli.js';

/** One golden vector: `input`, `input_q`, `output`, and tensors by the names of the model. */
export type Golden = ReadonlyMap<string, Tensor>;

/** Writes a golden vector into an empty folder. Returns the options of verify that read it. */
export type WriteGolden = (golden: Golden, folder: Folder) => readonly string[];

const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const digitsOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const formsOf = (golden: Golden): readonly string[] =>
  [...golden].flatMap(([name, { dtype }]) => ['--dtype', `${name}=${dtype}`]);

const filesOf =
  (extension: string, encode: (tensor: Tensor, name: string) => Uint8Array | string, dumps = false): WriteGolden =>
  (golden, folder) => {
    for (const [name, tensor] of golden) folder.write(`${name}.${extension}`, encode(tensor, name));
    return ['--vectors', '.', ...(dumps ? formsOf(golden) : [])];
  };

/** Every digit that a float32 needs. */
const listOf = (tensor: Tensor): string =>
  tensor
    .toNumbers()
    .map((value) => (Number.isInteger(value) ? String(value) : value.toPrecision(9)))
    .join(', ');

const WORDS: Readonly<Record<string, string>> = {
  input: 'model_test_input',
  input_q: 'model_test_input_q',
  output: 'golden_output',
};

function cArray(name: string, tensor: Tensor, k: number): string {
  const type = tensor.dtype === 'float32' ? 'float' : `${tensor.dtype}_t`;
  const identifier = WORDS[name] ?? `golden_tensor_${k}`;
  const comment = identifier in WORDS || WORDS[name] !== undefined ? '' : `// TENSOR ${JSON.stringify(name)}\n`;
  return `${comment}${type} ${identifier}[${tensor.size}] = { ${listOf(tensor)}, } ;\n`;
}

/** Two sets, of which the second stands in a block comment; the golden vector is the one and the other. */
function asC(golden: Golden): string {
  const set = [...golden].map(([name, tensor], k) => cArray(name, tensor, k)).join('');
  return `#include <stdint.h>\n// SET 0\n${set}\n/*\n// SET 1\n${set}*/\n`;
}

function asJson(golden: Golden): string {
  const member = (key: string, name: string): string[] => {
    const tensor = golden.get(name);
    return tensor === undefined ? [] : [`"${key}": [${listOf(tensor)}]`];
  };
  const inner = [...golden].filter(([name]) => WORDS[name] === undefined);
  const tensors = inner.map(([name, tensor]) => `${JSON.stringify(name)}: [${listOf(tensor)}]`);
  return `{"sets": [{${[
    ...member('model_test_input', 'input'),
    ...member('input_q', 'input_q'),
    ...member('golden_output', 'output'),
    `"tensors": {${tensors.join(', ')}}`,
  ].join(', ')}}]}`;
}

/** Each format of spec 4.4, written without the code under test where the format is quantc's to read. */
export const VECTOR_FORMATS: ReadonlyMap<string, WriteGolden> = new Map<string, WriteGolden>([
  [
    '.npz',
    (golden, folder) => {
      folder.write('v.npz', encodeNpz(golden));
      return ['--vectors', 'v.npz'];
    },
  ],
  ['folder of .npy', filesOf('npy', encodeNpy)],
  ['folder of .bin', filesOf('bin', bytesOf, true)],
  ['folder of .hex', filesOf('hex', (tensor) => digitsOf(bytesOf(tensor)).replace(/(.{64})/g, '$1\n'), true)],
  [
    'test_vector.c',
    (golden, folder) => {
      folder.write('test_vector.c', asC(golden));
      return ['--vectors', 'test_vector.c'];
    },
  ],
  [
    'JSON',
    (golden, folder) => {
      folder.write('v.json', asJson(golden));
      return ['--vectors', 'v.json'];
    },
  ],
  [
    'test_data_set_0',
    (golden, folder) => {
      mkdirSync(join(folder.path, 'test_data_set_0'), { recursive: true });
      for (const [name, tensor] of golden) {
        const file = name === 'input' || name === 'output' ? `${name}_0` : name;
        folder.write(`test_data_set_0/${file}.pb`, encodeTensorProto(tensor, name === file ? '' : 'any'));
      }
      return ['--vectors', '.'];
    },
  ],
]);
