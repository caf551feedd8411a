import { isConstant, opName, type Graph, type Node, type Value } from '../../src/ir/graph.js';
import { numberData } from '../../src/ir/tensor.js';
import { sizeOf } from '../../src/ir/shape.js';
import { isPool, sourceOf } from '../../src/backends/tinpu/arithmetic/accumulators.js';
import { weightsOf } from '../../src/backends/weights/weights-of.js';
import type { CompileResult } from '../../src/backends/options.js';
import type { LayerInput } from '../../src/backends/tinpu/recipes/recipe.js';

/** Numbers of a requantisation or of the input sequence, per channel or one for all. */
export interface Constants {
  readonly bias: ArrayLike<number>;
  readonly scale: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
}

export interface OwnInput extends Constants {
  readonly outputScale: number;
}

export interface OwnPool extends Constants {
  readonly area: number;
  readonly inputScale: number;
  readonly outputScale: number;
}

export interface OwnLayer extends Constants {
  /** The operator of the float graph. */
  readonly op: string;
  /** Integers in the order [outputs, inputs, ...kernel]. */
  readonly weights: ArrayLike<number>;
  readonly inputScale: number;
  readonly outputScale: number;
  readonly lo: number;
  readonly hi: number;
  /** The float weights and bias that the integers were made from. */
  readonly float: Pick<LayerInput, 'weights' | 'bias' | 'channels' | 'channelOf'>;
}

export interface OwnLayers {
  readonly inputs: readonly OwnInput[];
  readonly layers: readonly OwnLayer[];
  readonly pools: readonly OwnPool[];
}

/** Inputs, layers and averaging pools of a compiled model, each in order of execution. */
export function ownLayers({ quantised, float }: Pick<CompileResult, 'quantised' | 'float'>): OwnLayers {
  const inputs: OwnInput[] = [];
  const layers: OwnLayer[] = [];
  const pools: OwnPool[] = [];
  for (const node of quantised.nodes) {
    const [source] = node.inputs;
    const outputScale = scaleOf(node.outputs[0]);
    const [bias, scale, shift] = node.inputs.slice(1).map(numbersOf);
    if (bias === undefined || scale === undefined || shift === undefined) continue;
    const constants = { bias, scale, shift, outputScale };
    const sum = opName(node) === 'q.Bnorm' && source ? sourceOf(source) : undefined;
    if (opName(node) === 'q.InputNorm') inputs.push(constants);
    if (sum === undefined) continue;
    const inputScale = scaleOf(sum.inputs[0]);
    if (isPool(sum)) {
      pools.push({ ...constants, inputScale, area: areaOf(sum) });
      continue;
    }
    const origin = floatLayer(float, sum);
    layers.push({
      ...constants,
      op: origin.op,
      inputScale,
      weights: outputsFirst(sum),
      lo: node.attrs.int('lo'),
      hi: node.attrs.int('hi'),
      float: weightsOf(origin),
    });
  }
  return { inputs, layers, pools };
}

const scaleOf = (value: Value | undefined): number => value?.type.quantisation?.scale ?? NaN;

function numbersOf(value: Value | undefined): ArrayLike<number> {
  const data = value !== undefined && isConstant(value) ? numberData(value.constant) : undefined;
  return data ?? [];
}

function areaOf({ inputs }: Node): number {
  const [x, window] = inputs;
  const sides = (window ?? x)?.type.shape.slice(2) ?? [];
  return sizeOf(sides.map(Number));
}

/** The float layer that came from the same nodes of the model. */
function floatLayer({ nodes }: Graph, sum: Node): Node {
  const origins = new Set(sum.origins.map(({ index }) => index));
  const found = nodes.find(({ op, origins: from }) => LAYERS.has(op) && from.some(({ index }) => origins.has(index)));
  if (found === undefined) throw new RangeError(`no float layer belongs to ${opName(sum)} '${sum.name}'`);
  return found;
}

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm']);

/** Weights of a q.MatMul are [inputs, outputs]. */
function outputsFirst({ op, inputs }: Node): ArrayLike<number> {
  const weights = numbersOf(inputs[1]);
  if (op !== 'MatMul') return weights;
  const [rows = 0, columns = 0] = inputs[1]?.constant?.dims ?? [];
  return Array.from({ length: rows * columns }, (_, i) => weights[(i % rows) * columns + Math.floor(i / rows)] ?? NaN);
}
