import { describe, expect, it } from 'vitest';
import { place } from '../../../../src/backends/tinpu/placement/place.js';
import type { LayerShape } from '../../../../src/backends/tinpu/placement/layer.js';
import { findTarget } from '../../../../src/backends/targets.js';

const NPU = findTarget('F28P550SJ')!;
const conv: LayerShape = {
  pattern: 'GCONV',
  inputChannels: 8,
  outputChannels: 16,
  groups: 1,
  kernel: [5, 1],
  strides: [2, 1],
  dilations: [1, 1],
  weightBits: 8,
};

const CASES: readonly (readonly [string, LayerShape, 'strict' | 'relaxed', 'npu' | 'cpu', string])[] = [
  ['a fitting GCONV', conv, 'strict', 'npu', 'meets the strict rules of GCONV'],
  ['three channels', { ...conv, inputChannels: 3 }, 'strict', 'cpu', '3 input channels, a multiple of 4 is needed (4)'],
  [
    'ten channels',
    { ...conv, outputChannels: 10 },
    'strict',
    'cpu',
    '10 output channels, a multiple of 4 is needed (8 or 12)',
  ],
  ['a long kernel', { ...conv, kernel: [9, 1] }, 'strict', 'cpu', 'kernel height 9, at most 7'],
  ['a long one-dimensional kernel', { ...conv, kernel: [9, 1] }, 'relaxed', 'npu', 'meets the relaxed rules of GCONV'],
  ['stride (1, 2)', { ...conv, strides: [1, 2] }, 'strict', 'cpu', 'stride (1, 2), accepted: (1, 1), (2, 1), (2, 2)'],
  [
    'two faults',
    { ...conv, inputChannels: 6, dilations: [2, 1] },
    'strict',
    'cpu',
    '6 input channels, a multiple of 4 is needed (4 or 8); dilation (2, 1), accepted: (1, 1)',
  ],
  [
    'a wide FCONV',
    { ...conv, pattern: 'FCONV', inputChannels: 1, kernel: [3, 9] },
    'strict',
    'cpu',
    'kernel width 9, at most 8',
  ],
  [
    'a wide DWCONV',
    { ...conv, pattern: 'DWCONV', outputChannels: 8, groups: 8, kernel: [3, 8] },
    'strict',
    'cpu',
    'kernel width 8, at most 7',
  ],
  [
    'a strided PWCONV',
    { ...conv, pattern: 'PWCONV', kernel: [1, 1], strides: [2, 2] },
    'strict',
    'cpu',
    'stride (2, 2), accepted: (1, 1)',
  ],
  [
    'a small FC',
    { ...conv, pattern: 'FC', inputChannels: 12 },
    'strict',
    'cpu',
    '12 input features, at least 16 with 8-bit weights',
  ],
  [
    'a small 4-bit FC',
    { ...conv, pattern: 'FC', inputChannels: 12, weightBits: 4 },
    'strict',
    'npu',
    'meets the strict rules of FC',
  ],
  [
    'a tall MAXPOOL',
    { ...conv, pattern: 'MAXPOOL', kernel: [5, 1] },
    'strict',
    'cpu',
    'kernel 5x1, both sides at most 4',
  ],
  [
    'a tall MAXPOOL',
    { ...conv, pattern: 'MAXPOOL', kernel: [5, 1] },
    'relaxed',
    'npu',
    'meets the relaxed rules of MAXPOOL',
  ],
  ['a tiny AVGPOOL', { ...conv, pattern: 'AVGPOOL', area: 2 }, 'strict', 'cpu', '2 elements averaged, at least 3'],
  [
    'a grouped convolution',
    { ...conv, pattern: undefined, groups: 2 },
    'strict',
    'cpu',
    '2 groups of 8 to 16 channels, only 1 or depthwise',
  ],
];

describe('place', () => {
  for (const [name, layer, rules, unit, reason] of CASES) {
    it(`puts ${name} on the ${unit} (${rules})`, () => {
      expect(place(layer, NPU, rules, 'Conv')).toEqual({ unit, reason });
    });
  }

  it('has no NPU to offer on other devices', () => {
    expect(place(conv, findTarget('f28p65')!, 'strict', 'Conv')).toEqual({ unit: 'cpu', reason: 'f28p65 has no NPU' });
    expect(place(conv, findTarget('cc2755')!, 'strict', 'Conv').reason).toBe('no NPU; CDE instructions');
  });
});
