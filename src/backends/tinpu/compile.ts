import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import type { Graph, Quantisation, Value } from '../../ir/graph.js';
import { exportModel } from '../../ir/onnx/export.js';
import { importModel } from '../../ir/onnx/import.js';
import { syntheticSamples } from '../../passes/calibration/synthetic.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import type { CompileInput, CompileOptions, CompileResult } from '../options.js';
import { estimateLatency, totalsOf } from '../estimate.js';
import { memoryWarnings } from '../memory-warnings.js';
import { Stopwatch } from '../stopwatch.js';
import type { Summary, TensorSummary } from '../summary.js';
import { VERSION } from '../version.js';
import { applyBiasCalibration, biasFactorOf } from './bias/bias-calibration.js';
import { calibrate } from '../calibration/calibrate.js';
import { TINPU_KERNELS } from './dialect.js';
import { emitCarrier, TINPU_OPSET } from './emit/emit.js';
import { summariseIslands } from '../report/islands.js';
import { islandsOf } from './report/islands.js';
import { legaliseGraph } from './legalise/legalise.js';
import { liftCarrier } from './lift/lift.js';
import { lowerGraph } from './lower/lower.js';
import { measure, type Measurement } from '../report/measure.js';
import { realise } from './report/realise.js';
import { findRecipe, RECIPES } from './recipes/index.js';
import type { CalibrationPlan, Recipe } from './recipes/recipe.js';
import { refineWeights } from './weights/refine-weights.js';
import { layerName } from '../report/layer-name.js';
import { refuseUnknownLayers } from '../split/refuse-unknown-layers.js';
import { refuseObstacles, refuseViolations } from './split/refusals.js';
import { assignRoles, type QuantisationPoint, type Roles } from './split/roles.js';
import { rawInput } from './split/domains.js';
import { prepareFloat } from './prepare/prepare.js';
import { rescaleJoins } from './scales/rescale-joins.js';
import { signednessOf, solveScales } from './scales/solve-scales.js';
import { affordableSamples } from '../calibration/sample-budget.js';
import { SelfCheck } from '../self-check.js';
import { summariseLayers, summariseMemory, summariseTensor } from './report/summarise.js';
import type { Training } from './training.js';

/** Samples that stand in for calibration data. */
const SYNTHETIC_SAMPLES = 64;
/** Samples that layers are quantised once more on. */
const REFINING_SAMPLES = 128;
/** Samples that the emitted model is checked on, and that agreement with the float model is measured on. */
const CHECKED_SAMPLES = 16;
const MEASURED_SAMPLES = 64;

/**
 * Float model → TINPU model (spec 3.2, 4.2): canonical form, calibration, integers, emission; the emitted bytes are read
 * back and must compute the same tensors as the integer interpreter.
 * @param training what a quantised model, of which `imported` is the float form, was trained with
 * @throws UserError with every reason why the model cannot be compiled; InternalError for defects of quantc.
 */
export async function compileTinpu(
  { bytes, imported }: CompileInput,
  options: CompileOptions,
  training?: Training,
): Promise<CompileResult> {
  const diagnostics: Diagnostic[] = [...imported.diagnostics];
  const watch = new Stopwatch(options);
  const recipe = training?.recipe ?? recipeOf(options);
  const batchSize = options.calibrationBatch ?? 16;
  const factor = biasFactorOf(options);
  const context = { trace: options.trace, verify: options.verify, report: (d: Diagnostic) => diagnostics.push(d) };

  const float = await watch.time('canonicalise', () => prepareFloat(imported.graph, options.surgery, context));
  const asCalibrated = assignRoles(float, options);
  const { obstacles } = asCalibrated;
  refuseObstacles(obstacles, options.model);
  refuseUnknownLayers(asCalibrated.unknownLayers, layerNames(asCalibrated.points), options.model);
  if (!asCalibrated.points.some(({ kind }) => kind !== 'input' && kind !== 'affine' && kind !== 'island')) {
    throw new UserError({
      code: 'no-layers',
      severity: 'error',
      message: `${options.model}: no layer of the model computes anything that could become integers`,
      hint: 'give a model with at least one convolution, matrix product, pool or activation between input and output',
    });
  }

  const samples = await openSamples(float, options, context.report);
  const observed = recipe.plan(float, asCalibrated.points, options.observer);
  if (observed.taps.length > 0) {
    await watch.time('calibrate', () =>
      calibrate(float, observed, samples, {
        kernels: FLOAT_KERNELS,
        batchSize,
        progress: (done) => watch.progress('calibrate', done, samples.count),
      }),
    );
  }

  warnOfConstantInputs(asCalibrated.points, observed, context.report);
  const { roles, plan } = rescaled(float, asCalibrated, observed, recipe, options, context.report);
  const { points } = roles;
  const scales = solveScales(roles, recipe, plan, context.report);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new UserError(errors);
  const quantised = await watch.time('lower', async () => {
    const form = { domains: roles.domains, scales, recipe, output: options.output ?? 'int' };
    const graph = lowerGraph(float, form, context);
    const settings = { kernels: TINPU_KERNELS, batchSize, factor };
    const refining = {
      recipe,
      points,
      kernels: TINPU_KERNELS,
      batchSize,
      limit: affordableSamples(float, REFINING_SAMPLES),
    };
    await refineWeights(float, graph, samples, { ...refining, report: context.report });
    await applyBiasCalibration(float, graph, samples, settings, context.report);
    return options.legalise === true ? legaliseGraph(graph, options.target, options.rules ?? 'strict', context) : graph;
  });
  refuseViolations(quantised, options.model);

  const model = { target: options.target.name, backend: options.backend, recipe: recipe.name };
  const inputs = float.inputs.map((input) => summariseInput(input, points, scales));
  const outputs = quantised.outputs.map(({ name, value }) => summariseTensor(name, value));
  const emitted = await watch.time('emit', () => {
    const metadata = {
      version: VERSION,
      ...model,
      inputs: facts(inputs),
      outputs: facts(outputs),
      tensors: facts(innerTensors(quantised)),
      sourceSha256: bytesToHex(sha256(bytes)),
    };
    return exportModel(emitCarrier(quantised), {
      opset: TINPU_OPSET,
      producer: 'quantc',
      metadata: [['quantc', JSON.stringify(metadata)]],
    });
  });
  const measured = await watch.time('check', () => {
    const selfCheck = new SelfCheck(liftCarrier(importModel(emitted).graph), TINPU_KERNELS);
    return measure(training?.reference(float) ?? float, quantised, samples, {
      realise,
      kernels: TINPU_KERNELS,
      expected: training?.run,
      batchSize,
      limit: affordableSamples(float, MEASURED_SAMPLES),
      check: (batch, tensors) => selfCheck.check(batch, tensors),
      checked: affordableSamples(float, CHECKED_SAMPLES),
    });
  });
  const layers = summariseLayers(quantised, options.target, options.rules ?? 'strict', measured.tensors);
  const memory = summariseMemory(layers, quantised, float);
  diagnostics.push(...memoryWarnings(memory, options.target));
  const requantisation = training?.account({ scales, measured }, context.report);
  const summary: Summary = {
    version: VERSION,
    model: options.model,
    ...model,
    output: options.output ?? 'int',
    inputs,
    outputs,
    layers,
    activations: summariseActivations(points, plan, scales, measured),
    islands: summariseIslands(islandsOf(quantised)),
    totals: totalsOf(layers),
    estimate: estimateLatency(layers, options.target),
    memory,
    accuracy: measured.accuracy,
    ...(requantisation && { requantisation }),
    diagnostics: diagnostics.map(({ code, severity, message, at, hint }) => ({
      code,
      severity,
      message,
      node: at?.node ?? null,
      hint: hint ?? null,
    })),
    seconds: watch.seconds,
  };
  return { bytes: emitted, summary, float, quantised, diagnostics };
}

/** Roles and ranges with the operands of additions rescaled that the recipe wants rescaled. */
function rescaled(
  float: Graph,
  roles: Roles,
  plan: CalibrationPlan,
  recipe: Recipe,
  options: CompileOptions,
  report: (diagnostic: Diagnostic) => void,
): { readonly roles: Roles; readonly plan: Pick<CalibrationPlan, 'rangeOf' | 'energyOf'> } {
  const context = { ...plan, signed: signednessOf(roles.points, plan), inputScaleOf: () => undefined };
  const alone = (point: QuantisationPoint): number => recipe.scale({ points: [point] }, context);
  const assign = (): Roles => assignRoles(float, options);
  const copies = rescaleJoins(float, roles, { scaleOf: alone, rescales: recipe.rescales, assign, report });
  if (copies.size === 0) return { roles, plan };
  const before = new Map(roles.points.map((point) => [point.value, point]));
  const original = (point: QuantisationPoint): QuantisationPoint =>
    before.get(copies.get(point.value) ?? point.value) ?? point;
  const { energyOf } = plan;
  return {
    roles: assign(),
    plan: {
      rangeOf: (point) => plan.rangeOf(original(point)),
      ...(energyOf !== undefined && { energyOf: (point) => energyOf(original(point)) }),
    },
  };
}

const layerNames = (points: readonly QuantisationPoint[]): string[] =>
  points.flatMap(({ kind, node }) => (kind === 'layer' && node !== undefined ? [layerName(node)] : []));

/** An input that never changes says nothing about the ranges of the layers behind it. */
function warnOfConstantInputs(
  points: readonly QuantisationPoint[],
  plan: Pick<CalibrationPlan, 'rangeOf'>,
  report: (diagnostic: Diagnostic) => void,
): void {
  for (const point of points) {
    if (point.kind !== 'input' && point.kind !== 'affine') continue;
    const { min, max } = plan.rangeOf(point);
    if (min !== max) continue;
    report({
      code: 'constant-input',
      severity: 'warning',
      message: `'${point.value.name}' is ${min} throughout the calibration data; the ranges taken from it are not representative`,
      at: { value: point.value.name },
      hint: 'give typical inputs with --calib',
    });
  }
}

function recipeOf({ recipe: name }: CompileOptions): Recipe {
  const recipe = name === undefined ? RECIPES[0] : findRecipe(name);
  if (recipe !== undefined) return recipe;
  throw new UserError({
    code: 'unknown-recipe',
    severity: 'error',
    message: `recipe '${name ?? ''}' is not known, accepted: ${RECIPES.map((known) => known.name).join(', ')}`,
  });
}

async function openSamples(
  float: Graph,
  { samples }: CompileOptions,
  report: (diagnostic: Diagnostic) => void,
): Promise<SampleSource> {
  if (samples !== undefined) return samples(float.inputs);
  return syntheticSamples(float.inputs, { report, count: affordableSamples(float, SYNTHETIC_SAMPLES) });
}

/** The integers a raw input becomes in the input sequence. */
function summariseInput(
  input: Value,
  points: readonly QuantisationPoint[],
  scales: ReadonlyMap<QuantisationPoint, Quantisation>,
): TensorSummary {
  const point = points.find(({ kind, value, node }) => {
    const clipped = value.producer?.op === 'Clip' ? value.producer.inputs[0] : value;
    const source = kind === 'affine' ? node?.inputs[0] : kind === 'input' ? clipped : undefined;
    return source !== undefined && rawInput(source) === input;
  });
  const quantisation = point && scales.get(point);
  const { type } = input;
  return summariseTensor(input.name, { ...input, type: quantisation ? { ...type, quantisation } : type });
}

/** The integers that nodes compute, whose scales nothing else in the file tells. */
const innerTensors = ({ nodes }: Graph): TensorSummary[] =>
  nodes.flatMap(({ outputs }) =>
    outputs.flatMap((value) => (value.type.quantisation === undefined ? [] : [summariseTensor(value.name, value)])),
  );

const facts = (tensors: readonly TensorSummary[]): object[] =>
  tensors.map(({ name, scale, zeroPoint, bits, signed }) => ({ name, scale, zeroPoint, bits, signed }));

function summariseActivations(
  points: readonly QuantisationPoint[],
  plan: Pick<CalibrationPlan, 'rangeOf'>,
  scales: ReadonlyMap<QuantisationPoint, Quantisation>,
  { tensors }: Measurement,
): Summary['activations'] {
  return points.flatMap((point) => {
    const quantisation = scales.get(point);
    if (quantisation === undefined) return [];
    const { min, max } = plan.rangeOf(point);
    const saturatedFraction = tensors.get(point.value.name)?.saturatedFraction ?? null;
    return [{ name: point.value.name, min, max, ...quantisation, zeroPoint: 0, saturatedFraction }];
  });
}
