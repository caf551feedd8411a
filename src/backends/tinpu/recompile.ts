import { InternalError, type Diagnostic } from '../../ir/diagnostics.js';
import { isInteger, bitsOf, isSigned } from '../../ir/dtype.js';
import { opName, type Graph, type Value } from '../../ir/graph.js';
import { exportModel } from '../../ir/onnx/export.js';
import { importModel } from '../../ir/onnx/import.js';
import { syntheticSamples } from '../../passes/calibration/synthetic.js';
import { totalsOf, estimateLatency } from '../estimate.js';
import { memoryWarnings } from '../memory-warnings.js';
import type { CompileInput, CompileOptions, CompileResult } from '../options.js';
import { quantcMetadata, readQuantcMetadata } from '../quantc-metadata.js';
import { Stopwatch } from '../stopwatch.js';
import type { Summary, TensorSummary } from '../summary.js';
import { VERSION } from '../version.js';
import { affordableSamples, CHECKED_SAMPLES } from '../calibration/sample-budget.js';
import { emitCarrier, TINPU_OPSET } from './emit/emit.js';
import { compareGraphs } from './equivalence.js';
import { legaliseGraph } from './legalise/legalise.js';
import { liftCarrier } from './lift/lift.js';
import { inexactLayers } from './report/inexact-layers.js';
import { islandsOf } from './report/islands.js';
import { summariseIslands } from '../report/islands.js';
import { sourceName } from '../report/layer-name.js';
import { summariseDiagnostic } from '../report/summarise-diagnostic.js';
import { summariseMemory } from '../report/summarise-memory.js';
import { summariseLayers } from './report/summarise.js';

/** What stands for a recipe where the integers came from elsewhere. */
const KEPT = 'kept';
/** The recipe of quantc itself asks for nothing of a model that is quantised already. */
const OWN_RECIPE = 'quantc';

/** Whether a lifted graph requantises as the NPU does: its integers are there already. */
export const isTinpu = (lifted: Graph): boolean => lifted.nodes.some((node) => opName(node) === 'q.Bnorm');

/**
 * TINPU model → the same integers in the form in which quantc writes them (spec 1.6, 4.2), with the report of layers and
 * placement and, on request, legalised. The emitted bytes are read back and must compute the tensors of the given model.
 * @param lifted the integers of the imported model
 * @throws InternalError naming the first tensor that differs
 */
export async function recompileTinpu(
  { bytes, imported }: CompileInput,
  lifted: Graph,
  options: CompileOptions,
): Promise<CompileResult> {
  const { target, model, rules = 'strict' } = options;
  const diagnostics: Diagnostic[] = [...imported.diagnostics, keptIntegers(options), ...inexactLayers(lifted)];
  const watch = new Stopwatch(options);
  const context = { trace: options.trace, verify: options.verify, report: (d: Diagnostic) => diagnostics.push(d) };
  const quantised = await watch.time('lower', () =>
    options.legalise === true ? legaliseGraph(lifted, target, rules, context) : lifted,
  );
  const own = readQuantcMetadata(imported.metadata.metadataProps);
  const inputs = quantised.inputs.map((value) => ({ ...summarise(value.name, value), ...own?.inputs.get(value.name) }));
  const outputs = quantised.outputs.map(({ name, value }) => ({
    ...summarise(name, integersOf(value)),
    ...own?.outputs.get(name),
  }));
  const made = { target: target.name, backend: options.backend, recipe: own?.recipe ?? KEPT };
  const emitted = await watch.time('emit', () =>
    exportModel(emitCarrier(quantised), {
      opset: TINPU_OPSET,
      producer: 'quantc',
      metadata: quantcMetadata({ ...made, source: bytes }, { inputs, outputs }),
    }),
  );
  await watch.time('check', async () => {
    const count = affordableSamples(imported.graph, CHECKED_SAMPLES);
    const samples = syntheticSamples(imported.graph.inputs, { count });
    const [first] = (await compareGraphs(lifted, liftCarrier(importModel(emitted).graph, { restates: false }), samples))
      .differing;
    if (first !== undefined)
      throw new InternalError(`tensor '${first}' of the emitted model is not that of the given one`);
  });
  const layers = summariseLayers(quantised, target, rules, new Map()).map((layer) =>
    own === undefined ? layer : { ...layer, name: sourceName(layer.name) },
  );
  const memory = summariseMemory(layers, quantised, imported.graph);
  diagnostics.push(...memoryWarnings(memory, target));
  const summary: Summary = {
    version: VERSION,
    model,
    ...made,
    output: outputs.every(({ bits }) => bits < 32) ? 'int' : 'float',
    inputs,
    outputs,
    layers,
    activations: [],
    islands: summariseIslands(islandsOf(quantised)),
    totals: totalsOf(layers),
    estimate: estimateLatency(layers, target),
    memory,
    accuracy: null,
    diagnostics: diagnostics.map(summariseDiagnostic),
    seconds: watch.seconds,
  };
  return { bytes: emitted, summary, float: imported.graph, quantised, diagnostics };
}

/** Says that nothing is calibrated, as a warning when something was asked for that calibration decides. */
function keptIntegers(options: CompileOptions): Diagnostic {
  const given = [
    options.samples === undefined ? [] : ['calibration data'],
    (options.recipe ?? OWN_RECIPE) === OWN_RECIPE ? [] : ['the recipe'],
    hasWidths(options) ? ['the widths'] : [],
    options.observer === undefined ? [] : ['the observer'],
    (options.biasCalibration ?? 0) === 0 ? [] : ['the bias calibration'],
    (options.surgery ?? []).length === 0 ? [] : ['the replacement of activations'],
    options.output === 'float' ? ['outputs in float'] : [],
  ].flat();
  const unused = given.length === 0 ? '' : `; not used: ${given.join(', ')}`;
  return {
    code: 'quantised-model',
    severity: given.length === 0 ? 'info' : 'warning',
    message: `${options.model}: the model is quantised already, its integers are kept${unused}`,
    ...(given.length > 0 && { hint: 'give the float model it was made from to quantise it anew' }),
  };
}

/** Whether other widths than the default are asked for. */
const hasWidths = ({ weightBits = 8, activationBits = 8, layerBits }: CompileOptions): boolean =>
  weightBits !== 8 || activationBits !== 8 || (layerBits?.size ?? 0) > 0;

/** The integers that are cast to float32 at the interface. */
const integersOf = (value: Value): Value => {
  const source = value.producer?.op === 'Cast' ? value.producer.inputs[0] : undefined;
  return source !== undefined && isInteger(source.type.dtype) ? source : value;
};

/** A tensor of the interface; the real numbers that its integers stand for are not in the file. */
function summarise(name: string, { type: { dtype, shape } }: Value): TensorSummary {
  const integral = isInteger(dtype);
  return {
    name,
    shape,
    scale: 1,
    zeroPoint: 0,
    bits: integral ? bitsOf(dtype) : 32,
    signed: !integral || isSigned(dtype),
  };
}
