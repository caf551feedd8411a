import { createHash } from 'node:crypto';
import { quantiseLayer } from '../../src/backends/tinpu/arithmetic/layer-constants.js';
import { MAX_BIAS_8 } from '../../src/backends/tinpu/arithmetic/requantisation.js';
import type { LayerConstants } from '../../src/backends/tinpu/recipes/recipe.js';
import { roundHalfEven } from '../../src/runtime/float/floats.js';
import { reasonsOf, type WrapperLayer } from './defects.js';
import { isTie, type FoldingError } from './folding.js';
import type { OwnLayer } from './own-layers.js';
import type { ReferenceLayer } from './reference-case.js';
import type { Report } from './report.js';

/** A Conv or Linear on both sides. */
export interface LayerPair {
  readonly label: string;
  readonly own: OwnLayer;
  readonly reference: ReferenceLayer;
  /** int8 weights of the reference as [outputs, ...], when the file is there. */
  readonly weights: ArrayLike<number> | undefined;
  readonly wrapper: WrapperLayer;
  readonly errors: readonly FoldingError[];
}

/**
 * Compares integers and scales of a layer. Where a defect gave the wrapper other scales, its integers must be those that
 * our recipe computes at these scales.
 */
export function compareLayer(pair: LayerPair, report: Report): void {
  const { label, own, reference, wrapper } = pair;
  const outputDefects = reasonsOf(own.outputScale, wrapper.outputScale, wrapper.outputDefects, wrapper.outputEdge);
  const inputDefects = reasonsOf(own.inputScale, wrapper.inputScale, wrapper.inputDefects, wrapper.inputEdge);
  report.count('activations', own.outputScale, wrapper.outputScale, outputDefects, `${label}: output scale`);
  compareRange(pair, report);
  const defects = [...new Set([...outputDefects, ...inputDefects])];
  const atTheirScales = defects.length === 0 ? undefined : recompute(own, wrapper);
  const channels = reference.offset?.length ?? 0;
  for (let channel = 0; channel < channels; channel++)
    compareChannel(pair, channel, { atTheirScales, defects }, report);
  compareWeights(pair, { atTheirScales, defects }, report);
}

interface Explanation {
  /** Our integers at the scales of the wrapper, where those are defective. */
  readonly atTheirScales: LayerConstants | undefined;
  readonly defects: readonly string[];
}

function recompute({ float, ...own }: OwnLayer, { inputScale, outputScale }: WrapperLayer): LayerConstants | undefined {
  const inputRange = { lo: Math.min(0, own.lo), hi: own.hi };
  try {
    return quantiseLayer({ ...float, inputScale, outputScale, inputRange, bits: 8 });
  } catch {
    return undefined;
  }
}

function compareRange({ label, own, reference, wrapper }: LayerPair, report: Report): void {
  const { clip_lo: lo = NaN, clip_hi: hi = NaN } = reference;
  if (own.lo === lo && own.hi === hi) return;
  const wide = lo === -255 && hi === 255;
  const known = wide ? ['integers without ReLU are clipped to -255 … 255, 9 bits'] : wrapper.outputDefects;
  if (known.length > 0) report.defect(known);
  else report.problem(`${label}: clipped to ${own.lo} … ${own.hi}, theirs to ${lo} … ${hi}`);
}

function compareChannel(
  { label, own, reference, wrapper, errors }: LayerPair,
  channel: number,
  { atTheirScales, defects }: Explanation,
  report: Report,
): void {
  const theirs = {
    bias: reference.offset?.[channel],
    shift: reference.shift?.[channel],
    mult: reference.mult?.[channel],
  };
  const { bias = NaN, shift = NaN, mult = NaN } = theirs;
  const at = `${label}, channel ${channel}`;
  report.count('mult', own.scale[channel] ?? NaN, mult, [], `${at}: mult`);
  const special = channelDefects(own, channel, { bias, shift });
  const known = [...defects, ...special];
  const expected = atTheirScales ?? own;
  const sameShift = expected.shift[channel] === shift;
  report.count('shift', own.shift[channel] ?? NaN, shift, sameShift || special.length > 0 ? known : [], `${at}: shift`);
  const difference = Math.abs((expected.bias[channel] ?? NaN) - bias);
  const unit = 2 ** -shift * wrapper.outputScale;
  const exact = (own.float.bias?.[channel] ?? 0) / unit;
  const error = (errors[channel]?.bias ?? 0) / unit;
  if (own.bias[channel] === bias) report.equal('bias');
  else if (sameShift && difference === 1 && isTie(exact, error)) report.tie('bias');
  else {
    const explained = (sameShift && difference === 0) || special.length > 0;
    report.count('bias', own.bias[channel] ?? NaN, bias, explained ? known : [], `${at}: bias`);
  }
}

/** Defects that show in the bias and shift of a single channel. */
function channelDefects(
  own: OwnLayer,
  channel: number,
  { bias, shift }: { readonly bias: number; readonly shift: number },
): string[] {
  const ours = own.bias[channel] ?? NaN;
  const sameShift = own.shift[channel] === shift;
  const found: string[] = [];
  if (Math.abs(bias) > MAX_BIAS_8) found.push('a bias exceeds 24 bits');
  if (shift === 0 && sameShift && bias === roundHalfEven(ours + 0.5) && bias !== ours) {
    found.push('a rounding half is added where nothing is rounded off');
  }
  const empty = own.float.weights.every((weight, i) => weight === 0 || own.float.channelOf(i) !== channel);
  // Both stand for the same constant, rounded to the coarser of the two grids.
  const constant =
    Math.abs(ours * 2 ** -(own.shift[channel] ?? 0) - bias * 2 ** -shift) <=
    2 ** -Math.min(own.shift[channel] ?? 0, shift);
  if (empty && !sameShift && constant) found.push('the shift of a channel without weights is arbitrary');
  return found;
}

function compareWeights(pair: LayerPair, { atTheirScales, defects }: Explanation, report: Report): void {
  const { label, own, reference, weights, errors } = pair;
  if (weights === undefined) {
    const digest = createHash('sha256').update(Int8Array.from(own.weights)).digest('hex');
    if (digest === reference.weight_sha256) report.equal('weights', own.weights.length);
    else report.problem(`${label}: the weights differ in some of ${own.weights.length}`, 'weights');
    return;
  }
  if (weights.length !== own.weights.length) {
    report.problem(`${label}: ${own.weights.length} weights, theirs ${weights.length}`, 'weights');
    return;
  }
  const taps = weights.length / (reference.offset?.length ?? 1);
  const expected = atTheirScales === undefined ? own.weights : outputsFirst(pair, atTheirScales);
  for (let i = 0; i < weights.length; i++) {
    const theirs = weights[i] ?? NaN;
    if (own.weights[i] === theirs) {
      report.equal('weights');
      continue;
    }
    const channel = Math.floor(i / taps);
    const exact = exactWeight(pair, i);
    const error = Math.abs(exact) * (errors[channel]?.weight ?? 0);
    const wide = Math.abs(reference.offset?.[channel] ?? 0) > MAX_BIAS_8 ? ['a bias exceeds 24 bits'] : [];
    if (Math.abs((expected[i] ?? NaN) - theirs) === 1 && isTie(exact, error)) report.tie('weights');
    else {
      const known = expected[i] === theirs ? defects : wide;
      report.count('weights', own.weights[i] ?? NaN, theirs, known, `${label}, weight ${i}`);
    }
  }
}

/** Position in the float constant of the weight at a position of [outputs, ...]: a Gemm stores [inputs, outputs]. */
function storedAt({ own: { op, float } }: LayerPair, index: number): number {
  if (op !== 'Gemm') return index;
  const rows = float.weights.length / float.channels;
  return (index % rows) * float.channels + Math.floor(index / rows);
}

const outputsFirst = (pair: LayerPair, { weights }: LayerConstants): ArrayLike<number> =>
  Array.from(weights, (_, i) => weights[storedAt(pair, i)] ?? NaN);

/** The weight in units of the wrapper's scale of its channel. */
function exactWeight(pair: LayerPair, index: number): number {
  const { own, reference, wrapper } = pair;
  const at = storedAt(pair, index);
  const scale = (2 ** -(reference.shift?.[own.float.channelOf(at)] ?? 0) * wrapper.outputScale) / wrapper.inputScale;
  return (own.float.weights[at] ?? 0) / scale;
}
