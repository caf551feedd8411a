import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { exportModel } from '../../ir/onnx/export.js';
import { importModel } from '../../ir/onnx/import.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import { calibrate } from '../calibration/calibrate.js';
import { openSamples } from '../calibration/open-samples.js';
import { affordableSamples, CHECKED_SAMPLES, MEASURED_SAMPLES } from '../calibration/sample-budget.js';
import { estimateLatency, totalsOf } from '../estimate.js';
import { memoryWarnings } from '../memory-warnings.js';
import type { CompileInput, CompileOptions, CompileResult } from '../options.js';
import { quantcMetadata } from '../quantc-metadata.js';
import { summariseIslands } from '../report/islands.js';
import { layerNames } from '../report/layer-name.js';
import { measure } from '../report/measure.js';
import { summariseDiagnostic } from '../report/summarise-diagnostic.js';
import { summariseMemory } from '../report/summarise-memory.js';
import { SelfCheck } from '../self-check.js';
import { noLayers } from '../split/no-layers.js';
import { refuseUnknownLayers } from '../split/refuse-unknown-layers.js';
import { Stopwatch } from '../stopwatch.js';
import type { Summary } from '../summary.js';
import { VERSION } from '../version.js';
import { applyBiasCalibration, biasFactorOf } from './bias/bias-calibration.js';
import { TINPU_KERNELS } from './dialect.js';
import { emitCarrier, TINPU_OPSET } from './emit/emit.js';
import { legaliseGraph } from './legalise/legalise.js';
import { liftCarrier } from './lift/lift.js';
import { lowerGraph } from './lower/lower.js';
import { prepareForTinpu } from './prepare/prepare.js';
import { findRecipe } from './recipes/index.js';
import { constantInputs } from './report/constant-inputs.js';
import { islandsOf } from './report/islands.js';
import { realise } from './report/realise.js';
import { summariseActivations } from './report/summarise-activations.js';
import { innerTensors, summariseInput } from './report/summarise-interface.js';
import { summariseLayers, summariseTensor } from './report/summarise.js';
import { rescaledRoles } from './scales/rescaled-roles.js';
import { solveScales } from './scales/solve-scales.js';
import { refuseObstacles, refuseViolations } from './split/refusals.js';
import type { TrainedGraph, Training } from './training.js';
import { assignRoles, computesIntegers } from './split/roles.js';
import { refineWeights } from './weights/refine-weights.js';

/** Samples that layers are quantised once more on. */
const REFINING_SAMPLES = 256;

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
  const recipe = training?.recipe ?? findRecipe(options.recipe);
  const batchSize = options.calibrationBatch ?? 16;
  const factor = biasFactorOf(options);
  const context = { trace: options.trace, verify: options.verify, report: (d: Diagnostic) => diagnostics.push(d) };

  const float = await watch.time('canonicalise', () => prepareForTinpu(imported.graph, options.surgery, context));
  training?.prepare(float);
  const asCalibrated = assignRoles(float, options);
  const { obstacles } = asCalibrated;
  refuseObstacles(obstacles, options.model);
  refuseUnknownLayers(asCalibrated.unknownLayers, layerNames(asCalibrated.points), options.model);
  if (!computesIntegers(asCalibrated)) {
    throw noLayers(options.model);
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

  diagnostics.push(...constantInputs(asCalibrated.points, observed));
  const { roles, plan } = rescaledRoles(float, asCalibrated, observed, recipe, options, context.report);
  const { points } = roles;
  const scales = solveScales(roles, recipe, plan, context.report);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new UserError(errors);
  const reference: TrainedGraph = training?.reference(float) ?? { graph: float, tensorOf: (value) => value };
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
    const { tensorOf } = reference;
    await refineWeights(reference.graph, graph, samples, { ...refining, tensorOf, report: context.report });
    await applyBiasCalibration(reference.graph, graph, samples, settings, context.report);
    return options.legalise === true ? legaliseGraph(graph, options.target, options.rules ?? 'strict', context) : graph;
  });
  refuseViolations(quantised, options.model);

  const model = { target: options.target.name, backend: options.backend, recipe: recipe.name };
  const inputs = float.inputs.map((input) => summariseInput(input, points, scales));
  const outputs = quantised.outputs.map(({ name, value }) => summariseTensor(name, value));
  const emitted = await watch.time('emit', () =>
    exportModel(emitCarrier(quantised), {
      opset: TINPU_OPSET,
      producer: 'quantc',
      metadata: quantcMetadata({ ...model, source: bytes }, { inputs, outputs }, innerTensors(quantised)),
    }),
  );
  const measured = await watch.time('check', () => {
    const selfCheck = new SelfCheck(liftCarrier(importModel(emitted).graph, { restates: false }), TINPU_KERNELS);
    return measure(reference.graph, quantised, samples, {
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
    diagnostics: diagnostics.map(summariseDiagnostic),
    seconds: watch.seconds,
  };
  return { bytes: emitted, summary, float, quantised, diagnostics };
}
