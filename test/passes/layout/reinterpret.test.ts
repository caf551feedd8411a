import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../src/ir/shape.js';
import { planReinterpretation, type Reinterpretation } from '../../../src/passes/layout/reinterpret.js';

const cases: readonly (readonly [from: Shape, to: Shape, plan: Reinterpretation | undefined])[] = [
  [['N', 3], ['N', 3], { op: 'none' }],
  [['N', 3, 4], ['N', 12], { op: 'Flatten' }],
  [[1, 3, 4], [1, 12], { op: 'Flatten' }],
  [['N', 3, 'L'], ['N', 'M'], { op: 'Flatten' }],
  [['N', 'K', 1], ['N', 480], { op: 'Reshape', target: [0, 480] }],
  [['N', 3], ['N', 3, 1], { op: 'Unsqueeze', axes: [2] }],
  [['H', 'W'], [1, 'H', 1, 'W'], { op: 'Unsqueeze', axes: [0, 2] }],
  [[1, 'H', 1, 'W'], ['H', 'W'], { op: 'Squeeze', axes: [0, 2] }],
  [[], [1], { op: 'Unsqueeze', axes: [0] }],
  [[1], [], { op: 'Squeeze', axes: [0] }],
  [[5, 4], [5, 2, 2], { op: 'Reshape', target: [0, 2, 2] }],
  [[5, 4], [20], { op: 'Reshape', target: [20] }],
  [['N', 'L', 4], ['N', 'L', 2, 2], { op: 'Reshape', target: [0, 0, 2, 2] }],
  [['N', 'L', 4], ['M', 4], { op: 'Reshape', target: [-1, 4] }],
  [['N', 'L', 4], ['N', 2, 'M', 2], { op: 'Reshape', target: [0, 2, -1, 2] }],
  [['N', 'L', 4], ['A', 'B', 2], undefined],
  [[0, 3], [0, 4], { op: 'Reshape', target: [0, 4] }],
  [[0, 3, 4], [0, 5], { op: 'Reshape', target: [0, 5] }],
  [[0, 3], [3, 0], undefined],
  [[2, 0, 3], [2, 0], { op: 'Flatten' }],
];

describe('planReinterpretation', () => {
  it.each(cases)('%j → %j', (from, to, plan) => {
    expect(planReinterpretation(from, to)).toEqual(plan);
  });
});
