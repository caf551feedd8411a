import { describe, expect, it } from 'vitest';
import { qdqTensors } from '../../../src/backends/compare/qdq-tensors.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const found = (text: string): unknown[] =>
  qdqTensors(parseGraph(text, OPERATORS)).map(({ value, labels, grid, weights }) => ({
    value: value.name,
    labels,
    grid,
    weights,
  }));

const SCALES = `const %s: float32[] = [0.5]
const %z: uint8[] = [3]
`;

describe('the tensors of a QDQ graph', () => {
  it('are what is quantised as a whole, with the weights of the layer in front', () => {
    const text = `graph "g"
input %x: float32[N,1,4,1]
${SCALES}const %w: int8[2,1,1,1] = [127, -64]
const %ws: float32[2] = [0.1, 0.2]
%wd: float32[2,1,1,1] = DequantizeLinear(%w, %ws) {axis = 0}
%c: float32[N,2,4,1] = Conv(%x, %wd) {kernel_shape = [1, 1]}
%r: float32[N,2,4,1] = Relu(%c)
%q: uint8[N,2,4,1] = QuantizeLinear(%r, %s, %z)
%d: float32[N,2,4,1] = DequantizeLinear(%q, %s, %z)
output "d" = %d
`;
    const grid = { scale: 0.5, zeroPoint: 3, lo: 0, hi: 255 };
    // Channels use 127 and 64 of 127.
    const weights = { bits: 8, fill: (1 + (64 / 127) ** 2) / 2 };
    expect(found(text)).toEqual([{ value: 'q', labels: ['r', 'q', 'd', 'q'], grid, weights }]);
  });

  it('are what QLinearConv computes, under the label that it had before', () => {
    const text = `graph "g"
input %x: uint8[N,1,4,1]
${SCALES}const %w: int8[1,1,1,1] = [127]
const %wz: int8[] = [0]
%y_quantized: uint8[N,1,4,1] = QLinearConv(%x, %s, %z, %w, %s, %wz, %s, %z) {kernel_shape = [1, 1]}
output "o" = %y_quantized
`;
    expect(found(text)).toMatchObject([{ labels: ['y_quantized', 'y'], weights: { bits: 8, fill: 1 } }]);
  });

  it('are none of several scales, nor constants, and each once', () => {
    const text = `graph "g"
input %x: float32[N,2]
${SCALES}const %k: float32[2] = [1, 2]
const %ss: float32[2] = [0.5, 1]
%a: uint8[N,2] = QuantizeLinear(%x, %ss) {axis = 1}
%b: uint8[2] = QuantizeLinear(%k, %s, %z)
%c: uint8[N,2] = QuantizeLinear(%x, %s, %z)
%d: uint8[N,2] = QuantizeLinear(%x, %s, %z)
output "a" = %a
output "b" = %b
output "c" = %c
output "d" = %d
`;
    expect(found(text)).toMatchObject([{ value: 'c', weights: undefined }]);
  });
});
