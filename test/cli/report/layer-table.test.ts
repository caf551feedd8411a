import { describe, expect, it } from 'vitest';
import type { LayerSummary } from '../../../src/backends/summary.js';
import { layerTable } from '../../../src/cli/report/layer-table.js';
import { PLAIN, streamStyle } from '../../../src/cli/text/style.js';
import { widthOf } from '../../../src/cli/text/width.js';

const layer = (name: string, more: Partial<LayerSummary> = {}): LayerSummary => ({
  name,
  source: [],
  op: 'Conv',
  pattern: 'GCONV',
  placement: 'npu',
  reason: 'meets the strict rules of GCONV',
  outputShape: ['N', 16, 64, 1],
  macs: 98_304,
  operations: 98_304,
  island: null,
  weightBits: 8,
  weightCount: 1536,
  bytes: { weights: 1536, bias: 48, scale: 16, shift: 16 },
  weightScale: [],
  inputScale: 0.5,
  inputZeroPoint: 0,
  outputScale: 0.25,
  outputZeroPoint: 0,
  shift: [7, 6, 8],
  accumulator: null,
  bound: null,
  exactInFloat32: true,
  sqnrDb: 41.27,
  ...more,
});

const NOTHING = {
  weightCount: 0,
  macs: 0,
  weightBits: null,
  bytes: { weights: 0, bias: 0, scale: 0, shift: 0 },
} as const;

const LAYERS: readonly LayerSummary[] = [
  layer('input', {
    ...NOTHING,
    op: 'quantise',
    pattern: null,
    placement: 'cpu',
    reason: 'quantise runs on the CPU',
    shift: [4],
  }),
  layer('/features/stage1/block2/conv_bn_relu/convolution/Conv', {
    placement: 'cpu',
    reason:
      '3 input channels, a multiple of 4 is needed (4); kernel height 9, at most 7; stride (3, 1), accepted: (1, 1), (2, 1), (2, 2)',
    sqnrDb: 12.5,
  }),
  layer('/features/stage1/pool/MaxPool', { ...NOTHING, op: 'MaxPool', pattern: 'MAXPOOL', shift: [], sqnrDb: null }),
  layer('/分類器/fc', {
    op: 'Gemm',
    pattern: 'FC',
    outputShape: ['N', 1000],
    macs: 1_024_000,
    weightCount: 1_024_000,
    shift: [10],
  }),
  layer('/softmax', {
    ...NOTHING,
    op: 'Softmax',
    pattern: null,
    placement: 'cpu',
    reason: 'Softmax runs on the CPU',
    shift: [],
    outputShape: ['N', 1000],
  }),
];

const at = (columns: number): string[] => layerTable(LAYERS, { columns, style: PLAIN });

describe('the layer table', () => {
  it('fits 120 columns', () => {
    expect(at(120)).toEqual([
      '#  layer                                                  pattern   on   output   weights   MACs  shift  bytes    dB',
      '0  input                                                  quantise  CPU  16x64x1        –      –      4      –  41.3',
      '1  /features/stage1/block2/conv_bn_relu/convolution/Conv  GCONV     CPU  16x64x1     1536  98304    6–8   1616  12.5',
      '      3 input channels, a multiple of 4 is needed (4)',
      '      kernel height 9, at most 7',
      '      stride (3, 1), accepted: (1, 1), (2, 1), (2, 2)',
      '2  /features/stage1/pool/MaxPool                          MAXPOOL   NPU  16x64x1        –      –      –      –     –',
      '3  /分類器/fc                                             FC        NPU  1000        1.0M   1.0M     10   1616  41.3',
      '4  /softmax                                               Softmax   CPU  1000           –      –      –      –  41.3',
    ]);
  });

  it('fits 80 columns: names give way', () => {
    expect(at(80)).toEqual([
      '#  layer              pattern   on   output   weights   MACs  shift  bytes    dB',
      '0  input              quantise  CPU  16x64x1        –      –      4      –  41.3',
      '1  …convolution/Conv  GCONV     CPU  16x64x1     1536  98304    6–8   1616  12.5',
      '      3 input channels, a multiple of 4 is needed (4)',
      '      kernel height 9, at most 7',
      '      stride (3, 1), accepted: (1, 1), (2, 1), (2, 2)',
      '2  …/pool/MaxPool     MAXPOOL   NPU  16x64x1        –      –      –      –     –',
      '3  /分類器/fc         FC        NPU  1000        1.0M   1.0M     10   1616  41.3',
      '4  /softmax           Softmax   CPU  1000           –      –      –      –  41.3',
    ]);
  });

  it('leaves columns out where even that does not help', () => {
    expect(at(60)[0]).toBe('#  layer                pattern   on   output   shift  bytes');
  });

  it.each([60, 80, 100, 120, 200])('is never wider than %d columns', (columns) => {
    for (const line of at(columns)) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
  });

  it('leaves out columns that say nothing', () => {
    const [heading] = layerTable([layer('a', { ...NOTHING, shift: [], sqnrDb: null })], { columns: 100, style: PLAIN });
    expect(heading).toBe('#  layer  pattern  on   output');
  });

  it('marks the CPU and poor layers on a terminal', () => {
    const stream = { isTTY: true, columns: 120, write: () => undefined };
    const lines = layerTable(LAYERS, { columns: 120, style: streamStyle(stream, {}, true) });
    expect(lines[2]).toContain('\u001b[33mCPU\u001b[39m');
    expect(lines[2]).toContain('\u001b[33m12.5\u001b[39m');
    expect(lines[6]).toContain('\u001b[32mNPU\u001b[39m');
    // Colours change nothing else.
    // eslint-disable-next-line no-control-regex -- the codes of colours
    expect(lines.map((line) => line.replace(/\u001b\[\d+m/g, ''))).toEqual(at(120));
  });
});
