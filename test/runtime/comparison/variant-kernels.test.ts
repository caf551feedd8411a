import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { bnormVariant, inputNormVariant, type BnormVariant } from '../../../src/runtime/comparison/variant-kernels.js';
import { prepare } from '../../../src/runtime/executor.js';
import type { Kernel } from '../../../src/runtime/kernel.js';

const BNORM = parseGraph(
  `graph "net"
input %x: int32[1,2,4]
const %b: int32[2] = [1, -1]
const %s: int32[1] = [3]
const %n: int32[2] = [2, 0]
%y: int8[1,2,4] = q.Bnorm(%x, %b, %s, %n) {lo = -128, hi = 127}
output "y" = %y
`,
  TINPU_OPERATORS,
);
const ACCUMULATORS = [-3, 0, 1, 1000, -3, 0, 1, -1000];

const bnorm = (kernel?: Kernel): number[] | undefined => {
  const kernels = kernel === undefined ? TINPU_KERNELS : new Map([...TINPU_KERNELS, ['q.Bnorm', kernel] as const]);
  return prepare(BNORM, kernels)
    .run(new Map([['x', new Tensor('int32', [1, 2, 4], Int32Array.from(ACCUMULATORS))]]))
    .get('y')
    ?.toNumbers();
};

describe('bnormVariant', () => {
  it('without a variant is q.Bnorm', () => {
    expect(bnorm(bnormVariant({}))).toEqual(bnorm());
    expect(bnorm(bnormVariant({ inFloat32: true }))).toEqual(bnorm());
  });
  // ((x + 1) · 3) / 4 on channel 0: -1.5, 0.75, 1.5; (x - 1) · 3 on channel 1, where nothing is shifted out.
  it.each<[what: string, variant: BnormVariant, expected: number[]]>([
    ['floor', {}, [-2, 0, 1, 127, -12, -3, 0, -128]],
    ['truncation', { round: Math.trunc }, [-1, 0, 1, 127, -12, -3, 0, -128]],
    ['to nearest', { round: Math.round }, [-1, 1, 2, 127, -12, -3, 0, -128]],
    ['no bias', { withoutBias: true }, [-3, 0, 0, 127, -9, 0, 3, -128]],
    ['a rounding that is not asked without a shift', { round: () => 9 }, [9, 9, 9, 9, -12, -3, 0, -128]],
  ])('%s', (_, variant, expected) => {
    expect(bnorm(bnormVariant(variant))).toEqual(expected);
  });
});

describe('inputNormVariant', () => {
  const graph = parseGraph(
    `graph "net"
input %x: float32[1,2,2]
const %b: float32[1,2,1] = [0.5, 0]
const %m: float32[] = [3]
const %n: int32[] = [1]
%y: int8[1,2,2] = q.InputNorm(%x, %b, %m, %n) {lo = -128, hi = 127}
output "y" = %y
`,
    TINPU_OPERATORS,
  );
  const run = (kernel?: Kernel): number[] | undefined => {
    const kernels =
      kernel === undefined ? TINPU_KERNELS : new Map([...TINPU_KERNELS, ['q.InputNorm', kernel] as const]);
    return prepare(graph, kernels)
      .run(new Map([['x', Tensor.float32([1, 2, 2], [-1.25, 2, -0.25, 1e9])]]))
      .get('y')
      ?.toNumbers();
  };
  it('takes the way it is given from the product to the integer', () => {
    // Products: -2.25, 7.5, -0.75, beyond.
    expect(run(inputNormVariant((product, factor) => Math.floor(product * factor)))).toEqual(run());
    expect(run()).toEqual([-2, 3, -1, 127]);
    expect(run(inputNormVariant((product, factor) => Math.floor(Math.trunc(product) * factor)))).toEqual([
      -1, 3, 0, 127,
    ]);
  });
});
