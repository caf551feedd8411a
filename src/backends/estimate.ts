import type { EstimateSummary, LayerSummary, TotalsSummary } from './summary.js';
import type { Target } from './targets.js';

/**
 * Cycles of one operation, between the two networks of one structure each that TI measured as whole inferences (spec 2.4):
 * 1.05 and 1.24 cycles for a multiply-accumulate on the NPU of F28P55x, 12.3 and 12.4 on its C28x core.
 */
const NPU_CYCLES = 1.15;
const CPU_CYCLES = 12.3;

const MEASURED_ON = 'f28p55';

/** Multiply-accumulates of all layers, and the NPU's share of them. */
export function totalsOf(layers: readonly LayerSummary[]): TotalsSummary {
  const macs = sum(layers.map((layer) => layer.macs));
  const npuMacs = sum(layers.filter(({ placement }) => placement === 'npu').map((layer) => layer.macs));
  return { macs, npuMacs, npuShare: macs === 0 ? null : npuMacs / macs };
}

/**
 * A first estimate of one inference: measured cycles for each multiply-accumulate, the same for each element of a layer
 * that has none (a comparison, an addition or a move costs about what a multiplication does). Good for the order of
 * magnitude. There are no figures for CDE instructions, for cores that nothing was measured on, nor for what is no device.
 */
export function estimateLatency(layers: readonly LayerSummary[], target: Target): EstimateSummary {
  const { name, accelerator, clockMhz, core } = target;
  const nothing = (basis: string): EstimateSummary => ({ cycles: null, milliseconds: null, basis });
  if (name === 'tinpu' || name === 'generic') return nothing(`${name} is no device`);
  if (accelerator === 'cde') return nothing(`no measurement of CDE instructions is known, which ${name} computes with`);
  if (accelerator === 'none' && core !== 'C28x') return nothing(`no measurement on the core of ${name} is known`);
  const cycles = Math.round(
    sum(layers.map(({ placement, operations }) => operations * (placement === 'npu' ? NPU_CYCLES : CPU_CYCLES))),
  );
  const rates = `${NPU_CYCLES} cycles a MAC on the NPU, ${CPU_CYCLES} on the CPU`;
  const basis =
    name === MEASURED_ON
      ? `${rates}, from two networks measured on F28P55x`
      : `${rates}, carried over from F28P55x${core === undefined ? '' : ` to ${core}`}`;
  if (clockMhz === undefined) return { cycles, milliseconds: null, basis: `${basis}; the clock is not known` };
  return { cycles, milliseconds: cycles / (clockMhz * 1000), basis };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
