import { describe, expect, it } from 'vitest';
import { estimateLatency, totalsOf } from '../../src/backends/estimate.js';
import type { LayerSummary } from '../../src/backends/summary.js';
import { findTarget } from '../../src/backends/targets.js';

const layer = (placement: 'npu' | 'cpu', macs: number, operations = macs): LayerSummary => ({
  name: 'layer',
  source: [],
  op: 'Conv',
  pattern: null,
  placement,
  reason: '',
  outputShape: [],
  macs,
  operations,
  island: null,
  weightBits: null,
  weightCount: 0,
  bytes: { weights: 0, bias: 0, scale: 0, shift: 0 },
  weightScale: [],
  inputScale: null,
  inputZeroPoint: null,
  outputScale: null,
  outputZeroPoint: null,
  shift: [],
  accumulator: null,
  bound: null,
  exactInFloat32: null,
  sqnrDb: null,
});

describe('totalsOf', () => {
  it('gives the share of the NPU', () => {
    expect(totalsOf([layer('npu', 300), layer('cpu', 100), layer('cpu', 0, 50)])).toEqual({
      macs: 400,
      npuMacs: 300,
      npuShare: 0.75,
    });
  });

  it('has no share of nothing', () => {
    expect(totalsOf([layer('cpu', 0)])).toEqual({ macs: 0, npuMacs: 0, npuShare: null });
  });
});

describe('estimateLatency', () => {
  const F28P55 = findTarget('f28p55')!;

  // Whole inferences that TI measured (spec 2.4): multiply-accumulates, cycles on the NPU, cycles on the CPU.
  it.each([
    [141_000, 147_650, 1_728_102],
    [80_900, 99_955, 1_004_648],
  ])('comes within 10 %% of what was measured for %d MACs', (macs, npu, cpu) => {
    for (const [placement, cycles] of [
      ['npu', npu],
      ['cpu', cpu],
    ] as const) {
      const estimate = estimateLatency([layer(placement, macs)], F28P55);
      expect(Math.abs((estimate.cycles ?? 0) / cycles - 1)).toBeLessThan(0.1);
      // 150 MHz.
      expect(estimate.milliseconds).toBeCloseTo((estimate.cycles ?? 0) / 150_000, 12);
      expect(estimate.basis).toContain('measured on F28P55x');
    }
  });

  it('counts the elements of layers without MACs', () => {
    const [bare, more] = [[layer('npu', 100)], [layer('npu', 100), layer('cpu', 0, 1000)]].map(
      (layers) => estimateLatency(layers, F28P55).cycles ?? 0,
    );
    expect((more ?? 0) - (bare ?? 0)).toBeGreaterThan(10_000);
  });

  it('says what is carried over, and to which core', () => {
    const estimate = estimateLatency([layer('npu', 80_000)], findTarget('mspm0g5187')!);
    expect(estimate.basis).toContain('carried over from F28P55x to Cortex-M0+');
    expect(estimate.milliseconds).toBeCloseTo((estimate.cycles ?? 0) / 80_000, 12);
  });

  it('gives cycles alone where the clock is not known', () => {
    const estimate = estimateLatency([layer('npu', 80_000)], findTarget('am13e2')!);
    expect(estimate.cycles).toBeGreaterThan(0);
    expect(estimate.milliseconds).toBeNull();
    expect(estimate.basis).toContain('the clock is not known');
  });

  it.each(['cc2755', 'am263', 'tinpu', 'generic'])('gives nothing for %s, where there is no basis', (name) => {
    const { cycles, milliseconds, basis } = estimateLatency([layer('cpu', 80_000)], findTarget(name)!);
    expect({ cycles, milliseconds }).toEqual({ cycles: null, milliseconds: null });
    expect(basis).toContain(name);
  });
});
