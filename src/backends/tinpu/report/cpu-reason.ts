import { islandReason, type Island } from '../../report/islands.js';

/**
 * Why an operator that is part of no layer pattern runs on the CPU (spec 2.1).
 * @param op the operator as the report calls it
 */
export function cpuReason(op: string, island: Pick<Island, 'dequantised' | 'quantised'> | undefined): string {
  if (island !== undefined) return islandReason(island);
  if (op === 'Add') return 'integer addition on the CPU: the NPU adds only directly behind a 1x1 convolution';
  return `${op} runs on the CPU`;
}
