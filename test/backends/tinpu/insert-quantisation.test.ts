import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../src/ir/editor.js';
import { valuesOf, type Quantisation } from '../../../src/ir/graph.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { printGraph } from '../../../src/ir/text/print.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { insertQuantisation } from '../../../src/backends/tinpu/insert-quantisation.js';

const GRIDS: Readonly<Record<string, Quantisation>> = {
  x: { scale: 0.5, bits: 8, signed: true },
  r: { scale: 0.25, bits: 8, signed: false },
};

const TABLE: readonly (readonly [string, string, string])[] = [
  [
    'puts the pair in front of the first reader, and all readers behind it',
    `input %x: float32[N,4]
     %r = Relu(%x) "relu" @[0 "relu" "Relu"]
     %y = Tanh(%r) "tanh"
     %z = Sin(%r) "sin"
     output "y" = %y
     output "z" = %z`,
    `input %x: float32[N,4]
     %q: int8[N,4]<0.5 s8> = q.Quantize(%x) {scale = 0.5, lo = -128, hi = 127} "x"
     %"x/dequantized" = q.Dequantize(%q) {scale = 0.5} "x"
     %"r/float" = Relu(%"x/dequantized") "relu" @[0 "relu" "Relu"]
     %r: uint8[N,4]<0.25 u8> = q.Quantize(%"r/float") {scale = 0.25, lo = 0, hi = 255} "relu"
     %"r/dequantized" = q.Dequantize(%r) {scale = 0.25} "relu"
     %y = Tanh(%"r/dequantized") "tanh"
     %z = Sin(%"r/dequantized") "sin"
     output "y" = %y
     output "z" = %z`,
  ],
  [
    'lets outputs deliver what is dequantised, except for an input that is delivered as it is',
    `input %x: float32[N,4]
     %r = Relu(%x) "relu"
     output "r" = %r
     output "same" = %x`,
    `input %x: float32[N,4]
     %q: int8[N,4]<0.5 s8> = q.Quantize(%x) {scale = 0.5, lo = -128, hi = 127} "x"
     %"x/dequantized" = q.Dequantize(%q) {scale = 0.5} "x"
     %"r/float" = Relu(%"x/dequantized") "relu"
     %r: uint8[N,4]<0.25 u8> = q.Quantize(%"r/float") {scale = 0.25, lo = 0, hi = 255} "relu"
     %"r/dequantized" = q.Dequantize(%r) {scale = 0.25} "relu"
     output "r" = %"r/dequantized"
     output "same" = %x`,
  ],
];

/** Labels of the integers behind a graph input are made unique, so they are compared by place. */
const comparable = (text: string): string => text.replaceAll(/%q\b|%x_1\b|%"x_1"/g, '%integers');

describe('insertQuantisation', () => {
  it.each(TABLE)('%s', (_, before, after) => {
    const graph = parseGraph(`graph "g"\n${before}`, TINPU_OPERATORS);
    const grids = [...valuesOf(graph)].flatMap((value) => {
      const grid = GRIDS[value.name];
      return grid === undefined ? [] : [[value, grid] as const];
    });
    insertQuantisation(new GraphEditor(graph), new Map(grids));
    expect(verifyGraph(graph, TINPU_OPERATORS)).toEqual([]);
    const expected = printGraph(parseGraph(`graph "g"\n${after}`, TINPU_OPERATORS));
    expect(comparable(printGraph(graph))).toBe(comparable(expected));
  });

  it('changes nothing without a grid', () => {
    const graph = parseGraph('graph "g"\ninput %x: float32[N,4]\n%y = Relu(%x)\noutput "y" = %y', TINPU_OPERATORS);
    const before = printGraph(graph);
    insertQuantisation(new GraphEditor(graph), new Map());
    expect(printGraph(graph)).toBe(before);
  });
});
