import { activationType } from '../../src/ir/ops/quantised/operators.js';
import { numberData } from '../../src/ir/tensor.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../src/backends/tinpu/dialect.js';
import type { Kernel } from '../../src/runtime/kernel.js';
import type { RuleDialect } from './rules.js';

/** clip(x / scale, lo, hi), rounded half up in float64: what the integers that a q.Quantize is lowered to stand for. */
const quantize: Kernel = (node, [x], arena) => {
  const lo = node.attrs.int('lo');
  const hi = node.attrs.int('hi');
  const scale = node.attrs.float('scale');
  const result = arena.tensor(activationType(lo, hi), x?.dims ?? []);
  const from = (x && numberData(x)) ?? [];
  for (const [i, value] of Array.from(from).entries()) {
    result.data[i] = Math.min(hi, Math.max(lo, Math.floor(value / scale + 0.5)));
  }
  return [result];
};

/** The quantised dialect, in which the marker q.Quantize can be run as well. */
export const TINPU_RULES: RuleDialect = {
  operators: TINPU_OPERATORS,
  kernels: new Map([...TINPU_KERNELS, ['q.Quantize', quantize]]),
};
