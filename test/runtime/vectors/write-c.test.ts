import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../src/ir/tensor.js';
import type { GoldenVector } from '../../../src/runtime/vectors/golden-vector.js';
import { writeCVectors, writeSequenceHeader } from '../../../src/runtime/vectors/write-c.js';
import { hasGcc, runC } from '../../support/gcc.js';
import { vector } from '../../support/golden-vector.js';

const input = (...values: readonly number[]): GoldenVector =>
  vector({ inputs: [{ name: 'x', tensor: Tensor.float32([values.length], values) }] });

describe('writeCVectors', () => {
  it('numbers what comes again, and says which tensor of the model it is', () => {
    const byte = (value: number): Tensor => new Tensor('int8', [1], Int8Array.of(value));
    const named = (name: string, value: number): { name: string; tensor: Tensor } => ({ name, tensor: byte(value) });
    const text = writeCVectors([
      vector({
        inputs: [named('a', 1), named('b', 2)],
        integers: [named('a', 3), named('b', 4)],
        outputs: [named('y', 5), named('z', 6)],
        tensors: [named('t', 7), named('u', 8)],
      }),
    ]);
    expect(text.match(/^\/\/ .*\n.*\[.*\n.*$/gm)).toEqual([
      '// INPUT "a"\nint8_t model_test_input[1] = {\n  1,',
      '// INPUT "b"\nint8_t model_test_input_1[1] = {\n  2,',
      '// INPUT-Q "a"\nint8_t model_test_input_q[1] = {\n  3,',
      '// INPUT-Q "b"\nint8_t model_test_input_q_1[1] = {\n  4,',
      '// OUTPUT "y"\nint8_t golden_output[1] = {\n  5,',
      '// OUTPUT "z"\nint8_t golden_output_1[1] = {\n  6,',
      '// TENSOR "t"\nint8_t golden_tensor_0[1] = {\n  7,',
      '// TENSOR "u"\nint8_t golden_tensor_1[1] = {\n  8,',
    ]);
  });

  it('leaves the first set alone outside of block comments', () => {
    const text = writeCVectors([input(11), input(22), input(33)]);
    const live = text.replace(/\/\*[^]*?\*\//g, '');
    expect(text.match(/\/\/ SET \d/g)).toEqual(['// SET 0', '// SET 1', '// SET 2']);
    expect(live.match(/\/\/ SET \d/g)).toEqual(['// SET 0']);
    expect(live).toContain('11');
    expect(live).not.toMatch(/22|33/);
  });

  it('holds 16 elements a line', () => {
    const rows = writeCVectors([input(...Array.from({ length: 33 }, (_, i) => i))]).match(/^ {2}\d.*$/gm);
    expect(rows?.map((row) => row.split(',').length - 1)).toEqual([16, 16, 1]);
  });

  it('marks integers that are wider than an int', () => {
    const text = writeCVectors([
      vector({
        tensors: [
          { name: 'a', tensor: new Tensor('uint32', [1], Uint32Array.of(2 ** 32 - 1)) },
          { name: 'b', tensor: new Tensor('int64', [1], BigInt64Array.of(-5n)) },
          { name: 'c', tensor: new Tensor('uint64', [1], BigUint64Array.of(2n ** 64n - 1n)) },
        ],
      }),
    ]);
    expect(text.match(/^ {2}(.*),$/gm)).toEqual(['  4294967295U,', '  -5LL,', '  18446744073709551615ULL,']);
  });

  it.skipIf(!hasGcc())('has integers of 64 bits that a compiler takes for what they are', () => {
    const long = [-(2n ** 63n), -(2n ** 63n) + 1n, 2n ** 63n - 1n];
    const folder = mkdtempSync(join(tmpdir(), 'quantc-c-'));
    try {
      const tensor = new Tensor('int64', [3], BigInt64Array.from(long));
      writeFileSync(join(folder, 'test_vector.c'), writeCVectors([vector({ tensors: [{ name: 't', tensor }] })]));
      writeFileSync(
        join(folder, 'main.c'),
        `#include <inttypes.h>
#include <stdio.h>
extern int64_t golden_tensor_0[3];
int main(void) {
  for (int i = 0; i < 3; i++) printf("%" PRId64 " ", golden_tensor_0[i]);
  return 0;
}
`,
      );
      expect(runC(folder, 'main.c', 'test_vector.c').trim().split(' ').map(BigInt)).toEqual(long);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  // 1e20 is written out in full by String, and no integer of C is as large; -0 as an integer is 0.
  const FLOATS = [1e20, -9.5e18, 2 ** 63, 3e38, -0, 7, 0.1];
  it.skipIf(!hasGcc())('has floats that a compiler takes for floats', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quantc-c-'));
    try {
      writeFileSync(join(folder, 'test_vector.c'), writeCVectors([input(...FLOATS)]));
      const constants = Float32Array.from(FLOATS);
      const header = { prefix: 'p', bias: constants, scale: Float32Array.of(1e20), shift: Int32Array.of(7) };
      writeFileSync(join(folder, 'sequence.h'), writeSequenceHeader(header));
      writeFileSync(
        join(folder, 'main.c'),
        `#include <stdio.h>
#include "sequence.h"
extern float model_test_input[${FLOATS.length}];
int main(void) {
  for (int i = 0; i < ${FLOATS.length}; i++) printf("%a %a\\n", (double)model_test_input[i], (double)p_bias_data[i]);
  printf("%.9g %d", (double)p_scale_data[0], (int)p_shift_data[0]);
  return 0;
}
`,
      );
      const lines = runC(folder, 'main.c', 'test_vector.c').split('\n');
      expect(lines.pop()).toBe('1.00000002e+20 7');
      for (const [i, line] of lines.entries()) {
        const [own, constant] = line.split(' ').map(hexadecimal);
        expect(own).toBe(constants[i]);
        expect(constant).toBe(constants[i]);
      }
      expect(lines).toHaveLength(FLOATS.length);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses empty arrays and what is no number', () => {
    expect(() => writeCVectors([input()])).toThrow("'x' cannot be written in C: it has no elements");
    expect(() => writeCVectors([input(1, -Infinity)])).toThrow("'x' cannot be written in C: it holds -Infinity");
  });
});

/** The number that printf writes as `%a`: ±0x1.8p+3. */
function hexadecimal(text: string): number {
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)0x(\d)(?:\.([\da-f]+))?p([+-]\d+)$/.exec(text) ?? [];
  const mantissa = Number.parseInt(whole + fraction, 16) / 16 ** fraction.length;
  return (sign === '-' ? -1 : 1) * mantissa * 2 ** Number(exponent);
}
