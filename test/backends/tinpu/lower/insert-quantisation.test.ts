import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { valuesOf, type Quantisation } from '../../../../src/ir/graph.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { insertQuantisation } from '../../../../src/backends/tinpu/lower/insert-quantisation.js';

const GRIDS: Readonly<Record<string, Quantisation>> = {
  x: { scale: 0.5, bits: 8, signed: true },
  r: { scale: 0.25, bits: 8, signed: false },
};

/** Nodes whose result bears one of these labels compute on integers. */
const INTEGER: ReadonlySet<string> = new Set(['r', 'i', 'j']);

const QUANTISED_INPUT = `input %x: float32[N,4]
     %q: int8[N,4]<0.5 s8> = q.Quantize(%x) {scale = 0.5, lo = -128, hi = 127} "x"
     %"x/dequantized" = q.Dequantize(%q) {scale = 0.5} "x"`;

const TABLE: readonly (readonly [name: string, before: string, after: string, quantisedOutputs?: boolean])[] = [
  [
    'puts the pair in front of the first reader; all read what is dequantised of a tensor that integers compute',
    `input %x: float32[N,4]
     %r = Relu(%x) "relu" @[0 "relu" "Relu"]
     %i = Flatten(%r) {axis = 1} "flat"
     %z = Sin(%r) "sin"
     output "i" = %i
     output "z" = %z`,
    `${QUANTISED_INPUT}
     %"r/float" = Relu(%"x/dequantized") "relu" @[0 "relu" "Relu"]
     %r: uint8[N,4]<0.25 u8> = q.Quantize(%"r/float") {scale = 0.25, lo = 0, hi = 255} "relu"
     %"r/dequantized" = q.Dequantize(%r) {scale = 0.25} "relu"
     %i = Flatten(%"r/dequantized") {axis = 1} "flat"
     %z = Sin(%"r/dequantized") "sin"
     output "i" = %i
     output "z" = %z`,
  ],
  [
    'leaves the readers of an input that compute in float as they are',
    `input %x: float32[N,4]
     %s = Sin(%x) "sin"
     %i = Flatten(%x) {axis = 1} "flat"
     output "i" = %i
     output "s" = %s`,
    `${QUANTISED_INPUT}
     %s = Sin(%x) "sin"
     %i = Flatten(%"x/dequantized") {axis = 1} "flat"
     output "i" = %i
     output "s" = %s`,
  ],
  [
    'leaves the inside of an island float',
    `input %v: float32[N,4]
     %x = Sin(%v) "sin"
     %c = Cos(%x) "cos"
     %i = Flatten(%x) {axis = 1} "flat"
     output "c" = %c
     output "i" = %i`,
    `input %v: float32[N,4]
     %"x/float" = Sin(%v) "sin"
     %x: int8[N,4]<0.5 s8> = q.Quantize(%"x/float") {scale = 0.5, lo = -128, hi = 127} "sin"
     %"x/dequantized" = q.Dequantize(%x) {scale = 0.5} "sin"
     %c = Cos(%"x/float") "cos"
     %i = Flatten(%"x/dequantized") {axis = 1} "flat"
     output "c" = %c
     output "i" = %i`,
  ],
  [
    'lets outputs deliver what is dequantised, except for an input that is delivered as it is',
    `input %x: float32[N,4]
     %r = Relu(%x) "relu"
     output "r" = %r
     output "same" = %x`,
    `${QUANTISED_INPUT}
     %"r/float" = Relu(%"x/dequantized") "relu"
     %r: uint8[N,4]<0.25 u8> = q.Quantize(%"r/float") {scale = 0.25, lo = 0, hi = 255} "relu"
     %"r/dequantized" = q.Dequantize(%r) {scale = 0.25} "relu"
     output "r" = %"r/dequantized"
     output "same" = %x`,
  ],
  [
    'delivers the result of an island quantised where integers are delivered',
    `input %v: float32[N,4]
     %x = Sin(%v) "sin"
     %i = Flatten(%x) {axis = 1} "flat"
     output "i" = %i
     output "x" = %x`,
    `input %v: float32[N,4]
     %"x/float" = Sin(%v) "sin"
     %x: int8[N,4]<0.5 s8> = q.Quantize(%"x/float") {scale = 0.5, lo = -128, hi = 127} "sin"
     %"x/dequantized" = q.Dequantize(%x) {scale = 0.5} "sin"
     %i = Flatten(%"x/dequantized") {axis = 1} "flat"
     output "i" = %i
     output "x" = %"x/dequantized"`,
    true,
  ],
  [
    'delivers the result of an island as it is where real numbers are delivered',
    `input %v: float32[N,4]
     %x = Sin(%v) "sin"
     %i = Flatten(%x) {axis = 1} "flat"
     output "i" = %i
     output "x" = %x`,
    `input %v: float32[N,4]
     %"x/float" = Sin(%v) "sin"
     %x: int8[N,4]<0.5 s8> = q.Quantize(%"x/float") {scale = 0.5, lo = -128, hi = 127} "sin"
     %"x/dequantized" = q.Dequantize(%x) {scale = 0.5} "sin"
     %i = Flatten(%"x/dequantized") {axis = 1} "flat"
     output "i" = %i
     output "x" = %"x/float"`,
    false,
  ],
  [
    'replaces every operand of a node that reads a tensor twice',
    `input %x: float32[N,4]
     %i = Add(%x, %x) "double"
     output "i" = %i`,
    `${QUANTISED_INPUT}
     %i = Add(%"x/dequantized", %"x/dequantized") "double"
     output "i" = %i`,
  ],
];

/** Labels of the integers behind a graph input are made unique, so they are compared by place. */
const comparable = (text: string): string => text.replaceAll(/%q\b|%x_1\b|%"x_1"/g, '%integers');

function inserted(text: string, quantisedOutputs: boolean, grids = GRIDS): string {
  const graph = parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS);
  const integer = new Set(graph.nodes.filter(({ outputs }) => INTEGER.has(outputs[0]?.name ?? '')));
  const points = [...valuesOf(graph)].flatMap((value) => {
    const grid = grids[value.name];
    return grid === undefined ? [] : [[value, grid] as const];
  });
  insertQuantisation(new GraphEditor(graph), new Map(points), { integer, quantisedOutputs });
  expect(verifyGraph(graph, TINPU_OPERATORS)).toEqual([]);
  return printGraph(graph);
}

describe('insertQuantisation', () => {
  for (const [name, before, after, quantisedOutputs = true] of TABLE) {
    it(name, () => {
      const expected = printGraph(parseGraph(`graph "g"\n${after}`, TINPU_OPERATORS));
      expect(comparable(inserted(before, quantisedOutputs))).toBe(comparable(expected));
    });
  }

  it('gives integers of ten bits a type that holds them', () => {
    const text = 'input %x: float32[N,4]\n%i = Flatten(%x)\noutput "i" = %i';
    const wide = inserted(text, true, { x: { scale: 1, bits: 10, signed: true } });
    expect(wide).toMatch(/: int16\[N,4\]<1\.0 s10> = q\.Quantize\(%x\) \{.*lo = -512/);
    expect(wide).toContain('hi = 511');
  });

  it('changes nothing without a grid', () => {
    const text = 'input %v: float32[N,4]\n%y = Relu(%v)\noutput "y" = %y';
    expect(inserted(text, true)).toBe(printGraph(parseGraph(`graph "g"\n${text}`, TINPU_OPERATORS)));
  });
});
