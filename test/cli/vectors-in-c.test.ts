import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Tensor } from '../../src/ir/tensor.js';
import { decodeNpy, encodeNpy } from '../../src/runtime/formats/npy.js';
import { encodeNpz } from '../../src/runtime/formats/npz.js';
import { Folder, modelOf, quantc, TINY, type Answer } from '../support/cli.js';
import { endOfC, hasGcc } from '../support/gcc.js';

/** What an application does with golden vectors: it runs the model, which the stub of device.h is, and compares. */
const MAIN = `
#include <stdio.h>
#include <stdlib.h>
#include "test_vector.c"
#include "device.h"

int main(void) {
  int8_t output[COUNT(golden_output)];
  int differing = 0, first = 0, largest = 0;
  model_run(model_test_input, output);
  for (int i = 0; i < COUNT(golden_output); i++) {
    int by = abs(output[i] - golden_output[i]);
    if (by > largest) largest = by;
    if (by != 0 && differing++ == 0) first = i;
  }
  printf("%d of %d", differing, COUNT(golden_output));
  if (differing > 0) printf(", first %d: %d %d, largest %d", first, output[first], golden_output[first], largest);
  return differing != 0;
}
`;

const SAMPLES = 40;
const ELEMENTS = 8;
const CLASSES = 2;
const DATA = Float32Array.from({ length: SAMPLES * ELEMENTS }, (_, i) => 2 * Math.sin(i * i));

/** A stub of the NPU: what the device computed of each sample, which it finds by the bits of its input. */
const deviceOf = (outputs: Int8Array): string => `
#include <string.h>
#define COUNT(list) (int)(sizeof(list) / sizeof((list)[0]))
static const float device_input[] = {${Array.from(DATA, (value) => value.toPrecision(9)).join(', ')}};
static const int8_t device_output[] = {${outputs.join(', ')}};
static void model_run(const float *input, int8_t *output) {
  memset(output, 0, ${CLASSES});
  for (int i = 0; i < ${SAMPLES}; i++)
    if (memcmp(input, device_input + i * ${ELEMENTS}, ${ELEMENTS} * sizeof(float)) == 0)
      memcpy(output, device_output + i * ${CLASSES}, ${CLASSES});
}
`;

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const run = (...argv: readonly string[]): Promise<Answer> => quantc(argv, { cwd: folder.path });
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder.path, name)));

/** The file with set `k` live and the others in block comments, as a person moves the marks. */
function withLive(text: string, k: number): string {
  const [head = '', ...sets] = text.replace(/^\/\*$|^\*\/$|(?<=};\n)\*\/\n/gm, '').split(/(?=^\/\/ SET )/m);
  return head + sets.map((set, i) => (i === k ? set : `/*\n${set}*/\n`)).join('');
}

interface Verdict {
  readonly vectors: readonly {
    readonly tensors: readonly {
      readonly elements: number;
      readonly differing: number;
      readonly first?: { readonly index: number; readonly expected: number; readonly got: number };
      readonly largest?: { readonly expected: number; readonly got: number };
    }[];
  }[];
}

/** What verify says of one vector, in the words of the program. */
function asPrinted({ stdout }: Answer): string {
  const [tensor] = (JSON.parse(stdout) as Verdict).vectors[0]?.tensors ?? [];
  const { elements, differing, first, largest } = tensor!;
  const count = `${differing} of ${elements}`;
  if (first === undefined || largest === undefined) return count;
  const most = Math.abs(largest.expected - largest.got);
  return `${count}, first ${first.index}: ${first.expected} ${first.got}, largest ${most}`;
}

describe('a program in C that compares a device with the golden vectors', () => {
  it.skipIf(!hasGcc())(
    'says of every set what verify says of the same dump (skipped without gcc)',
    async () => {
      folder.write('tiny.onnx', modelOf(TINY));
      folder.write('x.npy', encodeNpy(Tensor.float32([SAMPLES, 1, ELEMENTS, 1], DATA)));
      await run('tiny.onnx', '-t', 'f28p55', '-o', 'q.onnx', '--calib', 'x.npy', '--quiet');
      const vectors = ['vectors', 'q.onnx', '--data', 'x.npy', '--count', '3', '--format', 'c', '-o', '.', '--json'];
      const { samples } = JSON.parse((await run(...vectors)).stdout) as { samples: readonly number[] };
      expect(samples).toHaveLength(3);
      // The device is the model as it is run on the data, which the vectors are no part of.
      expect(await run('run', 'q.onnx', '--input', 'x.npy', '-o', 'y.npy')).toMatchObject({ status: 0 });
      const outputs = Int8Array.from(decodeNpy(bytesOf('y.npy')).toNumbers());
      expect(outputs).toHaveLength(SAMPLES * CLASSES);
      expect(
        new Set(samples.map((sample) => outputs.subarray(sample * CLASSES, (sample + 1) * CLASSES).join())).size,
      ).toBe(3);

      const written = readFileSync(join(folder.path, 'test_vector.c'), 'utf8');
      folder.write('main.c', MAIN);
      const compare = async (set: number, device: Int8Array): Promise<{ status: number | null; stdout: string }> => {
        folder.write('test_vector.c', withLive(written, set));
        folder.write('device.h', deviceOf(device));
        const program = endOfC(folder.path, 'main.c');
        const sample = samples[set] ?? 0;
        const rows = <T extends Float32Array | Int8Array>(data: T, size: number): T =>
          data.slice(sample * size, (sample + 1) * size) as T;
        folder.write(
          'dump.npz',
          encodeNpz([
            ['input', Tensor.float32([1, 1, ELEMENTS, 1], rows(DATA, ELEMENTS))],
            ['output', new Tensor('int8', [1, CLASSES], rows(device, CLASSES))],
          ]),
        );
        const answer = await run('verify', 'q.onnx', '--vectors', 'dump.npz', '--json');
        expect(answer.status).toBe(program.status);
        expect(asPrinted(answer)).toBe(program.stdout);
        return program;
      };

      for (const set of samples.keys()) {
        expect(await compare(set, outputs)).toEqual({ status: 0, stdout: `0 of ${CLASSES}` });
      }
      for (const [set, at, bit] of [
        [0, 1, 0],
        [1, 0, 6],
        [2, 1, 7],
      ] as const) {
        const device = outputs.slice();
        device[(samples[set] ?? 0) * CLASSES + at]! ^= 1 << bit;
        const { status, stdout } = await compare(set, device);
        expect(status).toBe(1);
        expect(stdout).toContain(`1 of ${CLASSES}, first ${at}: `);
        // A byte that is turned in bit b is 2^b away, or 2^b the other way.
        expect(stdout).toMatch(new RegExp(`largest ${2 ** bit}$`));
      }
    },
    120_000,
  );
});
