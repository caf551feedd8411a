import { describe, expect, it } from 'vitest';
import { shiftRegion } from '../../../src/backends/retarget/shift-region.js';
import { valuesOf } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const CONV = 'kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1';
const WIDE = 'kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], group = 1';

/** The region about `%t` in a graph of some lines; `%x` is its input, `%y` its output. */
function region(lines: string, realOutputs = false) {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,4,6,6]
    const %w: float32[4,4,1,1] = random 1
    const %v: float32[4,4,3,3] = random 2
    const %u: float32[4,5] = random 3
    const %b: float32[4] = random 4
    const %low: float32[] = [-1]
    ${lines}
    output "y" = %y`,
    OPERATORS,
  );
  const start = [...valuesOf(graph)].find(({ name }) => name === 't') ?? graph.inputs[0] ?? expect.fail('no tensor');
  const found = shiftRegion(graph, start, realOutputs);
  if ('obstacle' in found) return found.obstacle;
  return {
    values: found.values.map(({ name }) => name),
    readers: found.readers.map(({ name }) => name),
    floatUses: found.floatUses.map(({ node }) => node.op),
  };
}

describe('shiftRegion', () => {
  it('is the tensor between two layers', () => {
    expect(
      region(`%t = Conv(%x, %w, %b) {${CONV}} "first"
      %y = Conv(%t, %w) {${CONV}} "second"`),
    ).toEqual({ values: ['t'], readers: ['second'], floatUses: [] });
  });

  it('reaches through movers and means to all layers that read it, and back to all that compute it', () => {
    expect(
      region(`%t = Conv(%x, %w, %b) {${CONV}} "first"
      %s = Conv(%x, %w) {${CONV}} "beside"
      %c = Concat(%t, %s) {axis = 2}
      %p = MaxPool(%c) {kernel_shape = [2, 2], strides = [2, 2], pads = [1, 1, 1, 1], dilations = [1, 1], ceil_mode = 0}
      %g = GlobalAveragePool(%p)
      %f = Flatten(%g) {axis = 1}
      %y = Gemm(%f, %u) "last"`),
    ).toEqual({ values: ['t', 'c', 's', 'p', 'g', 'f'], readers: ['last'], floatUses: [] });
  });

  it('begins at an input, and at a BatchNormalization of an input', () => {
    expect(region(`%y = Conv(%x, %w) {${CONV}} "only"`)).toEqual({ values: ['x'], readers: ['only'], floatUses: [] });
    expect(
      region(`%t = BatchNormalization(%x, %b, %b, %b, %b)
      %y = Conv(%t, %w) {${CONV}} "only"`),
    ).toEqual({ values: ['t'], readers: ['only'], floatUses: [] });
  });

  it('begins at a float operator, and is read by others', () => {
    expect(
      region(`%t = HardSwish(%x)
      %e = Elu(%t)
      %z = Conv(%t, %w) {${CONV}} "only"
      %y = Sub(%z, %e)`),
    ).toEqual({ values: ['t'], readers: ['only'], floatUses: ['Elu'] });
  });

  it('holds outputs that are real numbers', () => {
    const chain = `%t = Conv(%x, %w) {${CONV}} "first"\n%y = Transpose(%t) {perm = [0, 2, 3, 1]}`;
    expect(region(chain, true)).toEqual({ values: ['t', 'y'], readers: [], floatUses: [] });
    expect(region(chain, false)).toBe("'y' is an output of the model");
  });

  it.each([
    ['a layer that pads', `%y = Conv(%t, %v) {${WIDE}} "wide"`, "Conv 'wide' pads with 0"],
    [
      'a layer that pads as it is',
      `%y = Conv(%t, %v) {kernel_shape = [3, 3], strides = [1, 1], auto_pad = "SAME_UPPER", dilations = [1, 1], group = 1} "same"`,
      "Conv 'same' pads with 0",
    ],
    [
      'a transposed layer whose windows overlap in part',
      '%y = ConvTranspose(%t, %v) {kernel_shape = [3, 3], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "up"',
      "ConvTranspose 'up' pads with 0",
    ],
    ['an addition', `%y = Add(%t, %x) "sum"`, "Add 'sum' has no bias"],
    ['bounds', `%y = Clip(%t, %low, _) "bounds"`, "Clip 'bounds' has no bias"],
    [
      'padding',
      `const %four: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]\n%p = Pad(%t, %four) {mode = "constant"} "pad"\n%y = Conv(%p, %v) {${CONV.replace('1, 1]', '3, 3]')}}`,
      "Pad 'pad' has no bias",
    ],
  ])('ends nowhere in front of %s', (_, lines, reason) => {
    expect(region(`%t = Conv(%x, %w, %b) {${CONV}} "first"\n${lines}`)).toBe(reason);
  });

  it('is nothing where no layer reads it', () => {
    expect(region(`%t = Conv(%x, %w) {${CONV}}\n%e = Elu(%t)\n%y = Conv(%e, %w) {${CONV}}`)).toBe(
      'float operators alone read it',
    );
  });

  it('does not begin at a sum', () => {
    expect(
      region(`%a = Conv(%x, %w) {${CONV}}
      %t = Add(%a, %x) "sum"
      %y = Conv(%t, %w) {${CONV}}`),
    ).toBe("Add 'sum' has no bias");
  });
});
