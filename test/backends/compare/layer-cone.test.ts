import { describe, expect, it } from 'vitest';
import { layerCones } from '../../../src/backends/compare/layer-cone.js';
import { pairTensors } from '../../../src/backends/compare/pair-tensors.js';
import type { QuantisedTensor, WeightFacts } from '../../../src/backends/compare/quantised-tensor.js';
import { valuesOf } from '../../../src/ir/graph.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { modelOf } from '../../support/cli.js';

const { graph } = importModel(
  modelOf(`graph "g"
input %x: float32[N,1,4,1]
const %w: float32[2,1,1,1] = [1, 2]
const %v: float32[8,3] = random 1
%m: float32[N,1,4,1] = MaxPool(%x) {kernel_shape = [1, 1]} "/pool"
%c: float32[N,2,4,1] = Conv(%m, %w) {kernel_shape = [1, 1]} "/conv"
%r: float32[N,2,4,1] = Relu(%c) "/relu"
%f: float32[N,8] = Flatten(%r) {axis = 1} "/flatten"
%y: float32[N,3] = MatMul(%f, %v) "/fc"
output "y" = %y
`),
);

/** Quantised tensors that stand for the tensors of these labels. */
const tensors = (
  grid: { lo: number; hi: number },
  weights: WeightFacts | undefined,
  ...labels: string[]
): QuantisedTensor[] =>
  [...valuesOf(graph)].flatMap((value) =>
    labels.includes(value.name)
      ? [{ value, labels: [value.name], grid: { ...grid, zeroPoint: 0, scale: 1 }, weights }]
      : [],
  );
const SIGNED = { lo: -128, hi: 127 };
const cones = (found: readonly QuantisedTensor[]): unknown[] => {
  const pairing = pairTensors([graph], found);
  return layerCones(pairing.graph, pairing.pairs).map(({ name, source, frontier }) => ({
    name,
    source,
    reads: frontier.map((value) => value.name),
  }));
};

describe('the layers between paired tensors', () => {
  it('are the nodes from one to the next; what only moves elements is none', () => {
    expect(cones(tensors(SIGNED, undefined, 'x', 'r', 'f', 'y'))).toEqual([
      { name: 'x', source: [], reads: [] },
      { name: '/pool', source: ['/pool', '/conv', '/relu'], reads: ['x'] },
      { name: '/fc', source: ['/fc'], reads: ['f'] },
    ]);
  });

  it('are called after what has the weights', () => {
    expect(cones(tensors(SIGNED, { bits: 8, fill: 1 }, 'r'))).toMatchObject([{ name: '/conv', reads: ['x'] }]);
  });

  it('end behind a Relu that the integers stand for by beginning at 0', () => {
    const unsigned = { lo: 0, hi: 255 };
    expect(cones(tensors(unsigned, undefined, 'c'))).toMatchObject([{ source: ['/pool', '/conv', '/relu'] }]);
    expect(cones(tensors(SIGNED, undefined, 'c'))).toMatchObject([{ source: ['/pool', '/conv'] }]);
  });
});
