import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { strToU8 } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeTensorProto } from '../../src/ir/onnx/tensor-proto.js';
import { Tensor } from '../../src/ir/tensor.js';
import { crc32 } from '../../src/runtime/formats/crc32.js';
import { decodeNpy, encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeNpz } from '../../src/runtime/formats/npz.js';
import { Folder, quantc } from '../support/cli.js';
import { fixture, fixturePath } from '../support/fixtures.js';

const CORAL = fixturePath('coral_base_100/model_ti.onnx');
const INPUT = decodeNpy(fixture('coral_base_100/inputs.npy'));
const GOLDEN = decodeNpy(fixture('coral_base_100/golden.npy'));
const LIST = INPUT.toNumbers().join(',');

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

/** A .npy file whose header declares what it likes. */
function npy(shape: string, data: Uint8Array, descr = '<f4'): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
  return Uint8Array.from([
    0x93,
    ...strToU8('NUMPY'),
    1,
    0,
    text.length & 0xff,
    text.length >> 8,
    ...strToU8(text),
    ...data,
  ]);
}

/** A ZIP archive of one deflated member that declares `declared` bytes. */
function bomb(member: Uint8Array, declared: number): Uint8Array {
  const packed = deflateSync(member).subarray(2, -4);
  const name = strToU8('input.npy');
  const fields = (signature: number, before: readonly number[]): Uint8Array => {
    const bytes = new Uint8Array(before.length + 26);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, signature, true);
    bytes.set(before, 4);
    const at = 4 + before.length;
    view.setUint16(at, 8, true);
    view.setUint32(at + 6, crc32(member), true);
    view.setUint32(at + 10, packed.length, true);
    view.setUint32(at + 14, declared, true);
    view.setUint16(at + 18, name.length, true);
    return bytes;
  };
  const local = [...fields(0x04034b50, [20, 0, 0, 0]).subarray(0, 30), ...name, ...packed];
  const central = [...fields(0x02014b50, [20, 0, 20, 0, 0, 0]).subarray(0, 30), ...new Uint8Array(16), ...name];
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, 1, true);
  view.setUint16(10, 1, true);
  view.setUint32(12, central.length, true);
  view.setUint32(16, local.length, true);
  return Uint8Array.from([...local, ...central, ...end]);
}

const golden = ['golden', GOLDEN] as const;
const deep = (open: string, close: string): string => open.repeat(100_000) + close.repeat(100_000);
const NAN = Tensor.float32(
  INPUT.dims,
  INPUT.toNumbers().map((value, i) => (i === 7 ? NaN : value)),
);

describe('hostile golden vectors are refused with a sentence', () => {
  it.each<[what: string, name: string, content: Uint8Array | string, message: string]>([
    ['nothing', 'v.npz', '', 'it is no ZIP archive or is cut off'],
    [
      'a cut .npz',
      'v.npz',
      encodeNpz([['input', INPUT], golden]).subarray(0, 700),
      'it is no ZIP archive or is cut off',
    ],
    ['a cut .npy', 'input.npy', encodeNpy(INPUT).subarray(0, 300), 'the file may be cut off'],
    ['a cut header', 'input.npy', encodeNpy(INPUT).subarray(0, 60), 'ends within its header'],
    ['a cut .pb', 'input_0.pb', encodeTensorProto(INPUT).subarray(0, 500), 'cut off'],
    ['a huge shape', 'input.npy', npy('(1, 4294967296, 4294967296)', new Uint8Array(4)), 'but holds 4'],
    ['a negative shape', 'input.npy', npy('(-1, 4)', new Uint8Array(4)), 'an axis of size -1'],
    ['Python objects', 'input.npy', npy('(1,)', new Uint8Array(8), '|O'), 'Python objects'],
    ['a huge C array', 'v.c', 'float model_test_input[99999999999999] = {1};', 'elements but holds 1'],
    ['a cut C array', 'v.c', 'float model_test_input[256] = {1, 2, 3', 'it is cut off'],
    ['an open comment', 'v.c', `/* float model_test_input[256] = {${LIST}};`, 'nothing to compare'],
    ['an open comment in an array', 'v.c', 'float model_test_input[2] = {1, /* 2};', 'it is cut off'],
    ['an empty C file', 'v.c', '', 'the files hold no golden vectors'],
    ['deep C', 'v.c', `int8_t golden_output[2] = ${deep('{', '}')};`, 'it declares [2] elements but holds 0'],
    ['deep JSON', 'v.json', `{"sets": [{"input": ${deep('[', ']')}}]}`, 'a list of uneven lists'],
    ['deep JSON lists', 'v.json', `{"sets": [{"input_q": ${deep('[', ']')}}]}`, 'a list of uneven lists'],
    ['JSON of another shape', 'v.json', '{"__proto__": {"sets": []}}', "it has no list 'sets'"],
    [
      'JSON sets of __proto__',
      'v.json',
      '{"sets": [{"__proto__": {"input_q": [1]}}]}',
      'the files hold no golden vectors',
    ],
    ['text for a number', 'v.json', '{"sets": [{"input_q": [1, {}]}]}', "element 1 of 'input_q' of set 0 is no number"],
    ['NaN', 'v.npz', encodeNpz([['input', NAN], golden]), "element 7 of 'input' is NaN, but only finite values"],
    ['a wrong length', 'v.npz', encodeNpz([['input', Tensor.float32([3], [1, 2, 3])]]), 'a multiple of 256'],
    [
      'a long golden',
      'v.npz',
      encodeNpz([
        ['input', INPUT],
        ['golden', Tensor.float32([3], [1, 2, 3])],
      ]),
      'has 3 elements',
    ],
    [
      'unknown names',
      'v.npz',
      encodeNpz([
        ['input', INPUT],
        ['no\u001b[2Jsuch', GOLDEN],
      ]),
      'nothing to compare',
    ],
    [
      'a way out',
      'v.npz',
      encodeNpz([
        ['input', INPUT],
        ['../../../tmp/x', GOLDEN],
      ]),
      'nothing to compare',
    ],
    ['a bomb that is told', 'v.npz', bomb(new Uint8Array(2 ** 22), 2 ** 31), 'which is not possible'],
    ['a bomb that is not told', 'v.npz', bomb(new Uint8Array(2 ** 22), 1000), 'the .npz file cannot be read'],
    ['an archive of something else', 'v.npz', bomb(strToU8('hello'), 5), 'does not begin as .npy files do'],
    ['a name without an extension', 'vectors', 'x', 'the name does not tell how the file holds golden vectors'],
    ['half an element', 'input.bin', new Uint8Array(1022), 'the dump has 1022 bytes'],
    ['no hexadecimal digits', 'input.hex', 'xyz', "'xyz' is no hexadecimal number"],
  ])('%s', async (_, name, content, message) => {
    folder.write(name, content);
    const dtype = /\.(?:bin|hex)$/.test(name) ? ['--dtype', 'float32'] : [];
    const answer = await quantc(['verify', CORAL, '--vectors', name, ...dtype], { cwd: folder.path });
    expect(answer.stderr).toContain(message);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).not.toContain('\u001b');
    expect(answer.stderr.match(/error: /g)).toHaveLength(1);
  });

  it.each([
    ['a shift of -1', 'float a_bias_data[]={1};float a_scale_data[]={1};int a_shift_data[]={-1};', '0 … 31'],
    ['a missing part', 'float a_bias_data[]={1};int a_shift_data[]={1};', "the input sequence 'a' has no scale"],
    ['no sequence', 'int other[] = {1};', 'holds no input sequence'],
    ['a cut part', 'float a_bias_data[2]={1', 'it is cut off'],
  ])('a header with %s', async (_, content, message) => {
    folder.write('h.h', content);
    folder.write('v.npz', encodeNpz([['input', INPUT], golden]));
    const answer = await quantc(['verify', CORAL, '--vectors', 'v.npz', '--header', 'h.h'], { cwd: folder.path });
    expect(answer.stderr).toContain(message);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
  });

  it('an empty folder, and one of other files', async () => {
    mkdirSync(join(folder.path, 'empty'));
    folder.write('readme.md', '');
    for (const name of ['empty', '.']) {
      const answer = await quantc(['verify', CORAL, '--vectors', name], { cwd: folder.path });
      expect(answer.stderr).toContain(`the folder '${name}' holds no golden vectors`);
      expect(answer.status).toBe(2);
    }
  });

  it('a pipe, which might never end', async () => {
    execFileSync('mkfifo', [join(folder.path, 'v.json')]);
    for (const name of ['v.json', '.']) {
      const answer = await quantc(['verify', CORAL, '--vectors', name], { cwd: folder.path });
      expect(answer.stderr).toContain("v.json' is neither a file nor a folder");
      expect(answer.status).toBe(2);
    }
  });

  it('names of prototypes are names', async () => {
    folder.write('v.npz', encodeNpz([['input', INPUT], golden, ['__proto__', GOLDEN], ['constructor', GOLDEN]]));
    const answer = await quantc(['verify', CORAL, '--vectors', 'v.npz'], { cwd: folder.path });
    expect(answer.stderr).toContain("the model has no tensor named '__proto__', 'constructor'");
    expect(answer.status).toBe(0);
  });
});
