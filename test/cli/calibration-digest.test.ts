import { describe, expect, it } from 'vitest';
import { digestSamples } from '../../src/cli/calibration-digest.js';
import { Tensor } from '../../src/ir/tensor.js';
import { concatSamples } from '../../src/passes/calibration/samples.js';
import { tensorSamples } from '../../src/passes/calibration/fit-samples.js';
import { counting, inputOf } from '../support/samples.js';

const INPUTS = [inputOf('x', ['N', 3])];
const digest = (tensor: Tensor): Promise<string> => digestSamples(INPUTS, tensorSamples(INPUTS, tensor));

describe('the digest of calibration data', () => {
  it('is of the samples, however they are split', async () => {
    const whole = await digest(counting([20, 3]));
    const parts = concatSamples([counting([7, 3]), counting([13, 3], 21)].map((part) => tensorSamples(INPUTS, part)));
    expect(await digestSamples(INPUTS, parts)).toBe(whole);
    expect(whole).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another for another element, number or order', async () => {
    const whole = await digest(counting([20, 3]));
    const changed = Float32Array.from(counting([20, 3]).data);
    changed[59] = Math.fround(59.00001);
    const reversed = Float32Array.from(counting([20, 3]).data).reverse();
    for (const other of [Tensor.float32([20, 3], changed), Tensor.float32([20, 3], reversed), counting([19, 3])]) {
      expect(await digest(other)).not.toBe(whole);
    }
  });
});
