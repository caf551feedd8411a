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
    ['alignas(16) static const uint8_t', 'uint8'],
    ['const int8_t __attribute__((aligned(16), section(".x")))', 'int8'],
    ['const int16_t DATA_ALIGN(4)', 'int16'],
    ['const uint8_t PROGMEM', 'uint8'],
    ['__declspec(align(4)) q7_t', 'int8'],
    ['constexpr std::uint_least16_t', 'uint16'],
    ['Uint16', 'uint16'],
    ['float32_t', 'float32'],
  ])('%s is %s', (words, dtype) => {
    expect(read(`${words} a[1] = {1};`)).toEqual([['a', dtype, [1], [1]]]);
  });

  it.each([
    ['int a[2], b;', 'a declaration alone'],
    ['int a = 3;', 'no array'],
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
    ['struct point a[1] = {1};', "the type of its elements is unknown in 'struct point'"],
  ])('%s is refused', (text, message) => {
    expect(() => read(text)).toThrow(`the array 'a' in line 1 cannot be read: ${message}`);
  });

  it.each<[string, string, bigint]>([
    ['int64_t', 'INT64_MIN', -(2n ** 63n)],
    ['int64_t', '-0x8000000000000000LL', -(2n ** 63n)],
    ['int64_t', '0xFFFFFFFFFFFFFFFFULL', -1n],
    ['int64_t', '-9007199254740993LL', -(2n ** 53n) - 1n],
    ['int64_t', '-010', -8n],
    ['uint64_t', 'UINT64_MAX', 2n ** 64n - 1n],
    ['uint64_t', '18446744073709551615ULL', 2n ** 64n - 1n],
    ['uint64_t', '5.', 5n],
  ])('%s of %s is kept to the last bit', (type, text, value) => {
    const [array] = readCArrays(`${type} a[1] = {${text}};`, { wanted: () => true });
    expect(array?.tensor.data[0]).toBe(value);
  });

  it.each([
    'int64_t a[1] = {9223372036854775808};',
    'uint64_t a[1] = {-1};',
    'uint64_t a[1] = {18446744073709551616};',
  ])('%s is refused', (text) => {
    expect(() => read(text)).toThrow('element 0 is');
  });

  it('does not take prose in parentheses for an attribute', () => {
    expect(read('/* SET (float, see table) float */ int8_t a[1] = {1}; f(float x); int8_t b[1] = {2};')).toEqual([
      ['a', 'int8', [1], [1]],
      ['b', 'int8', [1], [2]],
    ]);
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
