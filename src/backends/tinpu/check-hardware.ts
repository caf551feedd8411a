import { opName, type Graph, type Node } from '../../ir/graph.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import { accumulatorOf, isPool, sourceOf } from './accumulators.js';
import { MAX_AFFINE_SCALE, MAX_BIAS_4, MAX_BIAS_8, MAX_SCALE, MAX_SHIFT } from './arithmetic.js';

/** A constraint of the NPU that a node breaks, as a sentence. */
export interface HardwareViolation {
  readonly node: Node;
  readonly message: string;
}

const LEGAL_CLIPS: ReadonlySet<string> = new Set(['-128…127', '0…255', '-8…7', '0…15', '-2…1', '0…3']);

/**
 * Checks every integer of a lowered graph against the widths of spec 1.1, 1.2 and 1.4, independently of how it was chosen.
 */
export function checkHardware(graph: Graph): HardwareViolation[] {
  return graph.nodes.flatMap((node) => {
    if (opName(node) === 'q.Bnorm') return checkBnorm(node);
    if (opName(node) === 'q.InputNorm') return checkInputNorm(node);
    return [];
  });
}

function checkBnorm(node: Node): HardwareViolation[] {
  const [accumulator, bias, scale, shift] = node.inputs;
  const sum = accumulator && sourceOf(accumulator);
  const pool = sum !== undefined && isPool(sum);
  const [maxBias, maxScale] = pool ? [MAX_BIAS_4, MAX_SCALE] : [MAX_BIAS_8, 1];
  const interval = accumulatorOf(node);
  return [
    ...within(node, 'bias', bias?.constant, -maxBias - 1, maxBias),
    ...within(node, 'scale', scale?.constant, pool ? 0 : 1, maxScale),
    ...within(node, 'shift', shift?.constant, 0, MAX_SHIFT),
    ...clipViolation(node),
    ...(interval !== undefined && (interval.max > 2 ** 31 - 1 || interval.min < -(2 ** 31))
      ? [{ node, message: `the accumulator reaches ${interval.min} … ${interval.max}, 32 bits hold ±2147483647` }]
      : []),
  ];
}

function checkInputNorm(node: Node): HardwareViolation[] {
  const [, bias, multiplier, shift] = node.inputs;
  const offsets = bias?.constant && numberData(bias.constant);
  return [
    ...(offsets?.every(Number.isFinite) === true
      ? []
      : [{ node, message: 'the values are so large, or so small, that the constants of the input sequence overflow' }]),
    ...within(node, 'input multiplier', multiplier?.constant, -MAX_AFFINE_SCALE, MAX_AFFINE_SCALE),
    ...within(node, 'shift', shift?.constant, 0, MAX_SHIFT),
    ...clipViolation(node),
  ];
}

function within(
  node: Node,
  what: string,
  tensor: Tensor | undefined,
  least: number,
  most: number,
): HardwareViolation[] {
  const data = tensor && numberData(tensor);
  if (data === undefined) return [{ node, message: `the ${what} is not constant` }];
  const broken = data.findIndex((item) => !Number.isInteger(item) || item < least || item > most);
  if (broken < 0) return [];
  return [
    { node, message: `${what} ${data[broken] ?? NaN} of channel ${broken} is not an integer in ${least} … ${most}` },
  ];
}

function clipViolation(node: Node): HardwareViolation[] {
  const range = `${node.attrs.int('lo')}…${node.attrs.int('hi')}`;
  return LEGAL_CLIPS.has(range)
    ? []
    : [{ node, message: `clip range ${range} is not that of an 8-, 4- or 2-bit integer` }];
}
