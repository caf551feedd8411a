import type { Diagnostic, Location } from '../../../ir/diagnostics.js';
import type { Quantisation } from '../../../ir/graph.js';
import { leadingOrigin } from '../../report/layer-name.js';
import type { QuantisationPoint } from '../split/roles.js';
import { saturationComplaint } from './saturation.js';

type Report = (diagnostic: Diagnostic) => void;

/** Says that a scale was raised from `wanted` to `scale` because of what the point needs, and what it costs. */
export function reportRaise(point: QuantisationPoint, wanted: number, scale: number, report: Report): void {
  if (scale <= wanted) return;
  const { cause, remedy } = CAUSES[point.kind];
  const names = point.group.points.map(({ value }) => `'${value.name}'`).join(', ');
  report({
    code: 'scale-raised',
    severity: 'warning',
    message:
      `the scale of ${names} is raised from ${wanted.toPrecision(4)} to ${scale.toPrecision(4)}, ` +
      `${(scale / wanted).toPrecision(4)} times as much, because ${cause(point)}; ` +
      `it costs ${decibels(scale / wanted)} dB of resolution`,
    at: locationOf(point),
    hint: remedy,
  });
}

/** Says that no scale satisfies a layer, whose largest weights therefore saturate. */
export function reportSaturation(point: QuantisationPoint, report: Report): void {
  report({
    code: 'weights-saturate',
    severity: 'warning',
    message:
      `the largest weights of '${point.value.name}' saturate: around its skip connection every scale that is large ` +
      'enough for them asks for a larger one',
    at: locationOf(point),
    hint: 'check the training of the layers between the ends of this skip connection: together they amplify too much',
  });
}

/** Says that the bounds of an activation are kept by an operation of its own, where saturation cannot stand for them. */
export function reportBound(point: QuantisationPoint, grid: Quantisation, report: Report): void {
  const complaint = point.bounds && saturationComplaint(point.bounds, grid);
  if (point.bounds === undefined || complaint === undefined) return;
  report({
    code: 'bound-by-clip',
    severity: 'info',
    message:
      `the bounds ${point.bounds.min} … ${point.bounds.max} of '${point.value.name}' are kept by a Clip on the CPU: ` +
      `at the scale ${grid.scale.toPrecision(4)} ${complaint}`,
    at: locationOf(point),
    hint: 'use Relu instead of a bounded activation where the layer shall run on the NPU alone',
  });
}

const decibels = (ratio: number): string => (20 * Math.log10(ratio)).toFixed(1);

function locationOf({ node, value }: QuantisationPoint): Location {
  const origin = node && leadingOrigin(node);
  return origin ? { nodeIndex: origin.index, node: origin.name, op: origin.op } : { value: value.name };
}

interface Cause {
  readonly cause: (point: QuantisationPoint) => string;
  readonly remedy: string;
}

const INPUT: Cause = {
  cause: () => 'the multiplier of the input sequence has at most 12 bits',
  remedy: 'scale the data up before they enter the model',
};

/** Why the scale of a kind of point cannot be smaller, and what to do about it. */
const CAUSES: Readonly<Record<QuantisationPoint['kind'], Cause>> = {
  input: INPUT,
  affine: INPUT,
  layer: {
    cause: ({ value, weightBits }) =>
      weightBits === 8
        ? `the largest weight of '${value.name}' would need a multiplier above 1, the most that 8-bit weights allow`
        : `the largest weight of '${value.name}' would need a multiplier above 255, the most that ${weightBits}-bit weights allow`,
    remedy:
      'check the training of this layer: one channel has far larger weights, or far smaller outputs, than the others',
  },
  pool: {
    cause: () => 'the mean would need a multiplier above 255, the most that a pool allows',
    remedy: 'check whether the averages of this layer, all close to 0, mean anything',
  },
  add: { cause: () => 'its operands share the scale', remedy: 'check the training of the layers that are added' },
  island: {
    cause: () => 'the multiplier that turns real numbers into integers has at most 12 bits',
    remedy: 'ask for real numbers at the output (--output float)',
  },
};
