import { describe, expect, it } from 'vitest';
import { compileModel, type CompileModelOptions } from '../../../../src/backends/compile-model.js';
import type { CompileResult } from '../../../../src/backends/options.js';
import { UserError } from '../../../../src/ir/diagnostics.js';
import { opName } from '../../../../src/ir/graph.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { modelOf, TINY } from '../../../support/cli.js';

const BYTES = modelOf(TINY);
const random = uniformSource(5);
const DATA = Tensor.float32([48, 1, 8, 1], Float32Array.from({ length: 48 * 8 }, random));
const compiled = (more: Partial<CompileModelOptions>): Promise<CompileResult> =>
  compileModel(BYTES, { target: 'f28p55', samples: DATA, verify: true, ...more });
const biasesOf = ({ quantised }: CompileResult): number[] =>
  quantised.nodes.flatMap((node) => (opName(node) === 'q.Bnorm' ? (node.inputs[1]?.constant?.toNumbers() ?? []) : []));

describe('bias calibration of a compilation', () => {
  it('is off by default, byte for byte, and with factor 0', async () => {
    const plain = await compiled({});
    const off = await compiled({ biasCalibration: 0 });
    expect(off.bytes).toEqual(plain.bytes);
    expect(off.diagnostics).toEqual([]);
  });

  it.each(['quantc', 'torchmodelopt'])('moves biases alone, and says so, with the recipe %s', async (recipe) => {
    for (const output of ['int', 'float'] as const) {
      const plain = await compiled({ recipe, output });
      const full = await compiled({ recipe, output, biasCalibration: 1 });
      const [before, after] = [biasesOf(plain), biasesOf(full)];
      const moved = after.filter((bias, index) => bias !== before[index]).length;
      expect(moved).toBeGreaterThan(0);
      const found = full.diagnostics.find(({ code }) => code === 'bias-calibrated');
      expect(found?.severity).toBe('info');
      const agreement = [plain, full].map(({ summary }) => `${summary.accuracy?.sqnrDb?.toFixed(2) ?? '-'} dB`);
      expect(found?.message).toContain(`moved ${moved} biases of `);
      // The same 48 samples are those that the summary is measured on.
      expect(found?.message).toContain(`was ${agreement.join(' and is ')} on 48 samples`);
      const rest = (result: CompileResult): unknown =>
        result.summary.layers.map(({ sqnrDb: _, bound: __, ...layer }) => layer);
      expect(rest(full)).toEqual(rest(plain));
    }
  });

  it('is the same every time', async () => {
    const [first, second] = [await compiled({ biasCalibration: 1 }), await compiled({ biasCalibration: 1 })];
    expect(second.bytes).toEqual(first.bytes);
  });

  it.each([-0.1, 1.01, NaN, Infinity])('refuses the factor %d', async (biasCalibration) => {
    const failing = compiled({ biasCalibration });
    await expect(failing).rejects.toThrow(UserError);
    await expect(failing).rejects.toThrow(
      `the factor of bias calibration is ${biasCalibration}, accepted: 0 (off) to 1 (full correction)`,
    );
  });
});
