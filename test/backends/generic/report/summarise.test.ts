import { describe, expect, it } from 'vitest';
import type { Grid } from '../../../../src/backends/generic/grids/grid.js';
import { planGrids } from '../../../../src/backends/generic/grids/observe.js';
import { quantiseGraph } from '../../../../src/backends/generic/quantise-graph.js';
import {
  summariseActivations,
  summariseLayers,
  summariseTensor,
} from '../../../../src/backends/generic/report/summarise.js';
import { splitGraph } from '../../../../src/backends/generic/split/points.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const FLOAT = parseGraph(
  `graph "g"
  input %x: float32[N,2,3,3]
  const %w: float32[4,2,1,1] = [7, 1, 3.5, 0.5, 14, 2, -7, 3]
  const %zero: float32[] = [0]
  const %one: float32[] = [1]
  %a = Conv(%x, %w) "conv" @[0 "conv" "Conv"]
  %r = Clip(%a, %zero, %one) "relu" @[1 "relu" "Clip"]
  %f = Flatten(%r) {axis = 1} "flat"
  %y = Softmax(%f) {axis = 1} "soft" @[3 "soft" "Softmax"]
  output "y" = %y`,
  OPERATORS,
);
const SPLIT = splitGraph(FLOAT, { weightBits: 4 });
const X: Grid = { scale: 0.5, zeroPoint: 3, bits: 8 };
const R: Grid = { scale: Math.fround(1 / 255), zeroPoint: 0, bits: 8 };
const QUANTISED = quantiseGraph(FLOAT, SPLIT, {
  gridOf: ({ points }) => (points.some(({ kind }) => kind === 'input') ? X : R),
  output: 'float',
});
const AGREEMENTS = new Map([
  ['r', { sqnrDb: 31.5, saturatedFraction: 0.25 }],
  ['y', { sqnrDb: Infinity, saturatedFraction: 0 }],
]);

describe('summariseLayers', () => {
  const rows = summariseLayers(QUANTISED, AGREEMENTS);
  const [conv, soft] = rows;

  it('lists what computes, in order', () => {
    expect(rows.map(({ name, op, placement }) => [name, op, placement])).toEqual([
      ['conv', 'Conv', 'cpu'],
      ['soft', 'Softmax', 'cpu'],
    ]);
  });

  it('describes a layer between its grids', () => {
    expect(conv).toMatchObject({
      reason: 'Conv runs on the CPU',
      island: null,
      outputShape: ['N', 4, 3, 3],
      // 4·3·3 results of 2 taps.
      macs: 72,
      weightBits: 4,
      weightCount: 8,
      // Four bits each; biases and scales have four bytes for each of 4 channels.
      bytes: { weights: 4, bias: 16, scale: 16, shift: 0 },
      weightScale: [1, 0.5, 2, 1],
      inputScale: 0.5,
      inputZeroPoint: 3,
      // Of the integers behind the Clip, which saturation stands for.
      outputScale: R.scale,
      outputZeroPoint: 0,
      sqnrDb: 31.5,
    });
  });

  it('describes a float operator', () => {
    expect(soft).toMatchObject({
      reason: 'float operator, runs on the CPU behind a dequantise',
      island: 1,
      weightBits: null,
      weightScale: [],
      inputScale: R.scale,
      outputScale: null,
      outputZeroPoint: null,
      sqnrDb: null,
    });
  });
});

describe('summariseTensor', () => {
  it('states the integers that an input becomes', () => {
    const [x] = FLOAT.inputs;
    const summary = { name: 'input', shape: ['N', 2, 3, 3], ...X, signed: false };
    expect(x && summariseTensor('input', x, QUANTISED)).toEqual(summary);
  });

  it('states 32 bits of scale 1 for what stays float', () => {
    const [y] = QUANTISED.graph.outputs;
    const summary = { name: 'y', shape: ['N', 36], scale: 1, zeroPoint: 0, bits: 32, signed: true };
    expect(y && summariseTensor('y', y.value, QUANTISED)).toEqual(summary);
  });
});

describe('summariseActivations', () => {
  it('states range, grid and saturation of every point, without what moves it', () => {
    const plan = { ...planGrids(SPLIT), rangeOf: () => ({ min: -1, max: 2 }) };
    expect(summariseActivations(QUANTISED, SPLIT, plan, AGREEMENTS)).toEqual([
      { name: 'x', min: -1, max: 2, ...X, signed: false, saturatedFraction: null },
      { name: 'r', min: -1, max: 2, ...R, signed: false, saturatedFraction: 0.25 },
    ]);
  });
});
