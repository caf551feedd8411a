import { describe, expect, it } from 'vitest';
import { InternalError } from '../../src/ir/diagnostics.js';
import { Tensor } from '../../src/ir/tensor.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../src/backends/tinpu/dialect.js';
import { SelfCheck } from '../../src/backends/self-check.js';

const GRAPH = parseGraph(
  `graph "g"
    input %x: int8[N,2]
    const %w: int8[2,2] = [1, 2, 3, 4]
    %sum = q.MatMul(%x, %w)
    %y = q.Dequantize(%x) {scale = 0.5}
    output "sum" = %sum
    output "y" = %y`,
  TINPU_OPERATORS,
);
const BATCH = new Map([['x', new Tensor('int8', [1, 2], Int8Array.of(5, -7))]]);
const sum = (...items: number[]): Tensor => new Tensor('int32', [1, items.length], Int32Array.from(items));
const check = (expected: readonly (readonly [string, Tensor])[]): void => {
  new SelfCheck(GRAPH, TINPU_KERNELS).check(BATCH, new Map(expected));
};

describe('SelfCheck', () => {
  it('is silent where all tensors agree', () => {
    check([
      ['x', BATCH.get('x') ?? sum()],
      ['sum', sum(-16, -18)],
      ['y', Tensor.float32([1, 2], [2.5, -3.5])],
    ]);
  });

  it('compares values, whatever type carries them', () => {
    check([['sum', Tensor.float32([1, 2], [-16, -18])]]);
  });

  it('runs again for the next batch', () => {
    const own = new SelfCheck(GRAPH, TINPU_KERNELS);
    own.check(BATCH, new Map([['sum', sum(-16, -18)]]));
    expect(() => own.check(BATCH, new Map([['sum', sum(-16, -19)]]))).toThrow(InternalError);
  });

  it.each([
    [
      'an element that differs',
      [['sum', sum(-16, -17)]],
      "element 1 of tensor 'sum' of the emitted model is -18 instead of -17",
    ],
    [
      'a tensor that is missing',
      [
        ['sum', sum(-16, -18)],
        ['z', sum(1)],
      ],
      "tensor 'z' is not in the emitted model",
    ],
    ['a tensor of another size', [['sum', sum(-16)]], "tensor 'sum' of the emitted model has another type or size"],
    [
      'a tensor of another type',
      [['sum', Tensor.int64([1, 2])]],
      "tensor 'sum' of the emitted model has another type or size",
    ],
  ] as const)('names %s', (_, expected, sentence) => {
    const run = (): void => check(expected);
    expect(run).toThrow(InternalError);
    expect(run).toThrow(sentence);
  });
});
