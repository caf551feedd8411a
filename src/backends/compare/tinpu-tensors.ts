import { isInteger, integerRange } from '../../ir/dtype.js';
import { opName, type Graph, type Node, type Value } from '../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../ir/ops/quantised/facts.js';
import { isPool, sourceOf } from '../tinpu/arithmetic/accumulators.js';
import { inputNormOf } from '../verify/input-norm-of.js';
import type { QuantisedTensor, WeightFacts } from './quantised-tensor.js';
import { weightFacts } from './weight-facts.js';

/** Scales of tensors by label, as far as they are known. */
export type KnownScales = ReadonlyMap<string, { readonly scale: number }>;

/** The integer tensors of a graph in the quantised dialect; the result of an input sequence stands for the input as well. */
export function tinpuTensors(graph: Graph, known: KnownScales): QuantisedTensor[] {
  const inputs = new Map(graph.inputs.map((input) => [inputNormOf(graph, input), input.name] as const));
  return graph.nodes.flatMap((node) =>
    node.outputs.flatMap((value): QuantisedTensor[] => {
      const { dtype } = value.type;
      if (!ACTIVATION_TYPES.includes(dtype)) return [];
      const input = opName(node) === 'q.InputNorm' ? inputs.get(node) : undefined;
      const labels = [value.name, ...realLabels(value), ...(input === undefined ? [] : [input])];
      const scale = value.type.quantisation?.scale ?? statedScale(value) ?? knownScale(labels, known);
      return [
        {
          value,
          labels,
          grid: { ...rangeOf(node, value), zeroPoint: 0, scale },
          weights: weightsOf(node),
        },
      ];
    }),
  );
}

const isDequantize = (node: Node): boolean => opName(node) === 'q.Dequantize';

/** Labels of the real numbers that a tensor is turned into. */
const realLabels = ({ uses }: Value): string[] =>
  [...uses].flatMap(({ node }) => (isDequantize(node) ? node.outputs.map(({ name }) => name) : []));

/** The scale of the q.Dequantize behind it. */
const statedScale = ({ uses }: Value): number | undefined =>
  [...uses].flatMap(({ node }) => (isDequantize(node) ? [node.attrs.float('scale')] : []))[0];

function knownScale(labels: readonly string[], known: KnownScales): number | undefined {
  return labels.map((label) => known.get(label)?.scale).find((scale) => scale !== undefined);
}

/** The range that the integers are clipped to; that of their type behind an operator that moves elements. */
function rangeOf(node: Node, value: Value): { readonly lo: number; readonly hi: number } {
  const clipping = node.attrs.has('lo') ? node : sourceOf(value);
  if (clipping?.attrs.has('lo') !== true) return integerRange(value.type.dtype);
  return { lo: clipping.attrs.int('lo'), hi: clipping.attrs.int('hi') };
}

function weightsOf(node: Node): WeightFacts | undefined {
  const [accumulator] = node.inputs;
  if (opName(node) !== 'q.Bnorm' || accumulator === undefined) return undefined;
  const layer = sourceOf(accumulator);
  const weights = layer?.inputs[1]?.constant;
  if (layer === undefined || weights === undefined || isPool(layer) || !isInteger(weights.dtype)) return undefined;
  return weightFacts(weights, opName(layer) === 'q.Conv' ? 0 : 1);
}
