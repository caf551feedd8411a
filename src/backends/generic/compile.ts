import type { Diagnostic } from '../../ir/diagnostics.js';
import { GraphEditor } from '../../ir/editor.js';
import { exportModel } from '../../ir/onnx/export.js';
import { importModel } from '../../ir/onnx/import.js';
import { OPERATORS } from '../../ir/ops/index.js';
import { runPipeline } from '../../passes/pass.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import { calibrate } from '../calibration/calibrate.js';
import { affordableSamples, CHECKED_SAMPLES, MEASURED_SAMPLES } from '../calibration/sample-budget.js';
import { estimateLatency, totalsOf } from '../estimate.js';
import { memoryWarnings } from '../memory-warnings.js';
import type { CompileInput, CompileOptions, CompileResult } from '../options.js';
import { layerNames } from '../report/layer-name.js';
import { measure } from '../report/measure.js';
import { SelfCheck } from '../self-check.js';
import { refuseUnknownLayers } from '../split/refuse-unknown-layers.js';
import { Stopwatch } from '../stopwatch.js';
import type { Summary } from '../summary.js';
import { VERSION } from '../version.js';
import { planGrids } from './grids/observe.js';
import { lowestOpset } from './lowest-opset.js';
import { nameOutputs } from './name-outputs.js';
import { prepareForQuantisation } from './prepare.js';
import { prepareFloat } from '../prepare-float.js';
import { openSamples } from '../calibration/open-samples.js';
import { quantcMetadata } from '../quantc-metadata.js';
import { noLayers } from '../split/no-layers.js';
import { summariseDiagnostic } from '../report/summarise-diagnostic.js';
import { summariseMemory } from '../report/summarise-memory.js';
import { quantiseGraph } from './quantise-graph.js';
import { refuseBrokenConstants, refuseOptions } from './refusals.js';
import { reportFloats } from './report/report-floats.js';
import { realiseIn } from './report/realise.js';
import { AFFINE_KERNELS } from '../affine/dialect.js';
import { liftAffine } from '../affine/lift/lift.js';
import { summariseIslands } from '../report/islands.js';
import { summariseActivations, summariseLayers, summariseTensor } from './report/summarise.js';
import { splitGraph } from './split/points.js';
import { islandsOf } from './report/islands.js';
import { blankLayer } from './weights/blank-layer.js';
import { refineLayers } from './weights/refine-layers.js';

const RECIPE = 'quantc';

/** Samples that layers are quantised once more on. */
const REFINING_SAMPLES = 128;

/**
 * Float model → QDQ model for any ONNX Runtime (spec 3.4, 4.2): canonical form, calibration, QuantizeLinear and
 * DequantizeLinear in place, layers quantised on what is before them; the emitted bytes are read back, lifted to integers,
 * and must compute the same tensors as the integer interpreter.
 * @throws UserError with every reason why the model cannot be compiled; InternalError for defects of quantc.
 */
export async function compileGeneric(
  { bytes, imported }: CompileInput,
  options: CompileOptions,
): Promise<CompileResult> {
  const diagnostics: Diagnostic[] = [...imported.diagnostics];
  const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
  const watch = new Stopwatch(options);
  const batchSize = options.calibrationBatch ?? 16;
  const output = options.output ?? 'float';
  refuseOptions(options, report);

  const context = { trace: options.trace, verify: options.verify, report };
  const float = await watch.time('canonicalise', () =>
    prepareFloat(imported.graph, options.surgery, [prepareForQuantisation], context),
  );
  refuseBrokenConstants(float, options.model);
  const split = splitGraph(float, { ...options, output });
  refuseUnknownLayers(split.unknownLayers, layerNames(split.points), options.model);
  if (split.points.length === 0) {
    throw noLayers(options.model);
  }

  const samples = await openSamples(float, options, report);
  const plan = planGrids(split, options.observer);
  await watch.time('calibrate', () =>
    calibrate(float, plan, samples, {
      kernels: FLOAT_KERNELS,
      batchSize,
      progress: (done) => {
        watch.progress('calibrate', done, samples.count);
      },
    }),
  );
  const quantised = await watch.time('lower', async () => {
    const lowered = quantiseGraph(float, split, { gridOf: plan.gridOf, output, constantsOf: blankLayer });
    const pass = { ...context, operators: OPERATORS, kernels: FLOAT_KERNELS };
    runPipeline(new GraphEditor(lowered.graph), nameOutputs, pass);
    const limit = affordableSamples(float, REFINING_SAMPLES);
    await refineLayers(float, lowered.graph, lowered.layers, samples, { batchSize, limit });
    return lowered;
  });
  reportFloats(float, split, report);

  const model = { target: options.target.name, backend: options.backend, recipe: RECIPE };
  const inputs = float.inputs.map((input) => summariseTensor(input.name, input, quantised));
  const outputs = quantised.graph.outputs.map(({ name, value }) => summariseTensor(name, value, quantised));
  const emitted = await watch.time('emit', () =>
    exportModel(quantised.graph, {
      opset: lowestOpset(quantised.graph, options.model),
      producer: 'quantc',
      metadata: quantcMetadata({ ...model, source: bytes }, { inputs, outputs }),
    }),
  );
  const integers = liftAffine(quantised.graph);
  const measured = await watch.time('check', () => {
    const selfCheck = new SelfCheck(liftAffine(importModel(emitted).graph), AFFINE_KERNELS);
    return measure(float, integers, samples, {
      realise: realiseIn(quantised),
      kernels: AFFINE_KERNELS,
      batchSize,
      limit: affordableSamples(float, MEASURED_SAMPLES),
      check: (batch, tensors) => {
        selfCheck.check(batch, tensors);
      },
      checked: affordableSamples(float, CHECKED_SAMPLES),
    });
  });
  const layers = summariseLayers(quantised, measured.tensors);
  const memory = summariseMemory(layers, integers, float);
  diagnostics.push(...memoryWarnings(memory, options.target));
  const summary: Summary = {
    version: VERSION,
    model: options.model,
    ...model,
    output,
    inputs,
    outputs,
    layers,
    activations: summariseActivations(quantised, split, plan, measured.tensors),
    islands: summariseIslands(islandsOf(quantised)),
    totals: totalsOf(layers),
    estimate: estimateLatency(layers, options.target),
    memory,
    accuracy: measured.accuracy,
    diagnostics: diagnostics.map(summariseDiagnostic),
    seconds: watch.seconds,
  };
  return { bytes: emitted, summary, float, quantised: integers, diagnostics };
}
