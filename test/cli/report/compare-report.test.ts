import { describe, expect, it } from 'vitest';
import { compareReport } from '../../../src/cli/report/compare-report.js';
import type { CompareSummary } from '../../../src/cli/report/compare-summary.js';
import { PLAIN } from '../../../src/cli/text/style.js';

type Layer = CompareSummary['layers'][number];
const LAYER: Layer = {
  name: '/conv',
  tensor: 'c',
  source: ['/conv'],
  sqnrDb: 30.04,
  cosine: 1,
  maxAbsDiff: 1,
  inheritedSqnrDb: Infinity,
  damage: 0.001,
  parts: { weights: 0.25, rounding: 0.75, saturation: 0 },
  cause: 'rounding',
  saturatedFraction: 0,
  scale: 1,
  fitted: false,
  activationBits: 8,
  weightBits: 4,
  advice: null,
};
const SUMMARY: CompareSummary = {
  version: '1',
  float: 'f.onnx',
  quantised: 'q.onnx',
  referenceKind: 'float',
  kind: 'float',
  samples: 1,
  outputs: [
    {
      name: 'y',
      elements: 2,
      sqnrDb: 41.26,
      cosine: 0.5,
      maxAbsDiff: 0.25,
      top1Agreement: 0.5,
      top5Agreement: null,
      scale: 1,
      fitted: false,
    },
  ],
  metric: null,
  layerSamples: 1,
  layers: [],
  runtime: null,
  runtimeWanted: false,
  engines: [],
  bars: [],
  passed: true,
  diagnostics: [],
  seconds: 1,
};
const lines = (change: Partial<CompareSummary>): string[] =>
  compareReport({ ...SUMMARY, ...change }, { style: PLAIN, columns: 160 });
const lineOf = (start: string, change: Partial<CompareSummary>): string | undefined =>
  lines(change).find((line) => line.trim().startsWith(start));

describe('compareReport', () => {
  it('names both models and has a row for each output', () => {
    expect(lines({})[0]).toMatch(/^q\.onnx \(float\) against f\.onnx \(float\): 1 sample in /);
    expect(
      lineOf('y ', {})
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(['y', '41.3', '0.500000', '0.25', '50.0 %', '–']);
  });

  it('says exact where nothing differs, and a dash for what is not defined', () => {
    const [output] = SUMMARY.outputs;
    const row = (sqnrDb: number): string | undefined =>
      lineOf('y ', { outputs: output === undefined ? [] : [{ ...output, sqnrDb, cosine: NaN }] });
    expect(row(Infinity)).toMatch(/^\s*y\s+exact\s+–/);
    expect(row(NaN)).toMatch(/^\s*y\s+–\s+–/);
  });

  it('tells of a layer what it inherits, what it adds and by what', () => {
    const layer = { ...LAYER, saturatedFraction: 0.125 };
    expect(
      lineOf('/conv ', { layers: [layer] })
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(
      // 10 · log10(0.001) is -30.
      ['/conv', '4', '8', '30.0', 'exact', '-30.0', '25 %', '75 %', '0 %', '12.5 %'],
    );
    const none: Layer = { ...LAYER, damage: -0.5, weightBits: null };
    expect(
      lineOf('/conv ', { layers: [none] })
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(['/conv', '–', '8', '30.0', 'exact', 'nothing', '–', '–', '–', '–']);
  });

  it('tells the five worst layers what would help, and none that does no damage', () => {
    const advice = { flag: '--bits /conv=8', gainDb: 6.02, reason: 'its weights round' };
    const told = (layers: readonly Layer[]): number =>
      lines({ layers }).join('\n').split('--bits /conv=8: its').length - 1;
    expect(told(Array<Layer>(7).fill({ ...LAYER, advice }))).toBe(5);
    expect(told([{ ...LAYER, advice, damage: 0 }])).toBe(0);
    expect(lines({ layers: [{ ...LAYER, advice }] }).join('\n')).toContain(', 6.0 dB less error of its own');
    expect(lines({ layers: [LAYER] }).join('\n')).toContain('mostly rounding of the result; no option takes');
  });

  it('tells the metric of both models, and where engines differ', () => {
    const metric = {
      name: 'accuracy',
      output: 'y',
      float: 0.875,
      quantised: 0.75,
      floatTop5: 1,
      quantisedTop5: null,
    } as const;
    const text = lines({
      metric,
      engines: [
        { engines: ['float', 'integers'], elements: 80, differing: 3, largest: 2 },
        { engines: ['integers', 'runtime'], elements: 80, differing: 0, largest: 0 },
      ],
    }).join('\n');
    expect(text).toContain('75.0 %, float model 87.5 %');
    expect(text).toContain('among the five largest: not defined, float model 100');
    expect(text).toContain('float model and interpreter differ in 3 of 80 results, by up to 2 steps');
    const once = { engines: ['float', 'runtime'], elements: 80, differing: 1, largest: 1 } as const;
    expect(lines({ engines: [once] }).join('\n')).toMatch(/differ in 1 of 80 results, by up to 1 step$/m);
    expect(text).toMatch(/interpreter and ONNX Runtime differ in 0 of 80 results$/m);
  });

  it('says that ONNX Runtime is missing only where it was wanted', () => {
    expect(lines({ runtimeWanted: true }).join('\n')).toContain('onnxruntime-node is not installed here');
    expect(lines({ runtimeWanted: false }).join('\n')).not.toContain('onnxruntime-node');
    expect(lines({ runtimeWanted: true, runtime: '1.20' }).join('\n')).not.toContain('onnxruntime-node');
  });

  it('tells of each bar whether it is met, in the unit of the bar', () => {
    const metric = {
      name: 'auc',
      output: 'y',
      float: 1,
      quantised: 0.75,
      floatTop5: null,
      quantisedTop5: null,
    } as const;
    const text = lines({
      metric,
      bars: [
        { bar: 'min-accuracy', least: 0.9, found: 0.75, met: false },
        { bar: 'min-sqnr', least: 40, found: 41.26, met: true },
        { bar: 'min-sqnr', least: 50, found: null, met: false },
      ],
    }).join('\n');
    expect(text).toContain('--min-accuracy 0.9: missed, 0.7500');
    expect(text).toContain('--min-sqnr 40: met, 41.3 dB');
    expect(text).toContain('--min-sqnr 50: missed, not measured');
  });

  it('lets no name drive the terminal', () => {
    expect(lines({ quantised: 'q\u001b[2J', layers: [{ ...LAYER, name: '\u001b[2J' }] }).join('')).not.toContain(
      '\u001b',
    );
  });
});
