import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import type { Bits } from '../../../src/backends/quantisation.js';
import { openModel } from '../../../src/backends/run.js';
import { BENCH_CASES, decibels, METRICS, numbersOf, readBenchCase, type BenchMeta } from '../../support/bench-cases.js';

const WIDTHS: readonly Bits[] = [8, 4, 2];

/** Figures of the wrapper are rounded to 4 decimals, those in dB to 2. */
const rounding = (task: BenchMeta['task']): number => (task === 'none' ? 0.005 : 0.00005);

describe.skipIf(BENCH_CASES.length === 0)('trained networks on real data', () => {
  describe.each(BENCH_CASES)('%s', (name) => {
    it.each(WIDTHS)('is no worse than what the wrapper makes of it at %i bits', { timeout: 240_000 }, async (bits) => {
      const { meta, model: real32, calibration, tests, labels } = readBenchCase(name);
      const { bytes } = await compileModel(real32, {
        target: 'f28p55',
        model: name,
        samples: calibration,
        weightBits: bits,
        output: 'float',
      });
      const feeds = new Map([[meta.input.name, tests]]);
      const [real, results] = [real32, bytes].map((model) => {
        const [result] = openModel(model).run(feeds).values();
        return result === undefined ? [] : numbersOf(result);
      });
      if (real === undefined || results === undefined) throw new RangeError('no results');
      expect(results).toHaveLength(real.length);
      const own = METRICS[meta.task]({ inputs: numbersOf(tests), labels, real, results });
      const wrapper = meta.results[`ti_w${bits}`];
      const bar = meta.task === 'none' ? wrapper?.sqnr_db : wrapper?.metric;
      // Where the wrapper fails, it is enough to compile; a network gone wrong has no more signal than error.
      if (typeof bar === 'number') expect(own).toBeGreaterThanOrEqual(bar - rounding(meta.task));
      else expect(decibels({ inputs: [], labels, real, results })).toBeGreaterThan(0);
    });
  });
});
