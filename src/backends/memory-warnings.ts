import type { Diagnostic } from '../ir/diagnostics.js';
import type { MemorySummary } from './summary.js';
import type { Target } from './targets.js';

/** Says when weights or activations alone are more than the device holds (spec 2.3). */
export function memoryWarnings(memory: MemorySummary, { name, flashKb, ramKb }: Target): Diagnostic[] {
  const warning = (code: string, message: string, hint: string): Diagnostic => {
    return { code, severity: 'warning', message, hint };
  };
  const warnings: Diagnostic[] = [];
  if (flashKb !== undefined && memory.weightBytes > flashKb * 1024) {
    const message = `the weights take ${kilobytes(memory.weightBytes)}, but ${name} has ${flashKb} KB of flash`;
    warnings.push(warning('flash-exceeded', message, 'make the model smaller, or choose a larger device'));
  }
  if (ramKb !== undefined && memory.peakActivationBytes > ramKb * 1024) {
    const found = kilobytes(memory.peakActivationBytes);
    const message = `the activations take ${found} at their peak, but ${name} has ${ramKb} KB of RAM`;
    warnings.push(warning('ram-exceeded', message, 'shorten the input, stride earlier, or choose a larger device'));
  }
  return warnings;
}

/** In units of 1024 bytes, rounded up so that an excess is never rounded away. */
const kilobytes = (bytes: number): string => `${(Math.ceil((bytes / 1024) * 10) / 10).toFixed(1)} KB`;
