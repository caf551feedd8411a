import type { Diagnostic } from '../../../ir/diagnostics.js';
import { GraphEditor } from '../../../ir/editor.js';
import { isConstant, opName, type ConstantValue, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import type { SampleSource } from '../../../passes/calibration/samples.js';
import { activationRange } from '../arithmetic/accumulators.js';
import { labelsOf } from '../report/labels-of.js';
import type { LayerConstants, Recipe } from '../recipes/recipe.js';
import { gatherMoments } from '../../weights/layer-moments.js';
import { SideBySide, type ReadTensor, type SideBySideOptions } from '../../weights/side-by-side.js';
import { reportMoves } from './report-moves.js';
import type { QuantisationPoint } from '../split/roles.js';
import { isFoldedConv, weightsOf } from '../../weights/weights-of.js';

export interface RefineOptions extends SideBySideOptions {
  readonly recipe: Pick<Recipe, 'layer' | 'refines'>;
  readonly points: readonly QuantisationPoint[];
  /** The tensor of the float graph given that a tensor of the points' graph stands for; they are one graph when omitted. */
  readonly tensorOf?: ((value: Value) => Value | undefined) | undefined;
  readonly report: (diagnostic: Diagnostic) => void;
}

/**
 * Quantises the layers of a lowered graph once more, in place and one after the other, each on the integers that those
 * before it compute on calibration samples, beside what the float model has there: rounding may then make up for errors of
 * weights and activations in front (GPTQ, Frantar et al. 2022, with the reference of the float model).
 */
export async function refineWeights(
  float: Graph,
  quantised: Graph,
  samples: SampleSource,
  { recipe, points, tensorOf = (value) => value, report, ...options }: RefineOptions,
): Promise<void> {
  const layers = refinedLayers(quantised, points, tensorOf).filter(({ point }) => recipe.refines(point.weightBits));
  if (layers.length === 0) return;
  const editor = new GraphEditor(quantised);
  const run = await SideBySide.on(float, quantised, samples, layers, options);
  for (const layer of layers) {
    const { node, point, source, x, weights } = layer;
    const pairs = run.take(layer, (integers) => dequantised(integers, x.type.quantisation?.scale ?? 1));
    const moments = gatherMoments(source, weights.constant.dims, pairs, run.samples);
    const constants = recipe.layer({
      ...weightsOf(source),
      inputScale: x.type.quantisation?.scale ?? 1,
      outputScale: node.outputs[0]?.type.quantisation?.scale ?? 1,
      inputRange: activationRange(x),
      bits: point.weightBits,
      foldedBatchnorm: isFoldedConv(source),
      ...moments,
    });
    reportMoves(source, constants, report);
    setConstants(editor, layer, constants);
  }
}

/** A layer of the quantised graph and what it stands for. */
interface Layer extends ReadTensor {
  /** The q.Bnorm. */
  readonly node: Node;
  readonly weights: ConstantValue;
  readonly point: QuantisationPoint;
  /** The float layer. */
  readonly source: Node;
}

function refinedLayers(
  quantised: Graph,
  points: readonly QuantisationPoint[],
  tensorOf: (value: Value) => Value | undefined,
): Layer[] {
  const byLabel = new Map(points.filter(({ kind }) => kind === 'layer').map((point) => [point.value.name, point]));
  return quantised.nodes.flatMap((node) => {
    const accumulating = opName(node) === 'q.Bnorm' ? node.inputs[0]?.producer : undefined;
    const [x, weights] = accumulating?.inputs ?? [];
    const point = labelsOf(node).flatMap((label) => byLabel.get(label) ?? [])[0];
    const source = point?.node;
    const real = source?.inputs[0] && tensorOf(source.inputs[0]);
    if (x === undefined || weights === undefined || !isConstant(weights)) return [];
    if (point === undefined || source === undefined || real === undefined) return [];
    return [{ node, weights, point, source, x, real }];
  });
}

function dequantised(integers: Tensor, scale: number): Tensor {
  const data = Float32Array.from(numberData(integers) ?? [], (integer) => integer * scale);
  return new Tensor('float32', integers.dims, data);
}

function setConstants(editor: GraphEditor, { node, weights }: Layer, constants: LayerConstants): void {
  editor.setConstant(weights, new Tensor(weights.constant.dtype, weights.constant.dims, constants.weights));
  for (const [i, list] of [constants.bias, constants.scale, constants.shift].entries()) {
    const value = node.inputs[i + 1];
    if (value !== undefined) editor.setConstant(value, new Tensor('int32', [list.length], list));
  }
}
