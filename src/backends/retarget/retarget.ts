import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import type { Value } from '../../ir/graph.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { prepare } from '../../runtime/executor.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import type { CompileInput, CompileOptions, CompileResult } from '../options.js';
import { affordableSamples } from '../calibration/sample-budget.js';
import { compileTinpu } from '../tinpu/compile.js';
import type { Training } from '../tinpu/training.js';
import { accountOf } from './account.js';
import { foldZeroPoints, NOTHING_FOLDED } from './fold-zero-points.js';
import { fakeQuantised } from './fake-quantised.js';
import { integerTensors, quantisedInputs, realSamples, realTensors } from './ports.js';
import { reportAccount } from './report-account.js';
import { stripQuantisation } from './strip-quantisation.js';
import type { StrippedModel } from './stripped-model.js';
import { gridRange } from './trained-grid.js';
import { TrainedWeightsIndex } from './trained-knowledge.js';
import { trainedRecipe } from './trained-recipe.js';
import { typicalSamples } from './typical-samples.js';

/** Samples that stand in for data where agreement is measured. */
const RANDOM_SAMPLES = 64;

/**
 * Compiles a quantised model for TINPU: its quantisation is taken out, and the float graph goes the ordinary way with the
 * scales of the model in the place of observed ranges and with the integers of its weights kept where BNORM has a multiplier
 * for them. Agreement is that with the quantised model.
 * @throws UserError with every reason why that is impossible
 */
export async function retarget({ bytes, imported }: CompileInput, options: CompileOptions): Promise<CompileResult> {
  const remarks: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): number => remarks.push(diagnostic);
  const { recipe: name } = options;
  if (name !== undefined && !OWN_RECIPES.has(name)) throw foreignRecipe(name);
  const stripped = stripQuantisation(imported.graph, { report, file: options.model });
  reportPorts(stripped, report);
  const weights = new TrainedWeightsIndex(stripped);
  const grids = new Map(stripped.grids);
  let folded = NOTHING_FOLDED;
  const trained = trainedRecipe({ grids }, weights, options.samples !== undefined, (points) => {
    if (points.length > 0 && options.samples === undefined) report(untrained(points.map(({ value }) => value.name)));
  });
  if (options.samples === undefined) report(RANDOM_AGREEMENT);
  const program = prepare(imported.graph, FLOAT_KERNELS);
  const training: Training = {
    recipe: trained.recipe,
    prepare: (float) => {
      folded = foldZeroPoints(float, grids, weights, options.output === 'float');
    },
    reference: (float) => fakeQuantised(float, grids),
    run: (batch) => realTensors(program.run(integerTensors(batch, stripped.inputs)), stripped.outputs),
    account: (compiled, tell) => {
      const account = accountOf(compiled, trained, trained.constantsOf, folded);
      for (const remark of remarks) tell(remark);
      reportAccount(account, tell);
      return account;
    },
  };
  const input = { bytes, imported: { ...imported, graph: stripped.graph } };
  return compileTinpu(
    input,
    {
      ...options,
      trainedBits: (layer) => ({ weights: weights.bitsOf(layer) }),
      samples: (inputs) => openSamples(inputs, stripped, options),
    },
    training,
  );
}

/** The project's own recipe means this one for a model that brings its own scales. */
const OWN_RECIPES: ReadonlySet<string> = new Set(['trained', 'quantc']);

async function openSamples(
  inputs: readonly Value[],
  stripped: StrippedModel,
  { samples }: CompileOptions,
): Promise<SampleSource> {
  if (samples !== undefined) {
    return realSamples(await samples(quantisedInputs(inputs, stripped.inputs) as Value[]), stripped.inputs);
  }
  const rangeOf = (name: string): ReturnType<typeof gridRange> | undefined => {
    const grid = stripped.grids.get(name);
    return grid && gridRange(grid);
  };
  return typicalSamples(inputs, rangeOf, affordableSamples(stripped.graph, RANDOM_SAMPLES));
}

const foreignRecipe = (name: string): UserError =>
  new UserError({
    code: 'recipe-of-float-models',
    severity: 'error',
    message: `recipe '${name}' chooses scales for float models, and this model brings its own, accepted: quantc`,
    hint: 'leave --recipe out, or give the float model',
  });

const untrained = (tensors: readonly string[]): Diagnostic => ({
  code: 'synthetic-calibration',
  severity: 'warning',
  message:
    `no calibration data: the ranges of ${tensors.length === 1 ? 'the tensor' : `${tensors.length} tensors`} that the model ` +
    `does not quantise (${tensors
      .slice(0, 3)
      .map((tensor) => `'${tensor}'`)
      .join(', ')}${tensors.length > 3 ? ', …' : ''}) are ` +
    'taken from random numbers, which do not represent real inputs',
  hint: 'give a few dozen typical inputs with --calib',
});

const RANDOM_AGREEMENT: Diagnostic = {
  code: 'random-agreement',
  severity: 'info',
  message: 'no data: agreement with the quantised model is measured on random numbers within the range of its inputs',
  hint: 'give typical inputs with --calib',
};

/** Says which inputs and outputs are real numbers now. */
function reportPorts({ inputs, outputs }: StrippedModel, report: (diagnostic: Diagnostic) => void): void {
  for (const [name, { dtype, grid }] of inputs) {
    report({
      code: 'real-input',
      severity: 'info',
      message: `input '${name}' takes real numbers instead of ${dtype}: ${grid.scale} · (integer - ${grid.zeroPoint})`,
      at: { value: name },
    });
  }
  for (const [name, { dtype, grid }] of outputs) {
    report({
      code: 'other-integers',
      severity: 'info',
      message:
        `output '${name}', ${dtype} at scale ${grid.scale} and zero point ${grid.zeroPoint}, has the scale of the summary ` +
        'and no zero point',
      at: { value: name },
    });
  }
}
