import { describe, expect, it } from 'vitest';
import { place } from '../../../../src/backends/tinpu/placement/place.js';
import type { LayerShape, Requantisation } from '../../../../src/backends/tinpu/placement/layer.js';
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

const LEGAL: Requantisation = { bias: [-8388608, 8388607], scale: [1, 1], shift: [0, 31], clip: [0, 255] };

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
  ['stride (1, 2)', { ...conv, strides: [1, 2] }, 'strict', 'cpu', 'stride (1, 2), nearest accepted (1, 1) or (2, 2)'],
  [
    'two faults',
    { ...conv, inputChannels: 6, dilations: [2, 1] },
    'strict',
    'cpu',
    '6 input channels, a multiple of 4 is needed (4 or 8); dilation (2, 1), nearest accepted (1, 1)',
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
    'stride (2, 2), nearest accepted (1, 1)',
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
    'kernel 5x1, both sides at most 4 (4x1)',
  ],
  [
    'a tall MAXPOOL',
    { ...conv, pattern: 'MAXPOOL', kernel: [5, 1] },
    'relaxed',
    'npu',
    'meets the relaxed rules of MAXPOOL',
  ],
  [
    'an AVGPOOL of three elements',
    { ...conv, pattern: 'AVGPOOL', area: 3 },
    'strict',
    'npu',
    'meets the strict rules of AVGPOOL',
  ],
  ['a tiny AVGPOOL', { ...conv, pattern: 'AVGPOOL', area: 2 }, 'strict', 'cpu', '2 elements averaged, at least 3'],
  [
    'a grouped convolution',
    { ...conv, pattern: undefined, groups: 2 },
    'strict',
    'cpu',
    '2 groups of 8 to 16 channels, accepted: 1 group, or depthwise (as many groups as input and output channels)',
  ],
  ['a stride of 3', { ...conv, strides: [3, 1] }, 'strict', 'cpu', 'stride (3, 1), nearest accepted (2, 1)'],
  [
    'a MAXPOOL that is large both ways',
    { ...conv, pattern: 'MAXPOOL', kernel: [6, 5] },
    'relaxed',
    'cpu',
    'kernel 6x5, one side at most 4 (6x4)',
  ],
  [
    'a PWCONVRES',
    { ...conv, pattern: 'PWCONVRES', kernel: [1, 1], strides: [1, 1] },
    'strict',
    'npu',
    'meets the strict rules of PWCONVRES',
  ],
  [
    'a PWCONVRES of odd channels',
    { ...conv, pattern: 'PWCONVRES', kernel: [1, 1], strides: [1, 1], outputChannels: 3 },
    'strict',
    'cpu',
    '3 output channels, a multiple of 4 is needed (4)',
  ],
  [
    'a TCONV',
    { ...conv, pattern: 'TCONV', kernel: [9, 9], strides: [3, 3] },
    'strict',
    'npu',
    'meets the strict rules of TCONV',
  ],
  [
    'a TCONV of odd channels',
    { ...conv, pattern: 'TCONV', inputChannels: 6 },
    'strict',
    'cpu',
    '6 input channels, a multiple of 4 is needed (4 or 8)',
  ],
  [
    'a TCONV of odd channels',
    { ...conv, pattern: 'TCONV', inputChannels: 6 },
    'relaxed',
    'npu',
    'meets the relaxed rules of TCONV',
  ],
  ['a TCONV in groups', { ...conv, pattern: 'TCONV', groups: 2 }, 'relaxed', 'cpu', '2 groups, 1 is accepted'],
  [
    'an FC of several rows',
    { ...conv, pattern: 'FC', inputChannels: 16, rows: 5 },
    'strict',
    'cpu',
    '5 rows a sample, the FC pattern takes 1',
  ],
  [
    'an unknown number of channels',
    { ...conv, pattern: 'MAXPOOL', kernel: [2, 2], inputChannels: 0 },
    'strict',
    'cpu',
    'an unknown number of input channels, a multiple of 4 is needed',
  ],
  [
    'activations of 4 bits',
    { ...conv, activationBits: [8, 4] },
    'strict',
    'cpu',
    'activations of 4 bits, 8 are needed',
  ],
  ['legal constants', { ...conv, requantisation: LEGAL }, 'strict', 'npu', 'meets the strict rules of GCONV'],
  [
    'a bias of 25 bits',
    { ...conv, requantisation: { ...LEGAL, bias: [-8388609, 0] } },
    'strict',
    'cpu',
    'bias -8388609, at least -8388608 with 8-bit weights',
  ],
  [
    'a bias of 17 bits beside narrow weights',
    { ...conv, weightBits: 4, requantisation: { ...LEGAL, bias: [0, 40000] } },
    'relaxed',
    'cpu',
    'bias 40000, at most 32767 with 4-bit weights',
  ],
  [
    'a scale beside 8-bit weights',
    { ...conv, requantisation: { ...LEGAL, scale: [1, 3] } },
    'strict',
    'cpu',
    'scale 3, at most 1 with 8-bit weights',
  ],
  [
    'a scale beside 2-bit weights',
    { ...conv, weightBits: 2, requantisation: { ...LEGAL, bias: [-32768, 32767], scale: [0, 255] } },
    'strict',
    'npu',
    'meets the strict rules of GCONV',
  ],
  [
    'a shift of 6 bits',
    { ...conv, requantisation: { ...LEGAL, shift: [3, 33] } },
    'strict',
    'cpu',
    'shift 33, at most 31',
  ],
  [
    'a range of 9 bits',
    { ...conv, requantisation: { ...LEGAL, clip: [-256, 255] } },
    'strict',
    'cpu',
    'clip to -256 … 255, nearest accepted -128 … 127',
  ],
  [
    'a residual form, whose sum is clipped',
    {
      ...conv,
      pattern: 'PWCONVRES',
      kernel: [1, 1],
      strides: [1, 1],
      requantisation: { ...LEGAL, clip: [-512, 511], sum: [0, 255] },
    },
    'strict',
    'npu',
    'meets the strict rules of PWCONVRES',
  ],
  [
    'a residual form with other bounds',
    {
      ...conv,
      pattern: 'PWCONVRES',
      kernel: [1, 1],
      strides: [1, 1],
      requantisation: { ...LEGAL, clip: [-128, 127], sum: [0, 127] },
    },
    'strict',
    'cpu',
    'clip to -128 … 127, nearest accepted -512 … 511; clip to 0 … 127, nearest accepted 0 … 15',
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
  });

  it.each<[string, LayerShape, string]>([
    ['GCONV', conv, 'no NPU; CDE instructions'],
    [
      'GCONV of 6 channels',
      { ...conv, inputChannels: 6 },
      'no NPU; 6 input channels, CDE instructions take multiples of 4',
    ],
    ['TCONV', { ...conv, pattern: 'TCONV' }, 'no NPU; CDE instructions'],
    ['PWCONVRES', { ...conv, pattern: 'PWCONVRES' }, 'no NPU; CDE instructions'],
    ['FCONV', { ...conv, pattern: 'FCONV' }, 'no NPU'],
    ['MAXPOOL', { ...conv, pattern: 'MAXPOOL' }, 'no NPU'],
    ['4-bit weights', { ...conv, weightBits: 4 }, 'no NPU; weights of 4 bits, CDE instructions take 8'],
    [
      '4-bit activations',
      { ...conv, activationBits: [4, 8] },
      'no NPU; activations of 4 bits, CDE instructions take 8',
    ],
  ])('says what CDE instructions do with %s', (_, layer, reason) => {
    expect(place(layer, findTarget('cc2755')!, 'strict', '')).toEqual({ unit: 'cpu', reason });
  });

  it('passes on why a layer without a pattern is on the CPU', () => {
    expect(place({ ...conv, pattern: undefined }, NPU, 'strict', 'Exp runs on the CPU').reason).toBe(
      'Exp runs on the CPU',
    );
  });
});
