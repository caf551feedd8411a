import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { ModelFault } from '../../../src/ir/onnx/fault.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { readModelFile } from '../../../src/ir/onnx/model-file.js';
import { checkFraming } from '../../../src/ir/onnx/wire.js';
import { floats, modelBytes } from '../../support/onnx-builder.js';
import { FileBytes } from '../../support/protobuf-writer.js';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function refusal(bytes: Uint8Array): string {
  try {
    readModelFile(bytes);
  } catch (error) {
    if (error instanceof ModelFault) return error.message;
    throw error;
  }
  return 'accepted';
}

/** A small model with most kinds of fields. */
const model = modelBytes({
  nodes: [
    { op: 'Conv', name: 'c', inputs: ['x', 'w'], outputs: ['h'], attributes: { pads: { ints: [1, 1, 1, 1] } } },
    { op: 'Clip', inputs: ['h', 'lo'], outputs: ['y'] },
    { op: 'Constant', outputs: ['k'], attributes: { value: { tensor: floats('', [1], [1]) } } },
  ],
  inputs: [{ name: 'x', shape: ['N', 1, 4, 4] }],
  outputs: [{ name: 'y', shape: ['N', 2, 4, 4] }],
  initializers: [
    floats(
      'w',
      [2, 1, 3, 3],
      Array.from({ length: 18 }, (_, i) => i),
    ),
    { name: 'lo', dims: [], floats: [0] },
  ],
  metadata: [['key', 'value']],
});

describe('readModelFile', () => {
  it.each([
    ['', 'the file is empty, an ONNX model is expected'],
    ['PK\x03\x04rest', 'the file is a zip archive, an ONNX model is expected'],
    ['\x1c\0\0\0TFL3\0\0', 'the file is a TensorFlow Lite model, an ONNX model is expected'],
    ['\x89HDF\r\n\x1a\n', 'the file is an HDF5 file, an ONNX model is expected'],
    ['\x93NUMPY\x01\0', 'the file is a NumPy array, an ONNX model is expected'],
    ['\x80\x02}q\0.', 'the file is a pickle, an ONNX model is expected'],
    ['\x1f\x8b\x08\0', 'the file is a gzip file, an ONNX model is expected'],
    ['version https://git-lfs.github.com/spec/v1\n', 'the file is a Git LFS pointer, an ONNX model is expected'],
    ['<!DOCTYPE html><html>', 'the file is text, an ONNX model in its binary form is expected'],
    ['{"layers": []}', 'the file is text, an ONNX model in its binary form is expected'],
    ['<\n  ir_version: 8\n>', 'the file is text, an ONNX model in its binary form is expected'],
    ['\x08\x08', 'the file holds no graph, an ONNX model is expected'],
    ['\xff\xfe\x00\x01', 'the protobuf data are damaged or cut off at byte 0'],
  ])('says of %j what it is', (text, message) => expect(refusal(bytesOf(text))).toContain(message));

  it('accepts a model', () => expect(refusal(model)).toBe('accepted'));

  it('accepts a model that stands inside of a larger buffer', () => {
    const buffer = Buffer.concat([Buffer.alloc(3, 0xff), model, Buffer.alloc(3, 0xff)]);
    expect(readModelFile(buffer.subarray(3, -3)).producerName).toBe('builder');
  });
});

describe('damaged files', () => {
  it('of every length are read or refused, never worse', () => {
    const outcomes = new Map<string, number>();
    for (let length = 0; length < model.length; length++) {
      const outcome = importOutcome(model.subarray(0, length));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    // Only without its metadata, the last field of the file, is a shorter file a model.
    expect(outcomes.get('read')).toBe(1);
    expect([...outcomes.keys()].sort()).toEqual(['damaged-file', 'invalid-opset', 'not-onnx', 'read']);
  });

  it('with one byte changed are read or refused, never worse', () => {
    fc.assert(
      fc.property(fc.nat(model.length - 1), fc.nat(255), (at, byte) => {
        importOutcome(model.with(at, byte));
      }),
      { seed: 11, numRuns: 3000 },
    );
  });

  it('of random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(importOutcome(bytes)).not.toBe('read');
      }),
      { seed: 12, numRuns: 1000 },
    );
  });
});

function importOutcome(bytes: Uint8Array): string {
  try {
    importModel(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics[0]?.code ?? 'no reason';
    throw error;
  }
}

describe('checkFraming', () => {
  const damage = (bytes: FileBytes | Uint8Array): string => {
    try {
      checkFraming(bytes instanceof FileBytes ? bytes.toBytes() : bytes, 'Model');
    } catch (error) {
      if (error instanceof ModelFault) return error.message;
      throw error;
    }
    return 'accepted';
  };

  it.each<[string, FileBytes | Uint8Array, string]>([
    ['a length beyond the file', Uint8Array.of(0x3a, 5, 0), 'at byte 0: a field of 5 bytes is cut off after 1'],
    [
      'a length beyond the parent',
      Uint8Array.of(0x3a, 2, 0x0a, 9, 0, 0),
      'at byte 2: a field of 9 bytes is cut off after 0',
    ],
    ['a length of 2^63', Uint8Array.of(0x3a, 255, 255, 255, 255, 255, 255, 255, 255, 127), 'is cut off after 0'],
    ['a number without an end', Uint8Array.of(0x08, 0x80), 'the data end within a number'],
    [
      'a number of 11 bytes',
      Uint8Array.of(0x08, ...new Array<number>(10).fill(0x80), 0),
      'a number is longer than 64 bits',
    ],
    ['field 0', Uint8Array.of(0x02, 0), 'there is no field of that number'],
    ['a group', Uint8Array.of(0x0b, 0x0c), 'field 1 has wire type 3'],
    ['an unknown group', Uint8Array.of(0xf3, 0x07, 0xf4, 0x07), 'there is no wire type 3'],
    ['a wire type that the field does not have', new FileBytes().varint(7, 1), 'field 7 has wire type 0'],
    ['a string as a number', new FileBytes().text(1, 'a'), 'field 1 has wire type 2'],
    ['a fixed field that is cut off', Uint8Array.of(0xf5, 0x07, 0), 'the data end within a field'],
    [
      'packed floats that are cut off',
      new FileBytes().message(7, new FileBytes().message(5, new FileBytes().bytes(4, new Uint8Array(6)))),
      'a packed field ends within an element',
    ],
    [
      'packed integers that are cut off',
      new FileBytes().message(7, new FileBytes().message(5, new FileBytes().bytes(7, Uint8Array.of(1, 0x80)))),
      'a packed field ends within an element',
    ],
  ])('refuses %s', (_, bytes, message) => expect(damage(bytes)).toContain(message));

  it.each<[string, FileBytes]>([
    [
      'unknown fields of every wire type',
      new FileBytes().varint(900, 1).text(901, 'a').float(902, 1).doubles(903, [1], false),
    ],
    ['an empty message', new FileBytes().message(7, new FileBytes())],
  ])('accepts %s', (_, bytes) => expect(damage(bytes)).toBe('accepted'));

  it('refuses graphs nested deeper than any model needs, without recursion', () => {
    const nested = (levels: number): Uint8Array => {
      // Lengths are written from the inside out, so that deep nesting takes linear time.
      let parts: Uint8Array[] = [];
      let length = 0;
      for (let level = 0; level < levels; level++) {
        for (const field of [6, 5, 1]) {
          const head = new FileBytes()
            .varint(1, length)
            .toBytes()
            .with(0, field * 8 + 2);
          parts.push(head);
          length += head.length;
        }
      }
      const head = new FileBytes().varint(1, length).toBytes().with(0, 0x3a);
      parts = [head, ...parts.reverse()];
      return Uint8Array.from(parts.flatMap((part) => [...part]));
    };
    expect(damage(nested(30))).toBe('accepted');
    expect(damage(nested(40))).toContain('messages nest deeper than 100 levels');
    expect(damage(nested(100_000))).toContain('messages nest deeper than 100 levels');
  });

  it('refuses types nested without end', () => {
    let type = new FileBytes();
    for (let i = 0; i < 60; i++) type = new FileBytes().message(4, new FileBytes().message(1, type));
    const info = new FileBytes().text(1, 'x').message(2, type);
    expect(damage(new FileBytes().message(7, new FileBytes().message(11, info)))).toContain(
      'nest deeper than 100 levels',
    );
  });
});
