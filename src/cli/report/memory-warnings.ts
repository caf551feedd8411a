import type { Diagnostic } from '../../ir/diagnostics.js';
import type { MemorySummary } from '../../backends/summary.js';
import type { Target } from '../../backends/targets.js';
import { formatBytes } from '../text/format.js';

/** Says when weights or activations alone are more than the device holds. */
export function memoryWarnings(memory: MemorySummary, { name, flashKb, ramKb }: Target): Diagnostic[] {
  const warning = (code: string, message: string, hint: string): Diagnostic => {
    return { code, severity: 'warning', message, hint };
  };
  const warnings: Diagnostic[] = [];
  if (flashKb !== undefined && memory.weightBytes > flashKb * 1024) {
    const message = `the weights take ${formatBytes(memory.weightBytes)}, but ${name} has ${flashKb} KB of flash`;
    warnings.push(warning('flash-exceeded', message, 'make the model smaller, or choose a larger device'));
  }
  if (ramKb !== undefined && memory.peakActivationBytes > ramKb * 1024) {
    const found = formatBytes(memory.peakActivationBytes);
    const message = `the activations take ${found} at their peak, but ${name} has ${ramKb} KB of RAM`;
    warnings.push(warning('ram-exceeded', message, 'shorten the input, stride earlier, or choose a larger device'));
  }
  return warnings;
}
