import type { Diagnostic } from '../../ir/diagnostics.js';
import type { RequantisationSummary } from '../summary.js';

/** Costs below this are those of float32 rounding. */
const NOTABLE_DB = 0.05;

/** Says of every tensor what became of its scale and of the weights in front of it, and what that is expected to cost. */
export function reportAccount(
  account: readonly RequantisationSummary[],
  report: (diagnostic: Diagnostic) => void,
): void {
  report(overview(account));
  for (const entry of account) {
    const changes = [...zeroPointChanges(entry), ...weightChanges(entry), ...scaleChanges(entry)];
    if (changes.length === 0) continue;
    const cost = entry.expectedCostDb ?? 0;
    report({
      code: 'requantised',
      severity: 'info',
      message: `'${entry.tensor}': ${changes.join('; ')}${cost >= NOTABLE_DB ? `; the expected cost is ${cost.toFixed(1)} dB` : ''}`,
      at: { value: entry.tensor },
    });
  }
}

function overview(account: readonly RequantisationSummary[]): Diagnostic {
  const weights = account.flatMap((entry) => entry.weights ?? []);
  const total = (count: (entry: (typeof weights)[number]) => number): number =>
    weights.reduce((sum, entry) => sum + count(entry), 0);
  const trained = account.filter((entry) => entry.trained !== null);
  const same = trained.filter(({ trained: grid, scale }) => grid !== null && isSame(grid.scale, scale));
  const channels = total((entry) => entry.channels);
  return {
    code: 'retargeted',
    severity: 'info',
    message:
      `the model was quantised before: ${same.length} of ${trained.length} trained scales of activations stay, and ` +
      `${total((entry) => entry.kept)} of ${channels} output channels keep the integers of their weights`,
    ...(channels > total((entry) => entry.kept) && {
      hint: 'scales that are powers of two, or weights of 4 bits, keep all integers on this hardware',
    }),
  };
}

const isSame = (a: number, b: number): boolean => Math.abs(a / b - 1) < 1e-6;

function weightChanges({ weights }: RequantisationSummary): string[] {
  if (weights === null || weights.kept === weights.channels) return [];
  const { kept, channels, sqnrDb } = weights;
  const changed = weights.scale.flatMap((scale, c) => {
    const from = weights.trainedScale[c];
    return from === null || from === undefined || isSame(from, scale) ? [] : [{ from, scale }];
  });
  const [worst] = changed.toSorted((a, b) => b.scale / b.from - a.scale / a.from);
  const example =
    worst === undefined ? '' : `, a scale of ${worst.from.toPrecision(4)} becoming ${worst.scale.toPrecision(4)}`;
  const ratio = sqnrDb === null ? '' : `, ${sqnrDb.toFixed(1)} dB above the error`;
  return [
    `${kept} of ${channels} channels keep the integers of their weights, the others are rounded anew${example}${ratio}`,
  ];
}

function zeroPointChanges({ trained, offset }: RequantisationSummary): string[] {
  if (trained === null || offset === 0) return [];
  return [
    `its integers stand for real numbers larger by ${offset.toPrecision(4)}, which biases make up for, as the zero point ` +
      `${trained.zeroPoint} becomes 0`,
  ];
}

function scaleChanges({ trained, scale, bits, offset, obstacle }: RequantisationSummary): string[] {
  if (trained === null || isSame(trained.scale, scale)) return [];
  const reason = obstacle === null ? '' : ` and cannot be folded into biases because ${obstacle}`;
  const zeroPoint =
    trained.zeroPoint === 0 || offset !== 0 ? '' : ` and the zero point ${trained.zeroPoint} becomes 0${reason}`;
  const width = trained.bits === bits ? '' : ` of ${trained.bits} bits`;
  return [`the scale ${trained.scale.toPrecision(4)}${width} becomes ${scale.toPrecision(4)}${zeroPoint}`];
}
