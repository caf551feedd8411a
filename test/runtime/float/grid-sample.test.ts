import { describe, expect, it } from 'vitest';
import { gridSample } from '../../../src/ir/ops/grid-sample.js';
import { uniformSource } from '../../../src/ir/random.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { GRID_SAMPLE_KERNELS } from '../../../src/runtime/float/grid-sample.js';
import { inferenceTable } from '../../support/inference-table.js';
import { build } from '../../support/naive-tensor.js';
import { imported } from '../../support/normalise.js';
import { runNodeInOrt } from '../../support/one-node.js';
import { describeDifference } from '../../support/onnx-node-tests.js';
import { run } from '../../support/run-operator.js';

const uniform = (dims: readonly number[], seed: number, reach: number): Tensor => {
  const next = uniformSource(seed);
  return build('float32', dims, () => reach * next());
};

const cases = ['linear', 'nearest', 'cubic'].flatMap((mode) =>
  ['zeros', 'border', 'reflection'].flatMap((padding) => [0, 1].map((aligned) => [mode, padding, aligned] as const)),
);

describe('GridSample', () => {
  it.each(cases)('%s with %s, align_corners %i, is ONNX Runtime’s', async (mode, padding, aligned) => {
    const attrs = { mode, padding_mode: padding, align_corners: aligned };
    // Places reach twice as far as the borders, so that some are reflected more than once.
    const inputs = [uniform([2, 3, 5, 4], 1, 1), uniform([2, 6, 7, 2], 2, 2.2)];
    const [own] = run(gridSample, GRID_SAMPLE_KERNELS, inputs, attrs);
    const [expected] = await runNodeInOrt('GridSample', inputs, attrs, ['float32'], 20);
    // Places and weights are float32 there: 1e-6 of a place, times slopes of up to some units.
    expect(describeDifference(own, expected!, { rtol: 1e-5, atol: 1e-5 })).toBeUndefined();
  });

  it.each([
    ['bilinear', 'linear'],
    ['bicubic', 'cubic'],
  ])('the mode %s of opset 16 is called %s', (old, renamed) => {
    const { lines, texts } = imported({
      opset: 16,
      nodes: [{ op: 'GridSample', inputs: ['x', 'g'], outputs: ['y'], attributes: { mode: { string: old } } }],
      inputs: [
        { name: 'x', shape: ['N', 3, 8, 8] },
        { name: 'g', shape: ['N', 4, 5, 2] },
      ],
      outputs: [{ name: 'y', kind: 'none' }],
    });
    expect(lines).toContain(`y: float32[N,3,4,5] = GridSample(x, g) {mode = "${renamed}"}`);
    expect(texts).toEqual([`the mode ${old} is called ${renamed}`]);
  });

  inferenceTable(gridSample, [
    { title: 'symbols', inputs: [{ shape: ['N', 3, 'H', 'W'] }, { shape: [2, 'h', 5, 2] }], gives: [2, 3, 'h', 5] },
    {
      title: 'three coordinates',
      inputs: [{ shape: [1, 3, 4, 4] }, { shape: [1, 2, 2, 3] }],
      fault: ['shape-mismatch', 'the grid of GridSample has shape 1x2x2x3'],
    },
    {
      title: 'volumes',
      inputs: [{ shape: [1, 3, 4, 4, 4] }, { shape: [1, 2, 2, 2, 3] }],
      fault: ['shape-mismatch', 'rank 4 is accepted'],
    },
  ]);
});
