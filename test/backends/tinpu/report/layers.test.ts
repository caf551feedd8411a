import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { convolutionPattern, layersOf, type Layer } from '../../../../src/backends/tinpu/report/layers.js';
import type { LayerShape } from '../../../../src/backends/tinpu/placement/layer.js';

const layersIn = (text: string): Layer[] => layersOf(parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS));

const CONSTANTS = `const %none: int32[1] = [0]
  const %unit: int32[1] = [1]`;
const BNORM = '%y = q.Bnorm(%s, %none, %unit, %none) {lo = 0, hi = 255} "layer"\noutput "y" = %y';

describe('layersOf', () => {
  it('reads the sizes of a convolution behind its q.Bnorm', () => {
    const [layer, ...others] = layersIn(`input %x: int8[N,4,9,8]
      ${CONSTANTS}
      const %w: int8[8,4,3,2] = splat 1
      %s = q.Conv(%x, %w) {strides = [2, 1], pads = [0, 0, 0, 0], dilations = [1, 3], group = 1}
      ${BNORM}`);
    expect(others).toEqual([]);
    expect(layer?.shape).toEqual({
      pattern: 'GCONV',
      inputChannels: 4,
      outputChannels: 8,
      groups: 1,
      kernel: [3, 2],
      strides: [2, 1],
      dilations: [1, 3],
      weightBits: 8,
      activationBits: [8, 8],
      requantisation: { bias: [0, 0], scale: [1, 1], shift: [0, 0], clip: [0, 255] },
    });
    expect([layer?.node.op, layer?.accumulating?.op, layer?.input?.name, layer?.output.name]).toEqual([
      'Bnorm',
      'Conv',
      'x',
      'y',
    ]);
  });

  it('calls a pool of windows a depthwise convolution of 2-bit weights', () => {
    const [layer] = layersIn(`input %x: int8[N,4,9,8]
      ${CONSTANTS}
      const %w: int2[4,1,3,3] = splat 1
      %s = q.Conv(%x, %w) {strides = [3, 3], pads = [0, 0, 0, 0], dilations = [1, 1], group = 4}
      ${BNORM}`);
    expect(layer?.shape).toMatchObject({ pattern: 'DWCONV', groups: 4, kernel: [3, 3], weightBits: 2 });
  });

  it('finds the accumulator behind a layout', () => {
    const [layer, ...others] = layersIn(`input %x: int8[N,4,3,2]
      ${CONSTANTS}
      %sum = q.GlobalSum(%x)
      %s = Flatten(%sum) {axis = 1}
      ${BNORM}`);
    expect(others).toEqual([]);
    expect(layer?.shape).toMatchObject({ pattern: 'AVGPOOL', area: 6, inputChannels: 4, outputChannels: 4 });
    expect(layer?.input?.name).toBe('x');
  });

  it('lists MaxPool and float functions, and passes over layout and dequantisation', () => {
    const layers = layersIn(`input %x: uint8[N,4,8,8]
      %m = MaxPool(%x) {kernel_shape = [4, 2], strides = [2, 2], dilations = [1, 2]}
      %f = Flatten(%m) {axis = 1}
      %r = q.Dequantize(%f) {scale = 0.5}
      %y = Softmax(%r) {axis = 1}
      output "y" = %y`);
    expect(layers.map(({ node }) => node.op)).toEqual(['MaxPool', 'Softmax']);
    expect(layers[0]?.shape).toMatchObject({ pattern: 'MAXPOOL', kernel: [4, 2], strides: [2, 2], dilations: [1, 2] });
    expect(layers[1]?.shape.pattern).toBeUndefined();
  });

  it('reads features of a fully connected layer', () => {
    const [layer] = layersIn(`input %x: int8[N,5]
      ${CONSTANTS}
      const %w: int8[5,7] = splat 1
      %s = q.MatMul(%x, %w)
      ${BNORM}`);
    expect(layer?.shape).toMatchObject({ pattern: 'FC', inputChannels: 5, outputChannels: 7 });
  });
});

describe('residual and transposed layers', () => {
  const residual = (lo: number, more = ''): Layer[] =>
    layersIn(`input %x: int8[N,4,5,5]
      ${CONSTANTS}
      const %w: int8[4,4,1,1] = splat 1
      %s = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}
      %r = q.Bnorm(%s, %none, %unit, %none) {lo = ${lo}, hi = 511} "pointwise"
      %y = q.Add(%r, %x) {lo = -128, hi = 127} "sum"
      ${more}
      output "y" = %y`);

  it('makes one PWCONVRES of a pointwise convolution, its q.Bnorm of 10 bits and the q.Add', () => {
    const layers = residual(-512);
    expect(layers.map(({ node, bnorm, shape }) => [node.name, bnorm?.name, shape.pattern])).toEqual([
      ['sum', 'pointwise', 'PWCONVRES'],
    ]);
    expect(layers[0]?.shape.requantisation).toMatchObject({ clip: [-512, 511], sum: [-128, 127] });
  });

  it('keeps two rows where the q.Bnorm has another range or another reader', () => {
    expect(residual(-256).map(({ shape }) => shape.pattern)).toEqual(['PWCONV', undefined]);
    expect(residual(-512, 'output "r" = %r').map(({ shape }) => shape.pattern)).toEqual(['PWCONV', undefined]);
  });

  it('reads a transposed convolution', () => {
    const [layer] = layersIn(`input %x: int8[N,4,5,5]
      ${CONSTANTS}
      const %w: int4[4,8,2,2] = splat 1
      %s = q.ConvTranspose(%x, %w) {strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1, output_padding = [0, 0]}
      ${BNORM}`);
    expect(layer?.shape).toMatchObject({ pattern: 'TCONV', outputChannels: 8, kernel: [2, 2], weightBits: 4 });
  });

  it('numbers islands of float operators', () => {
    const layers = layersIn(`input %x: int8[N,5]
      const %zero: float32[] = [0]
      const %shift: int32[] = [0]
      %a = q.Dequantize(%x) {scale = 0.5}
      %s = Softmax(%a) {axis = 1}
      %b = q.Dequantize(%x) {scale = 0.5}
      %t = Sigmoid(%b)
      %m = Mul(%b, %t)
      %q = q.InputNorm(%m, %zero, %zero, %shift) {lo = -128, hi = 127}
      output "s" = %s
      output "q" = %q`);
    expect(layers.map(({ node, island }) => [node.op, island?.number])).toEqual([
      ['Softmax', 1],
      ['Sigmoid', 2],
      ['Mul', 2],
      ['InputNorm', undefined],
    ]);
    expect(layers.map(({ island }) => island && [island.dequantised.size, island.quantised.size])).toEqual([
      [1, 0],
      [1, 1],
      [1, 1],
      undefined,
    ]);
  });
});

describe('the range of integers', () => {
  it.each([
    ['{lo = -8, hi = 7}', 4],
    ['{lo = 0, hi = 3}', 2],
    ['{lo = 0, hi = 127}', 8],
    ['{lo = -256, hi = 255}', 9],
  ])('%s has its own width', (clip, bits) => {
    const [layer] = layersIn(`input %x: int8[N,5]
      ${CONSTANTS}
      const %w: int4[5,7] = splat 1
      %s = q.MatMul(%x, %w)
      %y = q.Bnorm(%s, %none, %unit, %none) ${clip}
      output "y" = %y`);
    expect(layer?.shape).toMatchObject({ activationBits: [8, bits], weightBits: 4 });
  });
});

describe('convolutionPattern', () => {
  const shape = (
    inputChannels: number,
    outputChannels: number,
    groups: number,
    kernel: readonly [number, number],
  ): LayerShape => ({
    pattern: undefined,
    inputChannels,
    outputChannels,
    groups,
    kernel,
    strides: [1, 1],
    dilations: [1, 1],
    weightBits: 8,
  });
  it.each([
    ['FCONV', shape(1, 8, 1, [3, 3])],
    ['GCONV', shape(4, 8, 1, [3, 1])],
    ['PWCONV', shape(4, 8, 1, [1, 1])],
    ['PWCONV', shape(1, 8, 1, [1, 1])],
    ['DWCONV', shape(4, 4, 4, [3, 3])],
    ['DWCONV', shape(4, 4, 4, [1, 1])],
    [undefined, shape(4, 8, 2, [3, 3])],
    [undefined, shape(4, 8, 4, [3, 3])],
  ])('is %s', (pattern, of) => {
    expect(convolutionPattern(of)).toBe(pattern);
  });
});
