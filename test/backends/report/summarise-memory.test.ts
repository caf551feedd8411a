import { expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { summariseMemory } from '../../../src/backends/report/summarise-memory.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

it('summariseMemory adds up the constants of the layers and of the float model', () => {
  const float = parseGraph(
    `graph "g"
     input %x: float32[N,3]
     const %w: float32[3,5] = random 1
     const %axes: int64[1] = [1]
     %y = MatMul(%x, %w)
     %z = Unsqueeze(%y, %axes)
     output "z" = %z`,
    OPERATORS,
  );
  const quantised = parseGraph(
    `graph "g"
     input %x: float32[N,6]
     const %fb: float32[1,1] = [0.125]
     const %fm: float32[1,1] = [128]
     const %fs: int32[1,1] = [5]
     %q: int8[N,6]<0.25 s8> = q.InputNorm(%x, %fb, %fm, %fs) {lo = -128, hi = 127}
     output "q" = %q`,
    TINPU_OPERATORS,
  );
  const layers = [
    { bytes: { weights: 12, bias: 12, scale: 4, shift: 4 } },
    { bytes: { weights: 0, bias: 8, scale: 4, shift: 4 } },
  ];
  expect(summariseMemory(layers, quantised, float)).toEqual({
    weightBytes: 32 + 16,
    floatWeightBytes: 60,
    // 6 floats beside their 6 integers.
    peakActivationBytes: 24 + 6,
    // 3 and 5 floats; the Unsqueeze takes no room.
    floatPeakActivationBytes: 12 + 20,
  });
});
