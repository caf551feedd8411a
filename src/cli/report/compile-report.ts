import type { LayerSummary, Summary, TensorSummary } from '../../backends/summary.js';
import type { Target } from '../../backends/targets.js';
import { totalsOf } from '../../backends/estimate.js';
import { compact, formatBytes, formatReal, formatSeconds, formatShare, quantity } from '../text/format.js';
import { printable } from '../text/width.js';
import { factLines, type Fact } from './facts.js';
import { estimateFacts, islandFacts, legalisationFacts } from './work-facts.js';
import { commonReason, layerTable } from './layer-table.js';
import { retargetFacts } from './retarget-facts.js';
import type { TableOptions } from '../text/table.js';

/** What was written. */
export interface Written {
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** The answer of `compile` for people: a table of the layers, and what they come to. */
export function compileReport(summary: Summary, target: Target, written: Written, options: TableOptions): string[] {
  const { style } = options;
  const { model, backend, recipe } = summary;
  return [
    `${style.bold(printable(model))} for ${style.bold(target.name)} (backend ${backend}, recipe ${recipe})`,
    '',
    ...layerTable(summary.layers, options),
    '',
    ...factLines(
      [
        ['placement', placement(summary.layers, backend)],
        ...legalisationFacts(summary.diagnostics),
        ...islandFacts(summary.islands),
        ...estimateFacts(summary.estimate),
        ['weights', weights(summary, target)],
        ['activations', activations(summary, target)],
        ...retargetFacts(summary),
        ...agreement(summary),
        ['exactness', summary.backend === 'generic' ? TIES : exactness(summary.layers)],
        ...summary.inputs.map((tensor): Fact => ['input', describeTensor(tensor)]),
        ...summary.outputs.map((tensor): Fact => ['output', describeTensor(tensor)]),
        ['written', `${printable(written.file)} (${formatBytes(written.bytes)}) in ${formatSeconds(written.seconds)}`],
      ],
      options,
    ),
  ];
}

/** How many layers, and how much of the work, the NPU takes; none of the generic backend's. */
export function placement(layers: readonly LayerSummary[], backend: string | null): string {
  const onNpu = layers.filter((layer) => layer.placement === 'npu');
  const { macs, npuShare } = totalsOf(layers);
  if (backend === 'generic') return `all of ${quantity(layers.length, 'layer')} on the CPU, ${compact(macs)} MACs`;
  const share = npuShare === null ? '' : `, ${formatShare(npuShare)} of ${compact(macs)} MACs`;
  const common = commonReason(layers);
  const reason = common === undefined ? '' : `; the others: ${common}`;
  return `${onNpu.length} of ${quantity(layers.length, 'layer')} on the NPU${share}${printable(reason)}`;
}

function weights({ memory: { weightBytes, floatWeightBytes } }: Summary, { flashKb }: Target): string {
  const factor = weightBytes === 0 ? 1 : floatWeightBytes / weightBytes;
  const from = `${formatBytes(weightBytes)} from ${formatBytes(floatWeightBytes)} in float, ${factor.toFixed(1)} times smaller`;
  return flashKb === undefined
    ? from
    : `${from}; ${formatShare(weightBytes / (flashKb * 1024))} of ${flashKb} KB flash`;
}

function activations({ memory }: Summary, { ramKb }: Target): string {
  const { peakActivationBytes, floatPeakActivationBytes } = memory;
  const peak = `${formatBytes(peakActivationBytes)} at their peak, ${formatBytes(floatPeakActivationBytes)} in float`;
  return ramKb === undefined
    ? peak
    : `${peak}; ${formatShare(peakActivationBytes / (ramKb * 1024))} of ${ramKb} KB RAM`;
}

function agreement({ accuracy, diagnostics }: Summary): Fact[] {
  if (accuracy === null) return [];
  const { samples, sqnrDb, maxAbsDiff, top1Agreement } = accuracy;
  const synthetic = diagnostics.some(({ code }) => code === 'synthetic-calibration' || code === 'random-agreement');
  const parts = [
    sqnrDb === null ? 'no difference' : `${sqnrDb.toFixed(1)} dB`,
    ...(top1Agreement === null ? [] : [`same top class in ${formatShare(top1Agreement)}`]),
    ...(maxAbsDiff === null ? [] : [`largest difference ${formatReal(maxAbsDiff)}`]),
  ];
  return [['agreement', `${parts.join(', ')} on ${quantity(samples, synthetic ? 'random sample' : 'sample')}`]];
}

/** How a QDQ model stands to the integers of the report. */
const TIES = [
  'requantised to the nearest integer in exact arithmetic; ONNX Runtime rounds in float32, so ties may differ',
  'x86 CPUs without VNNI may saturate sums of two products of 8-bit weights at 16 bits; others do not',
];

/** Whether float32 holds every integer of the layers (spec 1.6), so that ONNX Runtime computes what the NPU does. */
function exactness(layers: readonly LayerSummary[]): readonly string[] {
  const inexact = layers.filter(({ exactInFloat32 }) => exactInFloat32 === false);
  if (inexact.length === 0)
    return ['proved for every layer: float32 holds all integers, ONNX Runtime computes the same'];
  return [
    `not proved for ${quantity(inexact.length, 'layer')}: integers beyond 2^24 may be rounded in ONNX Runtime, not on the NPU`,
    ...inexact.map(({ name, bound }) => `  ${printable(name)} reaches ${bound === null ? '?' : compact(bound)}`),
  ];
}

/** `'x' float32[N,1,256,1], int8 of scale 0.0625`. */
export function describeTensor({ name, shape, scale, bits, signed }: TensorSummary): string {
  const integers = bits === 32 ? 'real numbers' : `${signed ? 'int' : 'uint'}${bits} of scale ${formatReal(scale)}`;
  return `'${printable(name)}' [${printable(shape.join(','))}], ${integers}`;
}
