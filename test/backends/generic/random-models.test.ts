import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { genericRoundTrip, type GenericRoundTrip } from '../../support/generic-round-trip.js';
import type { ModelInput } from '../../support/compile-round-trip.js';
import { randomBranches } from '../../support/random-branches.js';
import { EXPORTERS, randomModel } from '../../support/random-models.js';

/**
 * Share of results that may differ: a sum that lies within rounding of the middle between two integers goes either way, in
 * about one of 10^4 results, and a network hands it on to several.
 */
const TIES = 0.01;

const WIDTHS = [
  [8, 8],
  [8, 8],
  [4, 8],
  [2, 8],
  [8, 4],
  [4, 4],
  [2, 2],
] as const;

/** Undefined for a model without anything to quantise. */
async function compiled(
  bytes: Uint8Array,
  inputs: readonly ModelInput[],
  [weightBits, activationBits]: (typeof WIDTHS)[number],
  output: 'int' | 'float',
): Promise<GenericRoundTrip | undefined> {
  try {
    return await genericRoundTrip(bytes, inputs, { weightBits, activationBits, output });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).toContain('no layer of the model computes anything that could become integers');
    return undefined;
  }
}

describe('QDQ models', () => {
  it('are computed alike by ONNX Runtime at every optimisation level and by the integers, whatever the network', async () => {
    let successes = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.constantFrom(...EXPORTERS, 'branches' as const),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(...WIDTHS),
        fc.constantFrom('int' as const, 'float' as const),
        async (seed, kind, size, widths, output) => {
          runs++;
          const network = kind === 'branches' ? randomBranches(seed, 2 + size, false) : undefined;
          const model = kind === 'branches' ? undefined : randomModel(seed, kind, size);
          const bytes =
            network === undefined
              ? (model?.bytes ?? new Uint8Array())
              : exportModel(parseGraph(network.text, OPERATORS), { opset: 17 });
          const inputs =
            network === undefined
              ? [model?.input].filter((input) => input !== undefined)
              : network.inputs.map((input) => ({ ...input, amplitude: 1 }));
          const outcome = await compiled(bytes, inputs, widths, output);
          if (outcome === undefined) return;
          successes++;
          expect(outcome.differing).toBeLessThanOrEqual(TIES);
          const { accuracy } = outcome.result.summary;
          if (model?.wellConditioned === true && widths[0] === 8 && widths[1] === 8) {
            // Eight bits give 40 to 50 dB a layer, a few layers on small random maps lose some 10 dB of it.
            expect(accuracy?.sqnrDb ?? Infinity).toBeGreaterThan(25);
          }
        },
      ),
      { seed: 31, numRuns: 40 },
    );
    expect(successes / runs).toBeGreaterThan(0.5);
  }, 180_000);

  it('are the same bytes for the same model', async () => {
    const { bytes, input } = randomModel(4, 'pytorch', 6);
    const first = await genericRoundTrip(bytes, [input], { weightBits: 4 });
    const second = await genericRoundTrip(bytes, [input], { weightBits: 4 });
    expect(Buffer.from(second.result.bytes).equals(Buffer.from(first.result.bytes))).toBe(true);
  });
});
