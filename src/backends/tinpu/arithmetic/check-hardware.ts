import { bitsOf } from '../../../ir/dtype.js';
import { isGraphOutput, opName, type Graph, type Node } from '../../../ir/graph.js';
import { numberData, type Tensor } from '../../../ir/tensor.js';
import { accumulatorOf, sourceOf } from './accumulators.js';
import { MAX_AFFINE_SCALE, MAX_BIAS_4, MAX_BIAS_8, MAX_SCALE, MAX_SHIFT } from './requantisation.js';
import { weightLimit } from '../../quantisation.js';

/** A constraint of the NPU that a node breaks, as a sentence. */
export interface HardwareViolation {
  readonly node: Node;
  readonly message: string;
}

const LEGAL_CLIPS: ReadonlySet<string> = new Set(['-128…127', '0…255', '-8…7', '0…15', '-2…1', '0…3']);

/** Range of a requantisation to which a residual is added before the sum is clipped (BNORMRES, spec 1.2). */
const RESIDUAL_CLIP = '-512…511';

/**
 * Checks every integer of a lowered graph against the widths of spec 1.1, 1.2 and 1.4, independently of how it was chosen.
 */
export function checkHardware(graph: Graph): HardwareViolation[] {
  return graph.nodes.flatMap((node) => {
    switch (opName(node)) {
      case 'q.Bnorm':
        return checkBnorm(node, graph);
      case 'q.InputNorm':
        return checkInputNorm(node);
      case 'q.Conv':
      case 'q.ConvTranspose':
      case 'q.MatMul':
        return checkWeights(node);
      case 'q.Add':
        return clipViolation(node);
      default:
        return [];
    }
  });
}

function checkBnorm(node: Node, graph: Graph): HardwareViolation[] {
  const [accumulator, bias, scale, shift] = node.inputs;
  const sum = accumulator && sourceOf(accumulator);
  const narrow = sum !== undefined && hasNarrowWeights(sum);
  const [maxBias, maxScale] = narrow ? [MAX_BIAS_4, MAX_SCALE] : [MAX_BIAS_8, 1];
  const interval = accumulatorOf(node);
  return [
    ...within(node, 'bias', bias?.constant, -maxBias - 1, maxBias),
    ...within(node, 'scale', scale?.constant, narrow ? 0 : 1, maxScale),
    ...within(node, 'shift', shift?.constant, 0, MAX_SHIFT),
    ...(rangeText(node) === RESIDUAL_CLIP && isResidual(node, graph) ? [] : clipViolation(node)),
    ...(interval !== undefined && (interval.max > 2 ** 31 - 1 || interval.min < -(2 ** 31))
      ? [{ node, message: `the accumulator reaches ${interval.min} … ${interval.max}, 32 bits hold ±2147483647` }]
      : []),
  ];
}

/** Whether the second row of the table of spec 1.2 applies: weights of 4 or 2 bits, as the ones of a pool are. */
const hasNarrowWeights = (sum: Node): boolean =>
  opName(sum) === 'q.GlobalSum' || (sum.domain === 'q' && bitsOf(sum.inputs[1]?.type.dtype ?? 'int8') < 8);

/** Whether nothing reads the integers but residual sums, which clip them to 8 bits. */
function isResidual({ outputs: [result] }: Node, graph: Graph): boolean {
  if (result === undefined || isGraphOutput(graph, result)) return false;
  return [...result.uses].every(({ node }) => opName(node) === 'q.Add');
}

/** Weights are symmetric: their type's smallest value is left out (spec 1.1). */
function checkWeights(node: Node): HardwareViolation[] {
  const weight = node.inputs[1];
  if (weight === undefined) return [];
  const limit = weightLimit(bitsOf(weight.type.dtype));
  const data = weight.constant && numberData(weight.constant);
  if (data === undefined) return [{ node, message: 'the weights are not constant' }];
  const broken = data.findIndex((item) => Math.abs(item) > limit);
  if (broken < 0) return [];
  const bits = bitsOf(weight.type.dtype);
  return [{ node, message: `weight ${data[broken] ?? NaN} at ${broken} is not in -${limit} … ${limit}, ${bits} bits` }];
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

const rangeText = ({ attrs }: Node): string => `${attrs.int('lo')}…${attrs.int('hi')}`;

function clipViolation(node: Node): HardwareViolation[] {
  const range = rangeText(node);
  return LEGAL_CLIPS.has(range)
    ? []
    : [{ node, message: `clip range ${range} is not that of an 8-, 4- or 2-bit integer` }];
}
