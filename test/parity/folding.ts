import { importModel } from '../../src/ir/onnx/import.js';
import { numberData } from '../../src/ir/tensor.js';
import type { Node, Value } from '../../src/ir/graph.js';

/** Half the distance of neighbouring float32 numbers, relatively: the largest error of one operation. */
const UNIT = 2 ** -24;

/**
 * By how much two float32 foldings of a BatchNormalization into one channel may differ: absolutely for the bias, relatively
 * for the weights.
 */
export interface FoldingError {
  readonly bias: number;
  readonly weight: number;
}

/**
 * For every Conv, Gemm and MatMul of a model with its BatchNormalization nodes in place, in order, the bound for each channel;
 * empty for a layer without one. Each side computes w · γ/√(σ²+ε) and t + β with t = (b - μ) · γ/√(σ²+ε): the sum under
 * the root, the root, the quotient, the difference and the product are five roundings of t, four of w, the last sum one of b'.
 */
export function foldingErrors(model: Uint8Array): FoldingError[][] {
  return importModel(model)
    .graph.nodes.filter(({ op }) => ['Conv', 'Gemm', 'MatMul'].includes(op))
    .map((layer) => {
      const norm = layer.outputs[0] && [...layer.outputs[0].uses].find(({ node }) => node.op === 'BatchNormalization');
      return norm === undefined ? [] : errorsOf(layer, norm.node);
    });
}

/** The same where only the folded biases are known, if no term of their sums is larger than the largest of them. */
export function assumedErrors(biases: ArrayLike<number>): FoldingError[] {
  const largest = Array.from(biases).reduce((most, bias) => Math.max(most, Math.abs(bias)), 0);
  return Array.from(biases, () => ({ bias: 2 * UNIT * 6 * largest, weight: 2 * UNIT * 4 }));
}

function errorsOf(layer: Node, norm: Node): FoldingError[] {
  const bias = numbersOf(layer.inputs[2]);
  const [gamma = [], beta = [], mean = [], variance = []] = norm.inputs.slice(1).map(numbersOf);
  const epsilon = norm.attrs.float('epsilon', 1e-5);
  return Array.from(gamma, (g, c) => {
    const product = (((bias[c] ?? 0) - (mean[c] ?? 0)) * g) / Math.sqrt((variance[c] ?? 0) + epsilon);
    const sum = product + (beta[c] ?? 0);
    return { bias: 2 * UNIT * (5 * Math.abs(product) + Math.abs(sum)), weight: 2 * UNIT * 4 };
  });
}

const numbersOf = (value: Value | undefined): ArrayLike<number> =>
  (value?.constant === undefined ? undefined : numberData(value.constant)) ?? [];

/** Whether a number lies so close to the middle between two integers that an error may decide how it rounds. */
export const isTie = (value: number, error: number): boolean => Math.abs(value - Math.floor(value) - 0.5) <= error;
