import { compileModel } from '../../src/backends/compile-model.js';
import type { CompileResult } from '../../src/backends/options.js';
import { openModel } from '../../src/backends/run.js';
import { UserError } from '../../src/ir/diagnostics.js';
import { numberData, type Tensor } from '../../src/ir/tensor.js';
import { Agreement } from '../../src/runtime/agreement.js';
import { compareLayer } from './compare-layer.js';
import { edgeOf, reasonsOf, wrapperLayer, wrapperPool } from './defects.js';
import { assumedErrors } from './folding.js';
import { ownLayers, type OwnLayers } from './own-layers.js';
import type { Reference, ReferenceCase, ReferenceLayer } from './reference-case.js';
import { Report } from './report.js';

/**
 * The input bias is a sum in float32, of which the rounding half is a term; a difference of more than its last bits,
 * relative to the larger of both, would be another formula.
 */
const INPUT_TOLERANCE = 1e-5;

/** Compiles a case with the recipe `torchmodelopt` and compares every integer with the wrapper's. */
export async function compareCase(testCase: ReferenceCase): Promise<Report> {
  const { name, model, calibration, batchSize, reference } = testCase;
  const report = new Report(name);
  let result: CompileResult;
  try {
    result = await compileModel(model, {
      target: 'f28p55',
      recipe: 'torchmodelopt',
      samples: calibration,
      calibrationBatch: batchSize,
      model: name,
    });
  } catch (error) {
    if (error instanceof UserError) report.refuse(error.diagnostics[0]?.message ?? error.message);
    else report.problem(`compilation fails: ${String(error)}`);
    return report;
  }
  const outputs = run(result.bytes, testCase.test);
  const [output] = result.summary.outputs;
  const scale = output?.scale ?? 1;
  const agreement = new Agreement();
  agreement.add(testCase.floatOutputs, outputs, scale);
  report.remarks.push(`${agreement.sqnrDb.toFixed(1)} dB`);
  if ('failure' in reference) {
    report.remarks.push(`the wrapper fails: ${reference.failure}`);
    return report;
  }
  compareConstants(ownLayers(result), testCase, reference, report);
  compareOutputs(outputs, scale, reference, report);
  return report;
}

function run(bytes: Uint8Array, samples: Tensor): ArrayLike<number> {
  const model = openModel(bytes);
  const [input] = model.source.inputs;
  const [result] = model.run(new Map([[input?.name ?? '', samples]])).values();
  return (result && numberData(result)) ?? [];
}

const isLayer = ({ kind, weight_is_float: float }: ReferenceLayer): boolean =>
  (kind === 'Conv' || kind === 'Linear') && float !== true;
const isPool = ({ kind }: ReferenceLayer): boolean => kind === 'ReduceSum' || kind === 'AveragePool';

function compareConstants(own: OwnLayers, { foldings }: ReferenceCase, reference: Reference, report: Report): void {
  const { layers, prepared, weightsOf } = reference;
  for (const { kind, clip_lo: lo } of layers) {
    if (kind === 'ConvTranspose') report.defect(['ConvTranspose is left in float']);
    if (kind === 'ResidualAdd' && lo === -129) report.defect(['a sum of unsigned integers is clipped to -129 … 127']);
  }
  const theirInputs = layers.filter(({ kind }) => kind === 'InputNorm');
  for (const [i, input] of theirInputs.entries()) compareInput(own.inputs[i], input, reference, report);

  const modules = prepared.ofKind(/^(?:Conv|Linear)(?!Transpose)/);
  const ours = own.layers.filter(({ op }) => op !== 'ConvTranspose');
  const theirs = layers.filter(isLayer);
  if (modules.length !== theirs.length || ours.length !== theirs.length) {
    report.problem(`${ours.length} layers, theirs ${theirs.length} of ${modules.length} modules`);
    return;
  }
  for (const [i, layer] of theirs.entries()) {
    const [ownLayer, module] = [ours[i], modules[i]];
    if (ownLayer === undefined || module === undefined) continue;
    const label = `${layer.kind} ${layer.index}`;
    compareLayer(
      {
        label,
        own: ownLayer,
        reference: layer,
        weights: weightsOf(layer),
        wrapper: wrapperLayer(prepared, module),
        errors: foldings === undefined ? assumedErrors(ownLayer.float.bias ?? []) : (foldings[i] ?? []),
      },
      report,
    );
  }
  comparePools(own, reference, report);
}

function compareInput(
  own: OwnLayers['inputs'][number] | undefined,
  { offset = [], mult = [], shift = [] }: ReferenceLayer,
  { prepared }: Reference,
  report: Report,
): void {
  if (own === undefined) return report.problem('no input sequence');
  const theirs = prepared.inputObserver?.scale ?? NaN;
  const [entry] = prepared.ofKind(/^placeholder$/);
  const reasons = reasonsOf(own.outputScale, theirs, [], entry && edgeOf(prepared, entry));
  report.count('activations', own.outputScale, theirs, reasons, 'input scale');
  for (const [channel, bias] of offset.entries()) {
    const ours = own.bias[channel] ?? NaN;
    const half = Math.abs(2 ** ((own.shift[channel] ?? 0) - 1) / (own.scale[channel] ?? NaN));
    if (ours === bias) report.equal('input');
    else if (Math.abs(ours - bias) <= INPUT_TOLERANCE * Math.max(Math.abs(bias), half)) report.tie('input');
    else report.count('input', ours, bias, reasons, `input bias ${channel}`);
    report.count('input mult', own.scale[channel] ?? NaN, mult[channel] ?? NaN, reasons, `input mult ${channel}`);
    report.count('input shift', own.shift[channel] ?? NaN, shift[channel] ?? NaN, reasons, `input shift ${channel}`);
  }
}

function comparePools({ pools }: OwnLayers, { layers, prepared }: Reference, report: Report): void {
  const modules = prepared.ofKind(/AvgPool/);
  const theirs = layers.filter(isPool);
  if (modules.length !== theirs.length || pools.length !== theirs.length) {
    report.problem(`${pools.length} pools, theirs ${theirs.length} of ${modules.length} modules`);
    return;
  }
  for (const [i, layer] of theirs.entries()) {
    const [own, module] = [pools[i], modules[i]];
    if (own === undefined || module === undefined) continue;
    const label = `${layer.kind} ${layer.index}`;
    const { constants, defects, ...pool } = wrapperPool(prepared, module, own.area);
    const scale = prepared.observerBehind(module)?.scale ?? NaN;
    const scaleDefects = reasonsOf(own.outputScale, scale, pool.scaleDefects, pool.scaleEdge);
    const rescaled = own.inputScale === own.outputScale ? [] : pool.scaleDefects;
    const ours = [own.bias[0], own.scale[0], own.shift[0]];
    const found = [layer.offset?.[0], layer.mult?.[0], layer.shift?.[0]];
    const expected = constants.every((value, k) => value === found[k]);
    for (const [k, field] of ['bias', 'scale', 'shift'].entries()) {
      report.count(
        'pools',
        ours[k] ?? NaN,
        found[k] ?? NaN,
        expected ? [...defects, ...scaleDefects, ...rescaled] : [],
        `${label}: ${field}`,
      );
    }
    report.count('activations', own.outputScale, scale, scaleDefects, `${label}: output scale`);
  }
}

function compareOutputs(
  ours: ArrayLike<number>,
  scale: number,
  { outputs, integerOutputs }: Reference,
  report: Report,
): void {
  if (ours.length !== outputs.length) return report.problem(`${ours.length} outputs, theirs ${outputs.length}`);
  const tied =
    report.tally('bias').count('tie') + report.tally('weights').count('tie') + report.tally('input').count('tie');
  for (let i = 0; i < ours.length; i++) {
    const own = integerOutputs ? (ours[i] ?? NaN) : Math.fround((ours[i] ?? NaN) * scale);
    const theirs = outputs[i] ?? NaN;
    if (own !== theirs && report.defects.length === 0 && tied > 0) report.tie('outputs');
    else report.count('outputs', own, theirs, report.defects, `output ${i}`);
  }
}
