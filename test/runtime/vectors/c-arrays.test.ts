import { describe, expect, it } from 'vitest';
import { readCArrays } from '../../../src/runtime/vectors/c-arrays.js';

const read = (text: string): unknown =>
  readCArrays(text, { wanted: () => true }).map(({ name, tensor }) => [
    name,
    tensor.dtype,
    tensor.dims,
    tensor.toNumbers(),
  ]);

describe('readCArrays', () => {
  it.each([
    ['signed char', 'int8'],
    ['unsigned char', 'uint8'],
    ['short', 'int16'],
    ['unsigned short int', 'uint16'],
    ['unsigned', 'uint32'],
    ['long', 'int32'],
    ['unsigned long long', 'uint64'],
    ['static const int16_t', 'int16'],
    ['_Bool', 'uint8'],
    ['double', 'float64'],
    ['volatile float', 'float32'],
  ])('%s is %s', (words, dtype) => {
    expect(read(`${words} a[1] = {1};`)).toEqual([['a', dtype, [1], [1]]]);
  });

  it.each([
    ['int a[2], b;', 'a declaration alone'],
    ['int a = 3;', 'no array'],
    ['struct point a[1] = {1};', 'an array of structs'],
    ['typedef int a[3];', 'a type'],
    ['int f(int a[2]) { return a[0]; }', 'a parameter and a use'],
    ['a[0] = 1;', 'an assignment'],
  ])('%s is %s', (text) => {
    expect(read(text)).toEqual([]);
  });

  it.each<[string, readonly number[]]>([
    ['int8_t a[] = {1, 2, 3, 4};', [4]],
    ['int8_t a[][2] = {{1, 2}, {3, 4}};', [2, 2]],
    ['int8_t a[2][1][2] = {1, 2, 3, 4};', [2, 1, 2]],
    ['#define W 2\nint8_t a[2][W] = {1, 2, 3, 4};', [2, 2]],
    // Nobody evaluates the expression, so that the elements are all in a row.
    ['int8_t a[2][1 + 1] = {1, 2, 3, 4};', [4]],
  ])('%s has dims %j', (text, dims) => {
    expect(read(text)).toEqual([['a', 'int8', dims, [1, 2, 3, 4]]]);
  });

  it.each([
    ['int8_t', '0xFF', -1],
    ['int8_t', '-0x80', -128],
    ['int16_t', '0x8000', -(2 ** 15)],
    ['int8_t', '- -5', 5],
    ['int8_t', 'INT8_MIN', -128],
    ['bool', 'true', 1],
    ['float', '-INFINITY', -Infinity],
    ['float', '0.1', Math.fround(0.1)],
    ['double', '0.1', 0.1],
    ['int64_t', '-9007199254740992', -(2 ** 53)],
  ])('%s of %s is %d', (type, text, value) => {
    const [array] = readCArrays(`${type} a[1] = {${text}};`, { wanted: () => true });
    expect(array?.tensor.toNumbers()).toEqual([value]);
  });

  it.each([
    ['int8_t a[1] = {0x100};', 'element 0 is 256, which is no int8'],
    ['uint8_t a[1] = {256};', 'element 0 is 256, which is no uint8'],
    ['int8_t a[1] = {128};', 'element 0 is 128, which is no int8'],
    ['int8_t a[2][2] = {1, 2, 3};', 'it declares [2][2] elements but holds 3'],
    ['int8_t a[][2] = {1, 2, 3};', 'it declares [][2] elements but holds 3'],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(`the array 'a' in line 1 cannot be read: ${message}`);
  });

  it('passes over what is unreadable and not wanted, judged by its name and the comments in front', () => {
    const text = '// first\nint8_t a[1] = {F(1)};\n// second\n// third\nint8_t b[1] = {2};';
    const asked: unknown[] = [];
    const arrays = readCArrays(text, {
      wanted: (name, comments) => {
        asked.push([name, comments.map((comment) => comment.trim())]);
        return false;
      },
    });
    expect(asked).toEqual([['a', ['first']]]);
    expect(arrays.map(({ name, comments }) => [name, comments.map((comment) => comment.trim())])).toEqual([
      ['b', ['second', 'third']],
    ]);
  });
});
