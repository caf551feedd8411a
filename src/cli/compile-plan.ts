import { basename, dirname, extname, join, resolve } from 'node:path';
import type { CompileOptions } from '../backends/options.js';
import type { Target } from '../backends/targets.js';
import { OBSERVER_KINDS } from '../passes/calibration/observers/index.js';
import { InternalError } from '../ir/diagnostics.js';
import type { CompileFlags } from './invocation.js';
import type { CliIo } from './io.js';
import { findModel, isFound, settleModel, type ModelFile } from './model-source.js';
import { OutputFiles, type NamedPath } from './output-files.js';
import { Settings } from './settings.js';

/** A compilation all of whose settings are in order. */
export interface CompilePlan {
  readonly model: ModelFile;
  readonly options: Omit<CompileOptions, 'samples' | 'progress' | 'trace' | 'now'>;
  readonly calibration: readonly string[];
  readonly out: NamedPath;
  readonly report: NamedPath | undefined;
}

/** Names of the recipes; the first one is the default. */
const RECIPE_NAMES = ['quantc', 'torchmodelopt'] as const;

/**
 * Checks everything that can be checked before the model is read.
 * @throws UserError with all mistakes
 */
export async function planCompilation(
  operands: readonly string[],
  flags: CompileFlags,
  io: CliIo,
): Promise<CompilePlan> {
  const settings = new Settings();
  const found = await findModel(settings.model('compile', operands), io);
  const target = targetOf(flags, settings);
  const backend = settings.choice('--backend', flags.backend, ['tinpu', 'generic'] as const);
  if (target !== undefined && backend !== undefined && !target.backends.includes(backend)) {
    settings.refuse(
      `the target ${target.name} does not take the ${backend} backend, accepted: ${target.backends.join(', ')}`,
    );
  }
  const chosen = {
    recipe: settings.choice('--recipe', flags.recipe, RECIPE_NAMES),
    observer: settings.choice('--observer', flags.observer, OBSERVER_KINDS),
    biasCalibration: settings.share('--bias-calibration', flags.biasCalibration),
    output: settings.choice('--output', flags.output, ['int', 'float'] as const),
    rules: settings.choice('--rules', flags.rules, ['strict', 'relaxed'] as const),
    legalise: flags.legalise,
    surgery: settings.surgery(flags.surgery),
    calibrationBatch: settings.count('--calib-batch', flags.calibBatch),
    weightBits: settings.bits('--weight-bits', flags.weightBits),
    activationBits: settings.bits('--activation-bits', flags.activationBits),
    layerBits: settings.layerBits('--bits', flags.bits),
    verify: flags.verifyIr,
  };
  if (flags.config !== undefined) {
    settings.refuse('--config is not available in this version', 'give the settings as options', 'not-available');
  }
  const files = new OutputFiles(io, settings);
  if (isFound(found)) await files.addInput(found);
  for (const name of flags.calib) await files.addInput({ name, path: resolve(io.cwd, name) });
  const out = await files.place('-o', flags.out, ownName(operands, `.${target?.name ?? 'quantised'}.onnx`));
  const report = reportOf(flags, settings);
  const reportPath =
    report === undefined ? undefined : await files.place('--report', report, ownName(operands, '.json'));
  const model = settleModel(found, settings);
  if (target === undefined) throw new InternalError('a mistake was not told');
  const options = { ...chosen, target, backend: backend ?? target.defaultBackend, model: model.name };
  return { model, options, calibration: flags.calib, out, report: reportPath };
}

/** The name of a file beside the model. */
const ownName = ([name = '']: readonly string[], ending: string): string =>
  join(dirname(name), basename(name, extname(name)) + ending);

function targetOf({ target }: CompileFlags, settings: Settings): Target | undefined {
  if (target !== undefined) return settings.target(target);
  settings.refuse('no target is given', 'add --target <name>, e.g. --target f28p55; `quantc targets` lists them');
  return undefined;
}

function reportOf({ report }: CompileFlags, settings: Settings): string | undefined {
  const extension = report === undefined ? '' : extname(report).toLowerCase();
  if (report === undefined || extension === '.json') return report;
  if (extension === '.html') {
    settings.refuse('a report in .html is not available in this version', 'give a .json file', 'not-available');
  } else settings.refuse(`the report '${report}' is no .json file`, 'name it with the ending .json');
  return undefined;
}
