import { integerRange, isInteger } from '../../ir/dtype.js';
import { isConstant, opName, type Graph, type Node, type Value } from '../../ir/graph.js';
import type { QuantisedTensor, WeightFacts } from './quantised-tensor.js';
import { weightFacts } from './weight-facts.js';

/** Operators whose result is quantised, with the inputs that hold its scale and zero point. */
const QUANTISING: ReadonlyMap<string, readonly [scale: number, zeroPoint: number]> = new Map([
  ['QuantizeLinear', [1, 2]],
  ['QLinearConv', [6, 7]],
  ['QLinearMatMul', [6, 7]],
]);

/** What ONNX Runtime appends to the label of a tensor for that of its integers. */
const SUFFIX = /_quantized$/;

/**
 * The activations of a graph with QuantizeLinear or QLinear operators that are quantised as a whole, one for each tensor:
 * the integers stand for what was quantised, and for what they are dequantised to.
 */
export function qdqTensors(graph: Graph): QuantisedTensor[] {
  const seen = new Set<Value>();
  return graph.nodes.flatMap((node): QuantisedTensor[] => {
    const places = QUANTISING.get(opName(node));
    const [value] = node.outputs;
    const [source] = node.inputs;
    if (places === undefined || value === undefined || source === undefined) return [];
    const quantises = opName(node) === 'QuantizeLinear';
    const { dtype } = value.type;
    const scale = scalar(node.inputs[places[0]]);
    const zeroPoint = node.inputs[places[1]] === undefined ? 0 : scalar(node.inputs[places[1]]);
    if (scale === undefined || zeroPoint === undefined || !isInteger(dtype)) return [];
    if (quantises && (seen.has(source) || isConstant(source))) return [];
    seen.add(source);
    return [
      {
        value,
        labels: [
          ...(quantises ? [source.name] : []),
          value.name,
          ...dequantised(value),
          value.name.replace(SUFFIX, ''),
        ],
        grid: { ...integerRange(dtype), scale, zeroPoint },
        weights: quantises ? layerWeights(source) : weightsAt(node, 3),
      },
    ];
  });
}

function scalar(value: Value | undefined): number | undefined {
  return value !== undefined && isConstant(value) && value.constant.size === 1
    ? value.constant.toNumbers()[0]
    : undefined;
}

const dequantised = ({ uses }: Value): string[] =>
  [...uses].flatMap(({ node }) => (opName(node) === 'DequantizeLinear' ? node.outputs.map(({ name }) => name) : []));

/** Operators that a layer may have between its sum and what is quantised. */
const TRAILING: ReadonlySet<string> = new Set(['Relu', 'Clip', 'Add', 'Mul', 'Reshape', 'Squeeze', 'Unsqueeze']);

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** The integers of the weights of the layer that computes a tensor. */
function layerWeights(value: Value): WeightFacts | undefined {
  let node: Node | undefined = value.producer;
  while (node !== undefined && TRAILING.has(opName(node))) node = node.inputs[0]?.producer;
  if (node === undefined || !LAYERS.has(opName(node))) return undefined;
  return weightsAt(node, 1);
}

/** Of the input at `index`, as it is or behind its DequantizeLinear. */
function weightsAt(node: Node, index: number): WeightFacts | undefined {
  const input = node.inputs[index];
  const { producer } = input ?? {};
  const integers = producer !== undefined && opName(producer) === 'DequantizeLinear' ? producer.inputs[0] : input;
  const constant = integers?.constant;
  if (constant === undefined || !isInteger(constant.dtype)) return undefined;
  const firstAxis = CONVOLVING.has(opName(node)) || node.attrs.int('transB', 0) === 1;
  return weightFacts(constant, firstAxis ? 0 : Math.min(1, constant.rank - 1), true);
}

const CONVOLVING: ReadonlySet<string> = new Set(['Conv', 'QLinearConv']);
