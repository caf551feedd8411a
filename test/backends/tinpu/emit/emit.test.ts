import { describe, expect, it } from 'vitest';
import { constantsOf, valuesOf, type Graph } from '../../../../src/ir/graph.js';
import { exportModel } from '../../../../src/ir/onnx/export.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { emitCarrier, TINPU_OPSET } from '../../../../src/backends/tinpu/emit/emit.js';
import { liftCarrier } from '../../../../src/backends/tinpu/lift/lift.js';
import { FLOAT_KERNELS } from '../../../../src/runtime/float/index.js';
import { randomFeeds, runGraph } from '../../../support/random-runs.js';

const GRAPH = parseGraph(
  `graph "g"
  input %x: float32[N,2,4,4]
  const %fb: float32[1,2,1,1] = [0.125, -0.25]
  const %fm: float32[1,2,1,1] = [100, -90]
  const %fs: int32[1,2,1,1] = [3, 4]
  const %w: int8[3,2,2,2] = [1, 2, 3, 4, 5, 6, 7, 8, -9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, -24]
  const %b: int32[3] = [100, -200, 300]
  const %one: int32[1] = [1]
  const %n: int32[3] = [5, 6, 7]
  const %v: int8[3,2] = [1, -2, 3, -4, 5, 6]
  const %b2: int32[2] = [7, -7]
  const %n2: int32[1] = [2]
  const %zero: int32[1] = [0]
  %q = q.InputNorm(%x, %fb, %fm, %fs) {lo = -128, hi = 127} "x"
  %a = q.Conv(%q, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv" @[0 "conv" "Conv"]
  %c = q.Bnorm(%a, %b, %one, %n) {lo = 0, hi = 255} "conv" @[0 "conv" "Conv"]
  %m = MaxPool(%c) {kernel_shape = [2, 2]} "max"
  %s = q.GlobalSum(%m) "gap"
  %g = q.Bnorm(%s, %zero, %one, %n2) {lo = 0, hi = 255} "gap"
  %f = Flatten(%g) {axis = 1} "flat"
  %p = q.MatMul(%f, %v) "fc"
  %y = q.Bnorm(%p, %b2, %one, %n2) {lo = -128, hi = 127} "fc"
  %r = q.Dequantize(%y) {scale = 0.25} "fc"
  output "integers" = %y
  output "real" = %r`,
  TINPU_OPERATORS,
);

describe('emitCarrier', () => {
  const carrier = emitCarrier(GRAPH);

  it('is a valid graph of ai.onnx operators whose names are all different', () => {
    expect(verifyGraph(carrier, OPERATORS)).toEqual([]);
    const names = carrier.nodes.map(({ name }) => name);
    expect(names.filter((name, i) => name === '' || names.indexOf(name) !== i)).toEqual([]);
    const labels = [...valuesOf(carrier)].map(({ name }) => name);
    expect(labels.filter((label, i) => labels.indexOf(label) !== i)).toEqual([]);
  });

  it('spells a requantisation as the five operators that TI knows', () => {
    const ops = carrier.nodes.map(({ op }) => op);
    const five = ['Add', 'Mul', 'Mul', 'Floor', 'Clip'];
    expect(ops).toEqual([
      ...five,
      'Conv',
      ...five,
      'MaxPool',
      'ReduceSum',
      ...five,
      'Flatten',
      'MatMul',
      ...five,
      'Mul',
    ]);
  });

  it('gives the constants of a channel the axes of the tensor they apply to', () => {
    const operand = (name: string): readonly number[] | undefined =>
      carrier.nodes.find((node) => node.name === name)?.inputs[1]?.constant?.dims;
    expect(['conv/Add', 'conv/Mul', 'conv/Shift'].map(operand)).toEqual([
      [1, 3, 1, 1],
      [1, 1, 1, 1],
      [1, 3, 1, 1],
    ]);
    expect(['gap/Add', 'fc/Add'].map(operand)).toEqual([
      [1, 1, 1, 1],
      [1, 2],
    ]);
    expect(operand('q/quantize/Add')).toEqual([1, 2, 1, 1]);
  });

  it('holds integers in float32 alone, but for operands such as axes', () => {
    expect(new Set(constantsOf(carrier).map(({ type }) => type.dtype))).toEqual(new Set(['float32', 'int64']));
    expect(carrier.outputs.map(({ name, value }) => [name, value.type.dtype])).toEqual([
      ['integers', 'float32'],
      ['real', 'float32'],
    ]);
  });

  it('holds each bound of a clip, and each operand that is as it was, once', () => {
    const scalars = constantsOf(carrier).filter(({ type }) => type.shape.length === 0);
    const numbers = scalars.map(({ constant }) => constant.toNumbers()[0]);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toEqual(expect.arrayContaining([-128, 0, 127, 255]));
    const moved = parseGraph(
      `graph "g"
      input %x: int8[N,2]<1 s8>
      const %axes: int64[1] = [2]
      %a = Unsqueeze(%x, %axes)
      %r = q.Clip(%x) {lo = 0, hi = 127}
      %b = Unsqueeze(%r, %axes)
      output "a" = %a
      output "b" = %b`,
      TINPU_OPERATORS,
    );
    const operands = emitCarrier(moved).nodes.filter(({ op }) => op === 'Unsqueeze');
    const [first, second] = operands.map(({ inputs }) => inputs[1]);
    expect(first?.constant?.toNumbers()).toEqual([2]);
    expect(second).toBe(first);
  });

  it('keeps every tensor under its label', () => {
    const labels = new Set([...valuesOf(carrier)].map(({ name }) => name));
    const own = GRAPH.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name));
    expect(own.filter((name) => !labels.has(name))).toEqual([]);
  });

  it('computes the integers in float', () => {
    for (const seed of [0, 1, 2]) {
      const feeds = randomFeeds(GRAPH, seed);
      const wanted = runGraph(GRAPH, TINPU_KERNELS, feeds);
      const found = runGraph(carrier, FLOAT_KERNELS, feeds);
      for (const name of ['integers', 'real']) {
        expect(found.get(name)?.toNumbers(), name).toEqual(wanted.get(name)?.toNumbers());
      }
      expect(new Set(wanted.get('integers')?.toNumbers()).size).toBeGreaterThan(1);
    }
  });

  it('is read back from a file of opset 17', () => {
    expect(TINPU_OPSET).toBe(17);
    const { graph, metadata } = importModel(exportModel(carrier, { opset: TINPU_OPSET }));
    expect(graph.outputs.map(({ name }) => name)).toEqual(['integers', 'real']);
    expect(metadata.opset).toBe(17);
    expect(metadata.irVersion).toBe(8);
    expect(metadata.producer).toBe('quantc');
  });

  it('delivers a constant output', () => {
    const graph = parseGraph(
      'graph "g"\ninput %x: float32[N]\nconst %c: float32[2] = [1, 2]\noutput "c" = %c\noutput "x" = %x',
      TINPU_OPERATORS,
    );
    expect(emitCarrier(graph).outputs.map(({ value }) => value.constant?.toNumbers())).toEqual([[1, 2], undefined]);
  });
});

describe('emitCarrier of sums and clips', () => {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,2,3]
    const %half: float32[] = [0.5]
    const %many: float32[1,2,1] = [40, -90]
    const %none: int32[1] = [0]
    const %c: int16[2,1] = [-300, 7]
    %q = q.InputNorm(%x, %half, %many, %none) {lo = -128, hi = 127} "x"
    %u = q.Clip(%q) {lo = 0, hi = 127} "relu"
    %s = q.Add(%q, %u) {lo = 0, hi = 255} "add"
    %t = q.Clip(%s) {lo = 3, hi = 100} "narrow"
    %y = q.Add(%t, %c) {lo = -128, hi = 127} "offset"
    output "s" = %s
    output "y" = %y`,
    TINPU_OPERATORS,
  );
  const carrier = emitCarrier(graph);

  it('clips what it adds, and keeps a clip apart from the one before it', () => {
    expect(carrier.nodes.map(({ op }) => op)).toEqual([
      ...['Add', 'Mul', 'Mul', 'Floor', 'Clip'],
      'Clip',
      ...['Add', 'Clip'],
      ...['Identity', 'Clip'],
      ...['Add', 'Clip'],
    ]);
  });

  it('is lifted to an equal graph', () => {
    const { graph: read } = importModel(exportModel(carrier, { opset: TINPU_OPSET }));
    const lifted = liftCarrier(read);
    const integers = (of: Graph): string[] =>
      of.nodes
        .filter(({ op }) => op !== 'Cast')
        .map(
          ({ domain, op, attrs, outputs: [result] }) =>
            `${result?.name}: ${result?.type.dtype} ${domain}.${op} ${JSON.stringify([...attrs])}`,
        );
    expect(integers(lifted)).toEqual(integers(graph));
  });

  it('computes the integers in float', () => {
    const feeds = randomFeeds(graph, 1);
    const wanted = runGraph(graph, TINPU_KERNELS, feeds);
    const found = runGraph(carrier, FLOAT_KERNELS, feeds);
    for (const name of ['s', 'y']) expect(found.get(name)?.toNumbers()).toEqual(wanted.get(name)?.toNumbers());
  });

  it('gives no label of the quantised graph to another tensor', () => {
    const crossed = parseGraph(
      `graph "g"
      input %a: float32[2]
      const %"s/sum": float32[] = [0]
      const %one: float32[] = [1]
      const %none: int32[] = [0]
      %q = q.InputNorm(%a, %"s/sum", %one, %none) {lo = -128, hi = 127}
      %s = q.Add(%q, %q) {lo = -128, hi = 127}
      %scalar_0 = q.Clip(%s) {lo = 0, hi = 127}
      %"q/Add" = q.Add(%scalar_0, %q) {lo = 0, hi = 127}
      output "y" = %"q/Add"`,
      TINPU_OPERATORS,
    );
    const emitted = emitCarrier(crossed);
    expect(verifyGraph(emitted, OPERATORS)).toEqual([]);
    const producers = new Map(emitted.nodes.flatMap(({ op, outputs }) => outputs.map(({ name }) => [name, op])));
    expect(['q', 's', 'scalar_0', 'q/Add'].map((name) => producers.get(name))).toEqual([
      'Clip',
      'Clip',
      'Clip',
      'Clip',
    ]);
  });
});
