import { bitsOf } from '../../../ir/dtype.js';
import {
  isConstant,
  mergeOrigins,
  opName,
  type ConstantValue,
  type Graph,
  type Node,
  type Origin,
  type Value,
} from '../../../ir/graph.js';
import type { Dim } from '../../../ir/shape.js';
import { macsOf } from '../../work.js';

/** What the integers of a tensor stand for: real = scale · (integer − zero point). */
export interface TensorQuantisation {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: number;
  readonly signed: boolean;
}

/** One step of a lifted QDQ model. */
export interface AffineLayerSummary {
  readonly name: string;
  /** Names of the source nodes that it stands for. */
  readonly source: readonly string[];
  readonly op: string;
  /** Whether it computes in integers; what does not runs in float. */
  readonly integer: boolean;
  /** Of each activation that it reads; null for float tensors and integers of unknown scale. */
  readonly inputs: readonly (TensorQuantisation | null)[];
  readonly output: TensorQuantisation | null;
  readonly outputShape: readonly Dim[];
  readonly weightBits: number | null;
  readonly weightCount: number;
  /** Multiply-accumulates for one sample. */
  readonly macs: number;
}

const ACCUMULATORS: ReadonlySet<string> = new Set(['qa.Conv', 'qa.ConvTranspose', 'qa.MatMul']);
const WEIGHTED: ReadonlySet<string> = new Set([...ACCUMULATORS, 'Conv', 'ConvTranspose', 'MatMul', 'Gemm']);

/** The layers of a lifted model in order; an accumulator and its requantisation are one. */
export function affineLayers(graph: Graph): AffineLayerSummary[] {
  const layers: AffineLayerSummary[] = [];
  for (const node of graph.nodes) {
    if (ACCUMULATORS.has(opName(node))) continue;
    const [first] = node.inputs;
    const accumulator = node.op === 'Requantize' && node.domain === 'qa' ? first?.producer : undefined;
    layers.push(layerOf(node, accumulator ?? node));
  }
  return layers;
}

function layerOf(node: Node, computing: Node): AffineLayerSummary {
  const [result] = node.outputs;
  const weights = WEIGHTED.has(opName(computing)) ? constantOf(computing.inputs[1]) : undefined;
  const origins = mergeOrigins([...new Set([computing, node])]);
  return {
    name: nameOf(origins) ?? result?.name ?? '',
    source: origins.map(({ name, op }) => (name === '' ? op : name)),
    op: computing.op,
    integer: node.domain === 'qa' || result?.type.quantisation !== undefined,
    inputs: computing.inputs.flatMap((input) => (input === undefined || isConstant(input) ? [] : [noteOf(input)])),
    output: noteOf(result),
    outputShape: result?.type.shape ?? [],
    weightBits: weights === undefined ? null : bitsOf(weights.type.dtype),
    weightCount: weights?.constant.size ?? 0,
    macs: macsOf(computing),
  };
}

/** The name of the first source node that computes; of the last one where all only change the form of a tensor. */
function nameOf(origins: readonly Origin[]): string | undefined {
  const named = origins.filter(({ name }) => name !== '');
  return (named.find(({ op }) => !FORM.has(op)) ?? named.at(-1))?.name;
}

const FORM: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);

const constantOf = (value: Value | undefined): ConstantValue | undefined =>
  value !== undefined && isConstant(value) ? value : undefined;

function noteOf(value: Value | undefined): TensorQuantisation | null {
  const quantisation = value?.type.quantisation;
  if (quantisation === undefined) return null;
  const { scale, zeroPoint = 0, bits, signed } = quantisation;
  return { scale, zeroPoint, bits, signed };
}
