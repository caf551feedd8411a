import { describe, expect, it } from 'vitest';
import { openModel } from '../../../src/backends/run.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { inputSequencesOf, recordVectors } from '../../../src/backends/verify/record-vectors.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import type { SampleSource } from '../../../src/passes/calibration/samples.js';

const network = (bias: string): ReturnType<typeof openModel> =>
  openModel(
    parseGraph(
      `graph "net"
input %x: float32[N,2,1,2]
const %b: ${bias}
const %m: float32[] = [1]
const %n: int32[] = [0]
%q: int8[N,2,1,2] = q.InputNorm(%x, %b, %m, %n) {lo = -128, hi = 127}
%s: int32[N,2,1,1] = q.GlobalSum(%q)
const %d: int32[1] = [0]
const %e: int32[1] = [1]
%y: int8[N,2,1,1] = q.Bnorm(%s, %d, %e, %d) {lo = -128, hi = 127}
output "y" = %y
`,
      TINPU_OPERATORS,
    ),
  );

const SAMPLES = [
  [1, 2, 3, 4],
  [500, 0, 0, 0],
  [0, 0, 0, -500],
];
const source: SampleSource = {
  count: SAMPLES.length,
  description: 'samples',
  fixedBatch: undefined,
  batches: async function* () {
    for (const sample of SAMPLES) yield await Promise.resolve(new Map([['x', Tensor.float32([1, 2, 1, 2], sample)]]));
  },
};

describe('recordVectors', () => {
  const model = network('float32[] = [0]');
  it('records inputs, their integers and outputs of the samples that saturate', async () => {
    const { vectors, samples, saturations } = await recordVectors(model, source, { count: 2 });
    expect(samples).toEqual([1, 2]);
    // Sample 1: channel 0 of the input and of the sum at the upper bound; sample 2: channel 1 at the lower one.
    expect(saturations).toEqual({ seen: 4, covered: 4 });
    const [first] = vectors;
    expect(first?.inputs.map(({ name, tensor }) => [name, tensor.toNumbers()])).toEqual([['x', [500, 0, 0, 0]]]);
    expect(first?.integers.map(({ tensor }) => [tensor.dtype, tensor.toNumbers()])).toEqual([['int8', [127, 0, 0, 0]]]);
    expect(first?.outputs.map(({ name, tensor }) => [name, tensor.toNumbers()])).toEqual([['y', [127, 0]]]);
    expect(first?.tensors).toEqual([]);
  });

  it('records every integer tensor on request', async () => {
    const { vectors } = await recordVectors(model, source, { count: 1, intermediates: true });
    expect(vectors.map(({ tensors }) => tensors.map(({ name }) => name))).toEqual([['q', 's', 'y']]);
  });
});

describe('inputSequencesOf', () => {
  it.each<[string, number[] | undefined]>([
    ['float32[] = [0.5]', [0.5]],
    ['float32[1,2,1,1] = [1, 2]', [1, 2]],
    ['float32[1,1,1,2] = [1, 2]', undefined],
    ['float32[1,2,1,2] = [1, 2, 3, 4]', undefined],
  ])('of constants %s', (bias, told) => {
    const [sequence] = inputSequencesOf(network(bias));
    expect(sequence && [...sequence.bias]).toEqual(told);
  });
});
