import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTensorProto } from '../../src/ir/onnx/tensor-proto.js';
import { Tensor } from '../../src/ir/tensor.js';
import { decodeNpy, encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeNpz } from '../../src/runtime/formats/npz.js';
import { Folder, modelOf, quantc, TINY } from '../support/cli.js';
import { fixture } from '../support/fixtures.js';
import { EXPORTERS, randomModel } from '../support/random-models.js';

/** A file to be mutated. */
export interface Seedling {
  readonly kind: 'model' | 'vectors';
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of vectors: the model they are of, and the options of verify that they need. */
  readonly model?: Uint8Array;
  readonly options?: readonly string[];
  /** A file of vectors that belongs to it. */
  readonly beside?: { readonly name: string; readonly bytes: Uint8Array };
  readonly isText: boolean;
}

/** Every kind of file that verify reads, and models of several exporters. */
export async function fuzzCorpus(): Promise<readonly Seedling[]> {
  const coral = fixture('coral_base_100/model_ti.onnx');
  const own = await compiledTiny();
  const [input, golden] = ['inputs', 'golden'].map((name) => decodeNpy(fixture(`coral_base_100/${name}.npy`)));
  if (input === undefined || golden === undefined) throw new Error('the fixture has no vectors');
  const model = (name: string, bytes: Uint8Array): Seedling => ({ kind: 'model', name, bytes, isText: false });
  const vectors = (name: string, bytes: Uint8Array, of: Uint8Array, ...options: readonly string[]): Seedling => ({
    kind: 'vectors',
    name,
    bytes,
    model: of,
    options,
    isText: /\.(?:c|h|json|hex)$/.test(name),
  });
  const dump = new Uint8Array(input.data.buffer.slice(0), input.data.byteOffset, input.data.byteLength);
  const hex = Array.from(dump, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const tiny = own.files.map(({ name, bytes }) => vectors(name, bytes, own.model));
  return [
    model('coral.onnx', coral),
    model('tiny.onnx', own.model),
    ...EXPORTERS.map((exporter, i) => model(`${exporter}.onnx`, randomModel(i + 1, exporter, 5).bytes)),
    ...tiny,
    vectors(
      'v.npz',
      encodeNpz([
        ['input', input],
        ['golden', golden],
      ]),
      coral,
    ),
    ...[
      vectors('input.npy', encodeNpy(input), coral),
      vectors('input_0.pb', encodeTensorProto(input, 'x'), coral),
      vectors('input.bin', dump, coral, '--dtype', 'input=float32'),
      vectors('input.hex', new TextEncoder().encode(hex), coral, '--dtype', 'input=float32'),
    ].map((seedling) => ({ ...seedling, beside: { name: 'golden.npy', bytes: encodeNpy(golden) } })),
  ];
}

async function compiledTiny(): Promise<{
  readonly model: Uint8Array;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}> {
  const folder = new Folder();
  try {
    folder.write('tiny.onnx', modelOf(TINY));
    folder.write(
      'x.npy',
      encodeNpy(
        Tensor.float32(
          [6, 1, 8, 1],
          Array.from({ length: 48 }, (_, i) => Math.sin(i * i)),
        ),
      ),
    );
    const run = async (...argv: readonly string[]): Promise<void> => {
      const answer = await quantc(argv, { cwd: folder.path });
      if (answer.status !== 0) throw new Error(answer.stderr);
    };
    await run('tiny.onnx', '-t', 'f28p55', '-o', 'q.onnx', '--calib', 'x.npy');
    const names = ['v.c', 'v.json', 'w.npz'];
    for (const name of names) {
      await run('vectors', 'q.onnx', '--data', 'x.npy', '-o', name, '--count', '2', '--intermediates');
    }
    const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder.path, name)));
    const files = [...names, 'v_input_sequence.h'].map((name) => ({ name, bytes: read(name) }));
    return { model: read('q.onnx'), files };
  } finally {
    folder.remove();
  }
}
