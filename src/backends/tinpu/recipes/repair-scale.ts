import type { Diagnostic } from '../../../ir/diagnostics.js';
import type { QuantisationPoint } from '../roles.js';
import { largestScale } from './range-scale.js';

/**
 * The scale of a point, raised to `least` where a multiplier would leave the hardware's range (spec 1.2, "m > 1"); the
 * change is reported with its cost in resolution.
 */
export function repairScale(
  point: QuantisationPoint,
  { wanted, least, signed }: { readonly wanted: number; readonly least: number; readonly signed: boolean },
  report: (diagnostic: Diagnostic) => void,
): number {
  if (wanted >= least) return wanted;
  const [origin] = point.node?.origins ?? [];
  const at = origin ? { nodeIndex: origin.index, node: origin.name, op: origin.op } : { value: point.value.name };
  const { cause, remedy } = CAUSES[point.kind];
  const needed = (least / wanted).toPrecision(4);
  if (least > largestScale(signed, point.bounds) * (1 + 1e-9)) {
    report({
      code: 'bounds-unreachable',
      severity: 'error',
      message:
        `${cause}, so the scale is at least ${least.toPrecision(4)}, at which 8-bit integers no longer saturate ` +
        `at the upper bound ${point.bounds?.max ?? Infinity} of the activation`,
      at,
      hint: `replace the bounded activation by Relu, or ${remedy}`,
    });
    return least;
  }
  report({
    code: 'scale-raised',
    severity: 'warning',
    message:
      `the scale of '${point.value.name}' is raised from ${wanted.toPrecision(4)} to ${least.toPrecision(4)}, ` +
      `${needed} times as much, because ${cause}; its values use ${(255 * (wanted / least)).toFixed(0)} of 255 steps`,
    at,
    hint: remedy,
  });
  return least;
}

const INPUT = {
  cause: 'the multiplier of the input sequence has at most 12 bits',
  remedy: 'scale the data up before they enter the model',
};

/** Why the scale of a kind of point cannot be smaller, and what to do about it. */
const CAUSES: Readonly<Record<QuantisationPoint['kind'], { readonly cause: string; readonly remedy: string }>> = {
  input: INPUT,
  affine: INPUT,
  layer: {
    cause: 'the largest weight would need a multiplier above 1, the most that 8-bit weights allow',
    remedy:
      'check the training of this layer: one channel has far larger weights, or far smaller outputs, than the others',
  },
  pool: {
    cause: 'the mean would need a multiplier above 255, the most that a pool allows',
    remedy: 'check whether the averages of this layer, all close to 0, mean anything',
  },
  tail: {
    cause: 'the multiplier that turns real numbers into integers has at most 12 bits',
    remedy: 'ask for real numbers at the output (--output float)',
  },
};
