import { uniformSource } from '../../src/ir/random.js';

/**
 * IR text of a random graph over vectors of four elements whose operators are of every kind that the split into integers
 * and islands of float tells apart; the same for the same seed everywhere.
 */
export function randomDomains(seed: number, nodes: number): string {
  const next = uniformSource(seed);
  const below = (n: number): number => Math.floor(((next() + 1) / 2) * n);
  const lines = [
    'graph "g"',
    'input %a: float32[N,4]',
    'input %b: float32[N,4]',
    'const %w: float32[4,4] = random 1',
    'const %c: float32[4] = random 2',
    'const %zero: float32[] = [0]',
  ];
  const labels = ['a', 'b'];
  // Mostly what was computed last, so that chains form.
  const source = (): string => `%${labels[Math.max(0, labels.length - 1 - Math.min(below(5), below(5)))] ?? 'a'}`;
  const calls: readonly (() => string)[] = [
    () => `Gemm(${source()}, %w)`,
    () => `Sigmoid(${source()})`,
    () => `Mul(${source()}, ${source()})`,
    () => `Flatten(${source()}) {axis = 1}`,
    () => `Max(${source()}, ${source()})`,
    () => `Add(${source()}, ${source()})`,
    () => `Add(${source()}, %c)`,
    () => `Clip(${source()}, %zero)`,
  ];
  for (let i = 0; i < nodes; i++) {
    const call = calls[below(calls.length)]?.() ?? '';
    lines.push(`%v${i} = ${call}`);
    labels.push(`v${i}`);
    if (below(6) === 0) lines.push(`output "v${i}" = %v${i}`);
  }
  return [...lines, `output "last" = %v${nodes - 1}`].join('\n');
}
