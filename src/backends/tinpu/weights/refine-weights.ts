import type { Diagnostic } from '../../../ir/diagnostics.js';
import { GraphEditor } from '../../../ir/editor.js';
import { isConstant, opName, type ConstantValue, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import { firstBatches, rowsOf } from '../../../passes/calibration/rebatch.js';
import type { SampleBatch, SampleSource } from '../../../passes/calibration/samples.js';
import type { KernelTable } from '../../../runtime/kernel.js';
import { StagedRun } from '../../../runtime/staged-run.js';
import { activationRange } from '../arithmetic/accumulators.js';
import { labelsOf } from '../report/labels-of.js';
import type { LayerConstants, Recipe } from '../recipes/recipe.js';
import { gatherMoments } from '../../weights/layer-moments.js';
import { reportMoves } from './report-moves.js';
import type { QuantisationPoint } from '../split/roles.js';
import { isFoldedConv, weightsOf } from '../../weights/weights-of.js';

export interface RefineOptions {
  readonly recipe: Pick<Recipe, 'layer' | 'refines'>;
  readonly points: readonly QuantisationPoint[];
  readonly kernels: KernelTable;
  /** Samples that run at once. */
  readonly batchSize: number;
  /** Samples after which to stop. */
  readonly limit: number;
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
  { recipe, points, kernels, batchSize, limit, report }: RefineOptions,
): Promise<void> {
  const layers = refinedLayers(quantised, points).filter(({ point }) => recipe.refines(point.weightBits));
  if (layers.length === 0) return;
  const batches = await firstBatches(samples, batchSize, limit);
  const count = batches.reduce((sum, batch) => sum + rowsOf(batch), 0);
  const editor = new GraphEditor(quantised);
  const reals = layers.flatMap(({ real }) => (real.producer === undefined ? [] : real));
  const reference = new StagedRun(float, kernels, batches, reals);
  const approximation = new StagedRun(
    quantised,
    kernels,
    batches,
    layers.map(({ x }) => x),
  );
  for (const layer of layers) {
    const { node, point, source, x, weights } = layer;
    const pairs = pairsOf(layer, approximation.take(x), takeReal(layer.real, reference, batches));
    const moments = gatherMoments(source, weights.constant.dims, pairs, count);
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
interface Layer {
  /** The q.Bnorm. */
  readonly node: Node;
  readonly weights: ConstantValue;
  readonly point: QuantisationPoint;
  /** The float layer. */
  readonly source: Node;
  /** The integers it reads, and the float tensor they stand for. */
  readonly x: Value;
  readonly real: Value;
}

function refinedLayers(quantised: Graph, points: readonly QuantisationPoint[]): Layer[] {
  const byLabel = new Map(points.filter(({ kind }) => kind === 'layer').map((point) => [point.value.name, point]));
  return quantised.nodes.flatMap((node) => {
    const accumulating = opName(node) === 'q.Bnorm' ? node.inputs[0]?.producer : undefined;
    const [x, weights] = accumulating?.inputs ?? [];
    const point = labelsOf(node).flatMap((label) => byLabel.get(label) ?? [])[0];
    const source = point?.node;
    const real = source?.inputs[0];
    if (x === undefined || weights === undefined || !isConstant(weights)) return [];
    if (point === undefined || source === undefined || real === undefined) return [];
    return [{ node, weights, point, source, x, real }];
  });
}

/** The float tensors of a stage; those of a graph input come with the batches. */
const takeReal = (real: Value, run: StagedRun, batches: readonly SampleBatch[]): (Tensor | undefined)[] =>
  real.producer === undefined ? batches.map((batch) => batch.get(real.name)) : run.take(real);

/** What the integers of a layer stand for, beside the real numbers of the float model. */
function* pairsOf(
  { x }: Layer,
  integers: readonly Tensor[],
  reals: readonly (Tensor | undefined)[],
): Generator<readonly [Tensor<'float32'>, Tensor<'float32'>]> {
  const scale = x.type.quantisation?.scale ?? 1;
  for (const [i, tensor] of integers.entries()) {
    const real = reals[i];
    if (real?.is('float32') !== true) continue;
    const data = Float32Array.from(numberData(tensor) ?? [], (integer) => integer * scale);
    yield [new Tensor('float32', tensor.dims, data), real];
  }
}

function setConstants(editor: GraphEditor, { node, weights }: Layer, constants: LayerConstants): void {
  editor.setConstant(weights, new Tensor(weights.constant.dtype, weights.constant.dims, constants.weights));
  for (const [i, list] of [constants.bias, constants.scale, constants.shift].entries()) {
    const value = node.inputs[i + 1];
    if (value !== undefined) editor.setConstant(value, new Tensor('int32', [list.length], list));
  }
}
