import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/backends/compile-model.js';
import type { Bits } from '../../src/backends/quantisation.js';
import { checkHardware } from '../../src/backends/tinpu/arithmetic/check-hardware.js';
import { numberData } from '../../src/ir/tensor.js';
import { Agreement } from '../../src/runtime/agreement.js';
import { decodeNpy } from '../../src/runtime/formats/npy.js';
import { expectEqualRuns, type ORT_LEVELS } from './equal-runs.js';
import { hasShared, shared, sharedPath } from './fixtures.js';

const FOLDER = 'golden/ti-ptq';

/** Decibels of the wrapper's results on the test inputs, by variant; null where it fails. */
type Figures = Readonly<Record<string, { readonly sqnr_db?: number | null }>>;

/** What is expected of the reference networks at one width of the weights. */
export interface ReferenceBar {
  readonly bits: Bits;
  readonly levels: readonly (typeof ORT_LEVELS)[number][];
  /** Variants of the wrapper whose figure is the bar; the first one that has a figure. */
  readonly bars: readonly string[];
  /** How far above the bar the median of the cases is at least, in dB. */
  readonly median: number;
}

const names = hasShared(FOLDER)
  ? readdirSync(sharedPath(FOLDER), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  : [];

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;

/** Tests of every reference network: it compiles to what ONNX Runtime computes, and is as good as what the TI wrapper makes of it. */
export function describeReferenceNetworks(expected: readonly ReferenceBar[]): void {
  describe.skipIf(names.length === 0)('reference networks with what the TI wrapper made of them', () => {
    describe.each(expected)('with $bits-bit weights', ({ bits, levels, bars, median: least }) => {
      const gains = new Map<string, number>();

      it.each(names)(
        '%s is what ONNX Runtime computes, no worse than the wrapper',
        { timeout: 60_000 },
        async (name) => {
          const file = (part: string): Uint8Array => shared(`${FOLDER}/${name}/${part}`);
          const { bytes, summary, quantised } = await compileModel(file('float.onnx'), {
            target: 'f28p55',
            model: name,
            samples: decodeNpy(file('calib.npy')),
            weightBits: bits,
            verify: bits === 8,
          });
          expect(checkHardware(quantised)).toEqual([]);
          expect(summary.layers.filter(({ exactInFloat32 }) => exactInFloat32 === false)).toEqual([]);

          const results = await expectEqualRuns(
            { bytes, quantised },
            new Map([['input', decodeNpy(file('test_x.npy'))]]),
            levels,
          );
          const [integers] = results.values();
          const agreement = new Agreement();
          agreement.add(numberData(decodeNpy(file('float.out.npy'))) ?? [], integers ?? [], summary.outputs[0]?.scale);
          const { ti } = JSON.parse(new TextDecoder().decode(file('meta.json'))) as { readonly ti: Figures };
          const bar = bars.map((variant) => ti[variant]?.sqnr_db).find((figure) => typeof figure === 'number');
          if (typeof bar !== 'number') return;
          gains.set(name, agreement.sqnrDb - bar);
          expect(agreement.sqnrDb).toBeGreaterThanOrEqual(bar);
        },
      );

      it(`is at least ${least} dB above the wrapper in the median`, () => {
        expect(gains.size).toBeGreaterThan(names.length / 2);
        expect(median([...gains.values()])).toBeGreaterThanOrEqual(least);
      });
    });
  });
}
