import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../src/ir/tensor.js';
import { readCVectors } from '../../../src/runtime/vectors/c-vectors.js';
import type { GoldenVector } from '../../../src/runtime/vectors/golden-vector.js';
import { writeCVectors, writeSequenceHeader } from '../../../src/runtime/vectors/write-c.js';
import { hasGcc, runC } from '../../support/gcc.js';

const setsOf = (text: string): unknown =>
  readCVectors(text).sets.map(({ label, arrays }) => [
    label,
    ...arrays.map(({ name, tensor }) => [name, tensor.dtype, ...tensor.toNumbers()]),
  ]);

describe('the sets of a test_vector.c', () => {
  it('are all read, the live one and those in block comments', () => {
    const text = `/* Prose, with a float and an apostrophe's end; see https://a.b/c */
#if defined(__C29__)
#include "device.h" /* a comment
   that goes on: float model_test_input[1] */
#else
#include <stdint.h>
#endif
// SET 0
//Class: 1 (Index: 3): Extracted Features
float model_test_input[2] = { 1.5, -2., } ;
//Class: 1 (Index: 3): Expected Model Output
int8_t golden_output[1] = { -7, } ;
/*
// SET 1
float model_test_input[2] = { 3, 4 } ;
int8_t golden_output[1] = { 5, } ; // SET 9 stands behind it*/
/*
// SET 2
float model_test_input[2] = { 5, 6 };
int8_t golden_output[1] = { 6 };
*/`;
    expect(setsOf(text)).toEqual([
      ['set 0', ['model_test_input', 'float32', 1.5, -2], ['golden_output', 'int8', -7]],
      ['set 1', ['model_test_input', 'float32', 3, 4], ['golden_output', 'int8', 5]],
      ['set 2', ['model_test_input', 'float32', 5, 6], ['golden_output', 'int8', 6]],
    ]);
  });

  it('begin where a name comes again when nothing marks them', () => {
    const set = 'float model_test_input[1]={1};float golden_output[1]={2};';
    expect(readCVectors(set + set).sets.map(({ arrays }) => arrays.length)).toEqual([2, 2]);
  });
});

describe('an array', () => {
  const read = (text: string): unknown => {
    const [array] = readCVectors(text).sets[0]?.arrays ?? [];
    return array && [array.tensor.dtype, array.tensor.dims, array.tensor.toNumbers()];
  };
  it.each<[string, string, readonly number[], readonly number[]]>([
    ['int8_t golden_output[3]={0x7f,0xFF,-0x80};', 'int8', [3], [127, -1, -128]],
    ['const uint8_t golden_output [ ] =\n{\r\n0XfFu , 010,\t0 }', 'uint8', [3], [255, 8, 0]],
    [
      'static float model_test_input[5]={1e3f,-.5F,+2.,1.E-2,0x1.8p+1f};',
      'float32',
      [5],
      [1000, -0.5, 2, Math.fround(0.01), 3],
    ],
    ['int32_t golden_output[2][2] = {{1,2},{3,4},};', 'int32', [2, 2], [1, 2, 3, 4]],
    ['#define N 2\nint16_t golden_output[N] = {(int16_t)1, -(2)};', 'int16', [], []],
    ['#define N 2\n#define Z (-3)\nint16_t golden_output[N] = {(int16_t)1, Z};', 'int16', [2], [1, -3]],
    [
      'int golden_output[2] __attribute__((aligned(4), section(".x"))) = {1, /* two */ 2 // end\n};',
      'int32',
      [2],
      [1, 2],
    ],
    ['unsigned char golden_output[2*4] = {1,2};', 'uint8', [2], [1, 2]],
    ['double model_test_input[1]={1.0000000001};', 'float64', [1], [1.0000000001]],
    ['volatile unsigned int golden_output[1] = {4294967295U};', 'uint32', [1], [4294967295]],
    ['int64_t golden_output[1] = {-5LL};', 'int64', [1], [-5]],
  ])('%s', (text, dtype, dims, values) => {
    if (values.length === 0) expect(() => read(text)).toThrow('it holds an expression, numbers are accepted');
    else expect(read(text)).toEqual([dtype, dims, values]);
  });

  it.each([
    ['int8_t golden_output[3]={1,2};', 'in line 1 cannot be read: it declares [3] elements but holds 2'],
    ['\nint8_t golden_output[2]={1,2,3};', 'in line 2 cannot be read: it declares [2] elements but holds 3'],
    ['int8_t golden_output[2]={1,200};', 'element 1 is 200, which is no int8'],
    ['int8_t golden_output[1]={1.5};', 'element 0 is 1.5, which is no int8'],
    ['uint8_t golden_output[1]={-1};', 'element 0 is -1, which is no uint8'],
    ['int8_t golden_output[2]={1 2};', "'2' follows element 0, a comma is accepted"],
    ['int8_t golden_output[2]={1,x};', "element 1 is 'x', a number is accepted"],
    ['int8_t golden_output[2]={1,09};', "element 1 is '09', a number is accepted"],
    ['int8_t golden_output[2]={1,', 'it is cut off'],
    ['/* int8_t golden_output[2]={1, */ 2};', 'it is cut off'],
    ['float model_test_input[99999999999]={1};', 'it declares [99999999999] elements but holds 1'],
    ['int8_t golden_output[2]={1,-};', 'a sign stands alone'],
  ])('%s is refused', (text, message) => {
    expect(() => readCVectors(text, { file: 'v.c' })).toThrow(message);
  });

  it('of another name may hold anything', () => {
    expect(setsOf('int table[2] = {SIZE(1), f(2)}; char s[] = "{1,2}"; int8_t golden_output[1]={1};')).toEqual([
      ['set 0', ['golden_output', 'int8', 1]],
    ]);
  });

  it('is read, or refused with a sentence, whatever the file is', () => {
    const piece = fc.constantFrom(
      ...[
        'float',
        'model_test_input',
        '[',
        ']',
        '=',
        '{',
        '}',
        '1',
        '-',
        ',',
        ';',
        '/*',
        '*/',
        '//',
        '\n',
        '#define',
        '"',
        '0x',
        '(',
        ')',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          readCVectors(pieces.join(' '));
        } catch (error) {
          expect(error).toMatchObject({ name: 'UserError' });
        }
      }),
      { seed: 5, numRuns: 3000 },
    );
  });

  it('nests as deep as it likes', () => {
    const text = `int8_t golden_output[1]=${'{'.repeat(200_000)}1${'}'.repeat(200_000)};`;
    expect(read(text)).toEqual(['int8', [1], [1]]);
  });
});

describe('an input sequence', () => {
  const header = (shift: string): string =>
    `#include <stdint.h>\n#define A_BIAS_LEN 1\nextern const float a_bias_data[] __attribute__((weak)) = {20.5};
const float a_scale_data[2] = {184., -3};\nextern const int32_t a_shift_data[] = {${shift}};\nextern const float a_other_data[];`;
  it('is three arrays of one prefix', () => {
    expect(readCVectors(header('7')).sequences).toEqual([
      { prefix: 'a', bias: Float32Array.of(20.5), scale: Float32Array.of(184, -3), shift: Int32Array.of(7) },
    ]);
  });
  it('is refused in parts and with shifts that are none', () => {
    expect(() => readCVectors('float a_bias_data[] = {1};')).toThrow("the input sequence 'a' has no scale");
    expect(() => readCVectors(header('32'))).toThrow("'a_shift_data' has a shift of 32, accepted: 0 … 31");
  });
});

const NASTY = 'a*/b /*"\\ ü\n//??/';
const vectors: readonly GoldenVector[] = [0, 1, 2].map((k) => ({
  label: `sample ${k}`,
  inputs: [
    { name: 'x', tensor: Tensor.float32([1, 3], [k + 0.1, -1e-20, 3e38]) },
    { name: NASTY, tensor: Tensor.float32([1, 2], [-0.5, k]) },
  ],
  integers: [{ name: 'x', tensor: new Tensor('int8', [1, 3], Int8Array.of(k, -128, 127)) }],
  outputs: [{ name: 'y', tensor: new Tensor('uint8', [1, 2], Uint8Array.of(255, k)) }],
  tensors: [
    { name: `${NASTY}2`, tensor: new Tensor('int32', [1, 2], Int32Array.of(-(2 ** 31), 2 ** 31 - 1)) },
    { name: '__proto__', tensor: new Tensor('int64', [1], BigInt64Array.of(-5n)) },
  ],
}));

describe('what is written', () => {
  it('reads back as it was, whatever the names are', () => {
    const { sets } = readCVectors(writeCVectors(vectors));
    expect(sets.map(({ label }) => label)).toEqual(['set 0', 'set 1', 'set 2']);
    for (const [k, { arrays }] of sets.entries()) {
      const { inputs, integers, outputs, tensors } = vectors[k]!;
      const roles = [...inputs.map(() => 'input'), 'input-q', 'output', ...tensors.map(() => 'tensor')];
      const all = [...inputs, ...integers, ...outputs, ...tensors];
      expect(arrays.map(({ name, role, tensor }) => [name, role, tensor.dtype, tensor.toNumbers()])).toEqual(
        all.map(({ name, tensor }, i) => [name, roles[i], tensor.dtype, tensor.toNumbers()]),
      );
    }
  });

  it('refuses what C has no number for', () => {
    const odd = (values: readonly number[]): GoldenVector[] => [
      {
        label: '',
        inputs: [{ name: 'x', tensor: Tensor.float32([values.length], values) }],
        integers: [],
        outputs: [],
        tensors: [],
      },
    ];
    expect(() => writeCVectors(odd([NaN]))).toThrow("'x' cannot be written in C: it holds NaN");
    expect(() => writeCVectors(odd([]))).toThrow("'x' cannot be written in C: it has no elements");
  });

  const sequence = {
    prefix: 'tvmgen_default',
    bias: Float32Array.of(20.677486, -0.1),
    scale: Float32Array.of(184, -3),
    shift: Int32Array.of(7, 31),
  };
  it('holds the input sequence to the last bit', () => {
    expect(readCVectors(writeSequenceHeader(sequence)).sequences).toEqual([sequence]);
  });

  it.skipIf(!hasGcc())('compiles without a warning, and the compiler reads the same numbers', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quantc-c-'));
    try {
      writeFileSync(join(folder, 'test_vector.c'), writeCVectors(vectors));
      writeFileSync(join(folder, 'seq.h'), writeSequenceHeader(sequence));
      writeFileSync(
        join(folder, 'stub.c'),
        `#include <stdio.h>
#include <stdint.h>
#include "seq.h"
extern float model_test_input[3], model_test_input_1[2];
extern int8_t model_test_input_q[3];
extern uint8_t golden_output[2];
extern int32_t golden_tensor_0[2];
extern int64_t golden_tensor_1[1];
int main(void) {
  for (int i = 0; i < 3; i++) printf("%.9g %d ", (double)model_test_input[i], model_test_input_q[i]);
  printf("%.9g %d %ld %ld %.9g %d\\n", (double)model_test_input_1[0], golden_output[0], (long)golden_tensor_0[0],
         (long)golden_tensor_1[0], (double)tvmgen_default_bias_data[1], (int)tvmgen_default_shift_data[TVMGEN_DEFAULT_SHIFT_LEN - 1]);
  return 0;
}
`,
      );
      const printed = runC(folder, 'stub.c', 'test_vector.c');
      const expected = [0.1, 0, -1e-20, -128, 3e38, 127, -0.5, 255, -(2 ** 31), -5, -0.1, 31];
      expect(
        printed
          .trim()
          .split(' ')
          .map((text) => Math.fround(Number(text))),
      ).toEqual(expected.map(Math.fround));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
