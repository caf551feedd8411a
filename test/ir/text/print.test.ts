import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attributes, type Attribute } from '../../../src/ir/attributes.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import type { Graph, Quantisation, Value } from '../../../src/ir/graph.js';
import { operatorTable } from '../../../src/ir/ops/table.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { printGraph, printType } from '../../../src/ir/text/print.js';
import { anyDType, dimsOf, distinct } from '../../support/naive-tensor.js';

const NONE = operatorTable();

/** Labels and names that need quotes, look like words of the text form, or are plain. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('x', 'a.b_1', '/conv/Conv', 'const', '_', '1', 'a b', '"', '\\', '\n', '%', 'é'),
);
const int = fc.integer({ min: -(2 ** 53 - 1), max: 2 ** 53 - 1 });
/** Any float, those among them that print as integers. */
const float = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, -3, 1e21, 1e-7, NaN, Infinity, -Infinity));
const tensor = fc.tuple(anyDType, dimsOf({ maxRank: 3 })).map(([dtype, dims]) => distinct(dtype, dims));
const attribute = fc.oneof<fc.Arbitrary<Attribute>[]>(
  int.map((value) => ({ kind: 'int', value: value + 0 })),
  fc.array(int, { maxLength: 3 }).map((value) => ({ kind: 'ints', value: value.map((item) => item + 0) })),
  float.map((value) => ({ kind: 'float', value })),
  fc.array(float, { maxLength: 3 }).map((value) => ({ kind: 'floats', value })),
  text.map((value) => ({ kind: 'string', value })),
  fc.array(text, { maxLength: 3 }).map((value) => ({ kind: 'strings', value })),
  tensor.map((value) => ({ kind: 'tensor', value })),
);
const quantisation: fc.Arbitrary<Quantisation> = fc
  .record({
    scale: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    bits: fc.integer({ min: 2, max: 16 }),
    signed: fc.boolean(),
    zeroPoint: fc.integer({ min: -128, max: 255 }),
  })
  .map(({ zeroPoint, ...rest }) => (zeroPoint === 0 ? rest : { ...rest, zeroPoint }));
const shape = fc.array(
  fc.oneof(
    fc.nat(9),
    text.filter((dim) => dim !== ''),
  ),
  { maxLength: 3 },
);
const type = fc
  .record({ dtype: anyDType, shape, quantisation: fc.option(quantisation, { nil: undefined }) })
  .map(({ quantisation: grid, ...rest }) => (grid === undefined ? rest : { ...rest, quantisation: grid }));
const node = fc.record({
  op: fc.constantFrom('Relu', 'X1', 'Conv_2'),
  domain: fc.constantFrom('', 'q', 'com.example'),
  name: text,
  reads: fc.array(fc.option(fc.nat(99), { nil: undefined }), { maxLength: 4 }),
  attrs: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'axis', 'b_1', 'to'), attribute), {
    maxLength: 4,
    selector: ([name]) => name,
  }),
  origins: fc.array(fc.record({ index: fc.nat(99), name: text, op: text }), { maxLength: 2 }),
  types: fc.array(type, { minLength: 1, maxLength: 2 }),
});

/** A graph of anything at all, whose labels differ. */
const graphs = fc
  .record({
    name: text,
    labels: fc.uniqueArray(text, { minLength: 16, maxLength: 16 }),
    inputs: fc.array(type, { maxLength: 2 }),
    constants: fc.array(fc.tuple(tensor, fc.option(quantisation, { nil: undefined })), { minLength: 1, maxLength: 3 }),
    nodes: fc.array(node, { maxLength: 5 }),
    outputs: fc.uniqueArray(text, { maxLength: 3 }),
  })
  .map(({ name, labels, inputs, constants, nodes, outputs }): Graph => {
    const editor = GraphEditor.create(name);
    let next = 0;
    const label = (): string => labels[next++] ?? `more_${next}`;
    const values: Value[] = inputs.map((one) => editor.addInput(label(), one));
    for (const [one, grid] of constants) values.push(editor.constant(one, label(), grid));
    for (const { reads, attrs, types, ...rest } of nodes) {
      const added = editor.addNode({
        ...rest,
        attrs: new Attributes(attrs),
        inputs: reads.map((at) => (at === undefined ? undefined : values[at % values.length])),
        outputs: types.map((one) => ({ name: label(), type: one })),
      });
      values.push(...added.outputs);
    }
    for (const [i, output] of outputs.entries())
      editor.addOutput(output, values[(i * 7) % values.length] ?? values[0]!);
    return editor.graph;
  });

/** All that a graph says, constants that nothing reads aside. */
const facts = (graph: Graph): unknown => {
  const place = new Map<Value, unknown>();
  const told = (value: Value | undefined): unknown => {
    if (value === undefined || value.producer !== undefined) return value && place.get(value);
    return { name: value.name, type: value.type, constant: value.constant };
  };
  return {
    name: graph.name,
    inputs: graph.inputs.map(told),
    nodes: graph.nodes.map(({ name, op, domain, attrs, origins, inputs, outputs }, at) => {
      for (const [i, output] of outputs.entries()) place.set(output, `${at}.${i}`);
      const results = outputs.map((output) => ({ name: output.name, type: output.type }));
      return { name, op, domain, attrs: [...attrs], origins, inputs: inputs.map(told), results };
    }),
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: told(value) })),
  };
};

describe('printGraph', () => {
  it('prints what parseGraph reads back, whatever the graph', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const printed = printGraph(graph);
        const read = parseGraph(printed, NONE);
        expect(facts(read)).toEqual(facts(graph));
        expect(printGraph(read)).toBe(printed);
      }),
      { seed: 12, numRuns: 300 },
    );
  });
});

describe('printType', () => {
  it.each([
    [{ dtype: 'float32', shape: ['N', 3] }, 'float32[N,3]'],
    [{ dtype: 'int64', shape: [] }, 'int64[]'],
    [{ dtype: 'int8', shape: ['a b'] }, 'int8["a b"]'],
    [{ dtype: 'int8', shape: ['N'], quantisation: { scale: 0.5, bits: 8, signed: true } }, 'int8[N]<0.5 s8>'],
    [{ dtype: 'uint8', shape: ['N'], quantisation: { scale: 2, bits: 4, signed: false } }, 'uint8[N]<2.0 u4>'],
    [
      { dtype: 'int8', shape: [1], quantisation: { scale: 0.5, bits: 8, signed: true, zeroPoint: -3 } },
      'int8[1]<0.5 s8 -3>',
    ],
  ] as const)('%j', (one, printed) => {
    expect(printType(one)).toBe(printed);
  });
});
