import { GraphEditor } from '../../../ir/editor.js';
import { opName, valuesOf, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { firstBatches } from '../../../passes/calibration/rebatch.js';
import type { SampleSource } from '../../../passes/calibration/samples.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import type { KernelTable } from '../../../runtime/kernel.js';
import { StagedRun } from '../../../runtime/staged-run.js';
import { accumulatorOf, FLOAT32_EXACT, isPool, sourceOf } from '../arithmetic/accumulators.js';
import { MAX_BIAS_4, MAX_BIAS_8 } from '../arithmetic/requantisation.js';
import { ChannelEntries } from './channel-entries.js';
import { labelsOf } from '../report/labels-of.js';
import { meanShift, squaredError, type BiasEntry } from './mean-shift.js';

export interface BiasCalibrationOptions {
  readonly kernels: KernelTable;
  /** Samples that run at once. */
  readonly batchSize: number;
  /** Samples after which to stop; the batch that reaches it is used up. */
  readonly limit: number;
  /** The share of the difference between the means that is taken away, 0 … 1. */
  readonly factor: number;
}

/** What became of the biases of one layer. */
export interface BiasCorrection {
  /** The q.Bnorm. */
  readonly node: Node;
  /** How far each entry of the bias moved, in accumulator units. */
  readonly moves: Int32Array;
  /** The largest of these moves in units of the result. */
  readonly largestStep: number;
  /** Entries that the width of the bias stops on their way. */
  readonly saturated: number;
  /** Entries that stay as they are because the layer would cease to be exact in float32. */
  readonly inexact: number;
}

/**
 * Moves the biases of a quantised graph so that the mean of each channel of each layer's dequantised result, over samples
 * and positions, comes closest to that of the float tensor of the same label. Layers follow one another, each on what the
 * corrected ones before it compute. A bias moves only where that makes the squared error of its results smaller, within
 * its width (spec 1.2), and never so far that a layer that is exact in float32 ceases to be so (spec 1.6). Entries of a
 * bias that serves all channels stay one entry.
 * @returns the layers that could be compared with a float tensor, in order; none when the factor is 0
 */
export async function calibrateBias(
  float: Graph,
  quantised: Graph,
  samples: SampleSource,
  { kernels, batchSize, limit, factor }: BiasCalibrationOptions,
): Promise<BiasCorrection[]> {
  const layers = factor === 0 ? [] : comparableLayers(float, quantised);
  if (layers.length === 0) return [];
  const batches = await firstBatches(samples, batchSize, limit);
  const editor = new GraphEditor(quantised);
  const reference = new StagedRun(
    float,
    kernels,
    batches,
    layers.map(({ real }) => real),
  );
  const approximation = new StagedRun(
    quantised,
    kernels,
    batches,
    layers.map(({ accumulator }) => accumulator),
  );
  return layers.flatMap((layer) => {
    const entries = ChannelEntries.of(layer.node, approximation.take(layer.accumulator), reference.take(layer.real));
    return entries === undefined ? [] : [correct(editor, layer, entries, factor)];
  });
}

/** A q.Bnorm and the float tensor that its result stands for. */
interface Layer {
  readonly node: Node;
  readonly accumulator: Value;
  readonly bias: Value;
  readonly real: Value;
}

function comparableLayers(float: Graph, quantised: Graph): Layer[] {
  const computed = [...valuesOf(float)].filter(({ producer }) => producer !== undefined);
  const reals = new Map(computed.map((value) => [value.name, value]));
  return quantised.nodes.flatMap((node) => {
    const [accumulator, bias] = node.inputs;
    const real = labelsOf(node).flatMap((label) => reals.get(label) ?? [])[0];
    if (opName(node) !== 'q.Bnorm' || accumulator === undefined || bias === undefined || real === undefined) return [];
    return [{ node, accumulator, bias, real }];
  });
}

function correct(editor: GraphEditor, layer: Layer, entries: ChannelEntries, factor: number): BiasCorrection {
  const { node, bias } = layer;
  const widest = widestBias(node);
  const before = entries.biases;
  const after = before.slice();
  const stopped = new Set<number>();
  for (let index = 0; index < entries.count; index++) {
    const entry = entries.at(index);
    if (!(entry.factor > 0)) continue;
    const [least, most] = [Math.min(0, -widest - 1 - entry.bias), Math.max(0, widest - entry.bias)];
    const full = meanShift(entry, least, most);
    const move = improving(entry, roundHalfEven(full * factor));
    if (move !== 0 && (full === least || full === most)) stopped.add(index);
    after[index] = entry.bias + move;
  }
  const inexact = keepExact(node, before, after);
  const moves = after.map((moved, index) => moved - (before[index] ?? 0));
  if (moves.some((move) => move !== 0)) {
    editor.setConstant(bias, new Tensor('int32', [after.length], after));
  }
  return {
    node,
    moves,
    largestStep: Math.max(...Array.from(moves, (move, index) => Math.abs(move) * entries.factorAt(index)), 0),
    saturated: [...stopped].filter((index) => moves[index] !== 0).length,
    inexact,
  };
}

const improving = (entry: BiasEntry, move: number): number =>
  move !== 0 && squaredError(entry, move) < squaredError(entry, 0) ? move : 0;

/** The largest bias beside the weights of a layer (spec 1.2, 1.3). */
function widestBias({ inputs: [accumulator] }: Node): number {
  const sum = accumulator && sourceOf(accumulator);
  return sum === undefined || isPool(sum) || sum.inputs[1]?.type.dtype !== 'int8' ? MAX_BIAS_4 : MAX_BIAS_8;
}

/** Takes back the moves of `after` that alone would leave the integers that float32 holds; returns how many. */
function keepExact(node: Node, before: Int32Array, after: Int32Array): number {
  const limit = Math.max(FLOAT32_EXACT, boundWith(node, before));
  if (boundWith(node, after) <= limit) return 0;
  let count = 0;
  for (const [index, bias] of after.entries()) {
    const old = before[index] ?? 0;
    if (bias === old || boundWith(node, before.with(index, bias)) <= limit) continue;
    after[index] = old;
    count++;
  }
  return count;
}

/** The largest magnitude in a layer with other biases; 0 where nothing is known. */
function boundWith(node: Node, biases: Int32Array): number {
  const [accumulator, bias, ...others] = node.inputs;
  const other = bias && { ...bias, constant: new Tensor('int32', [biases.length], biases) };
  return accumulatorOf({ ...node, inputs: [accumulator, other, ...others] })?.bound ?? 0;
}
