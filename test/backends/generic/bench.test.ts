import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import { openModel } from '../../../src/backends/run.js';
import { BENCH_CASES, decibels, METRICS, numbersOf, readBenchCase } from '../../support/bench-cases.js';
import { runInOrt } from '../../support/ort-session.js';

const BASELINES = ['ort_minmax', 'ort_percentile'] as const;

/** Metrics of the references are published to 3 decimals: a metric below by less than half of one is the same figure. */
const METRIC_ROUNDING = 0.0005;

/** Figures of the references are rounded to 2 decimals. */
const ROUNDING = 0.005;

describe.skipIf(BENCH_CASES.length === 0)('trained networks on real data, as QDQ models', () => {
  it.each(BENCH_CASES)('%s is at least what ONNX Runtime quantises', { timeout: 240_000 }, async (name) => {
    const { meta, model, calibration, tests, labels } = readBenchCase(name);
    const { bytes } = await compileModel(model, { target: 'generic', model: name, samples: calibration });
    const feeds = new Map([[meta.input.name, tests]]);
    const [float] = openModel(model).run(feeds).values();
    const [own] = openModel(bytes).run(feeds).values();
    const [theirs] = (await runInOrt(bytes, feeds)).values();
    if (float === undefined || own === undefined || theirs === undefined) throw new RangeError('no results');
    const baselines = BASELINES.map((column) => meta.results[column]);
    const sqnr = Math.max(...baselines.map((baseline) => baseline?.sqnr_db ?? -Infinity));
    const metric = Math.max(...baselines.map((baseline) => baseline?.metric ?? -Infinity));
    // Few ties fall to the other side in ONNX Runtime, but each moves others in the layers behind: both must reach the bar.
    for (const results of [numbersOf(own), numbersOf(theirs)]) {
      const outcome = { inputs: numbersOf(tests), labels, real: numbersOf(float), results };
      expect(decibels(outcome)).toBeGreaterThan(sqnr - ROUNDING);
      if (meta.task !== 'none') expect(METRICS[meta.task](outcome)).toBeGreaterThan(metric - METRIC_ROUNDING);
    }
  });
});
