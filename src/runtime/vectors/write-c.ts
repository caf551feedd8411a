import { UserError } from '../../ir/diagnostics.js';
import { isFloat, type DType } from '../../ir/dtype.js';
import { formatFloat32 } from './format-float.js';
import type { GoldenVector, NamedTensor } from './golden-vector.js';
import type { InputSequence } from './input-sequence.js';

const C_TYPES: Readonly<Record<DType, string>> = {
  float32: 'float',
  float64: 'double',
  float16: 'float',
  bfloat16: 'float',
  float8e4m3fn: 'float',
  float8e4m3fnuz: 'float',
  float8e5m2: 'float',
  float8e5m2fnuz: 'float',
  float8e8m0: 'float',
  float4e2m1: 'float',
  int8: 'int8_t',
  int16: 'int16_t',
  int32: 'int32_t',
  int64: 'int64_t',
  uint8: 'uint8_t',
  uint16: 'uint16_t',
  uint32: 'uint32_t',
  uint64: 'uint64_t',
  bool: 'uint8_t',
  int4: 'int8_t',
  uint4: 'uint8_t',
  int2: 'int8_t',
  uint2: 'uint8_t',
};

const PER_LINE = 16;

/**
 * Golden vectors in the syntax in which TI hands over a test_vector.c (spec 4.4): sets begun by `// SET k`, the first live
 * and every other in a block comment. Further inputs and outputs are numbered; a comment in front of an array tells the name
 * of the model's tensor.
 * @throws UserError `c-vectors` for what C cannot write: no elements, NaN and infinities
 */
export function writeCVectors(vectors: readonly GoldenVector[]): string {
  const sets = vectors.map((vector, k) => {
    const text = `// SET ${k}\n${arraysOf(vector).join('\n')}`;
    return k === 0 ? text : `/*\n${text}*/\n`;
  });
  return `/* Golden vectors. Set 0 is live; every other set stands in a block comment. */\n#include <stdint.h>\n\n${sets.join('\n')}`;
}

function arraysOf({ inputs, integers, outputs, tensors }: GoldenVector): string[] {
  const numbered = (list: readonly NamedTensor[], role: string, name: string, suffix = ''): string[] =>
    list.map((item, i) => arrayText(item, role, `${name}${suffix}${i === 0 ? '' : `_${i}`}`));
  return [
    ...numbered(inputs, 'INPUT', 'model_test_input'),
    ...numbered(integers, 'INPUT-Q', 'model_test_input', '_q'),
    ...numbered(outputs, 'OUTPUT', 'golden_output'),
    ...tensors.map((item, i) => arrayText(item, 'TENSOR', `golden_tensor_${i}`)),
  ];
}

function arrayText({ name, tensor }: NamedTensor, role: string, identifier: string): string {
  const { dtype, size } = tensor;
  if (size === 0) throw fault(name, 'it has no elements');
  const elements = Array.from(tensor.data as Iterable<number | bigint>, (value) => elementText(value, dtype, name));
  const lines: string[] = [];
  for (let i = 0; i < size; i += PER_LINE) lines.push(`  ${elements.slice(i, i + PER_LINE).join(', ')},`);
  return `// ${role} ${quoted(name)}\n${C_TYPES[dtype]} ${identifier}[${size}] = {\n${lines.join('\n')}\n};\n`;
}

function elementText(value: number | bigint, dtype: DType, name: string): string {
  if (typeof value === 'bigint') return longText(value, dtype);
  if (!Number.isFinite(value)) throw fault(name, `it holds ${value}`);
  if (!isFloat(dtype)) return dtype === 'uint32' ? `${value}U` : String(value);
  return dtype === 'float64' ? asFloat(Object.is(value, -0) ? '-0' : String(value)) : float32Text(value);
}

/** The sign is no part of a number of C, and 2^63 is none that an int64_t holds. */
const longText = (value: bigint, dtype: DType): string =>
  dtype === 'uint64' ? `${value}ULL` : value === -(2n ** 63n) ? 'INT64_MIN' : `${value}LL`;

/** With a point or an exponent: C would take digits alone for an integer, which has no -0 and no 1e20. */
const asFloat = (text: string): string => (/[.e]/.test(text) ? text : `${text}.`);
const float32Text = (value: number): string => asFloat(formatFloat32(value));

const fault = (name: string, what: string): UserError =>
  new UserError({
    code: 'c-vectors',
    severity: 'error',
    message: `'${name}' cannot be written in C: ${what}`,
    hint: 'write the vectors as .npz or .json',
  });

/** A name that ends no comment and begins none, in ASCII. */
const quoted = (name: string): string =>
  JSON.stringify(name)
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[?*]/g, (mark) => (mark === '?' ? '\\u003f' : '\\u002a'));

/**
 * A header with the constants of an input sequence as an application built with skip_normalize reads them:
 * q = clip(((x + bias) · scale) >> shift), channel c taking entry c modulo the length.
 */
export function writeSequenceHeader({ prefix, bias, scale, shift }: InputSequence): string {
  const upper = prefix.toUpperCase();
  const list = (part: string, type: string, values: readonly string[]): string =>
    `#define ${upper}_${part.toUpperCase()}_LEN ${values.length}\n` +
    `const ${type} ${prefix}_${part}_data[${upper}_${part.toUpperCase()}_LEN] __attribute__((weak)) = {\n` +
    `  ${values.join(', ')},\n};\n`;
  return `/* Input sequence: q = clip(floor((x + bias) * scale / 2^shift)), each step in float; channel c takes entry c modulo
 * the length. A cast to int32 before the shift truncates, which differs by 1 for some negative x. */
#ifndef ${upper}_INPUT_SEQUENCE_H
#define ${upper}_INPUT_SEQUENCE_H

#include <stdint.h>

${[
  list('bias', 'float', Array.from(bias, float32Text)),
  list('scale', 'float', Array.from(scale, float32Text)),
  list('shift', 'int32_t', Array.from(shift, String)),
].join('\n')}
#endif
`;
}
