import { describe, expect, it } from 'vitest';
import { lowestOpset } from '../../../src/backends/generic/lowest-opset.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const opsetOf = (lines: string): number =>
  lowestOpset(
    parseGraph(
      `graph "g"
      input %x: float32[N,4,8,8]
      ${lines}
      output "y" = %y`,
      OPERATORS,
    ),
    'm.onnx',
  );

describe('lowestOpset', () => {
  // The versions in which the ONNX operator changelog introduces each form.
  it.each([
    ['scales for each channel', '%y = Relu(%x)', 13],
    ['a new operator', '%y = Gelu(%x)', 20],
    ['a new attribute', 'const %s: float32[4] = [1, 1, 2, 2]\n%y = Resize(%x, _, %s) {antialias = 1}', 18],
    [
      'that attribute at its default',
      'const %s: float32[4] = [1, 1, 2, 2]\n%y = Resize(%x, _, %s) {antialias = 0}',
      13,
    ],
    ['constant axes, which were an attribute', 'const %a: int64[1] = [2]\n%y = ReduceMean(%x, %a)', 13],
    ['axes that are computed', 'input %a: int64[1]\n%y = ReduceMean(%x, %a)', 18],
    ['the newest of several', '%r = Relu(%x)\n%g = Gelu(%r)\n%y = Relu(%g)', 20],
  ])('is that of %s', (_, lines, opset) => {
    expect(opsetOf(lines)).toBe(opset);
  });

  it.each([
    ['int8', 13],
    ['int4', 21],
    ['uint2', 25],
  ] as const)('has the type %s', (dtype, opset) => {
    const constants = `const %q: ${dtype}[4] = [0, 1, 1, 0]\nconst %s: float32[] = [1]`;
    expect(opsetOf(`${constants}\n%d = DequantizeLinear(%q, %s)\n%y = Identity(%d)`)).toBe(opset);
  });
});
