import { basename, dirname, extname, join, resolve } from 'node:path';
import type { CompileOptions } from '../backends/options.js';
import type { BackendName, Target } from '../backends/targets.js';
import { OBSERVER_KINDS } from '../passes/calibration/observers/index.js';
import { InternalError } from '../ir/diagnostics.js';
import { mergeConfig } from './config/merge-config.js';
import { readConfig, type Config } from './config/read-config.js';
import type { CompileFlags } from './invocation.js';
import type { CliIo } from './io.js';
import { findModel, isFound, settleModel, type ModelFile } from './model-source.js';
import { OutputFiles, type NamedPath } from './output-files.js';
import { RECIPE_NAMES } from './recipe-names.js';
import { Settings } from './settings.js';

/** A compilation all of whose settings are in order. */
export interface CompilePlan {
  readonly model: ModelFile;
  readonly options: Omit<CompileOptions, 'samples' | 'progress' | 'trace' | 'now'>;
  readonly calibration: readonly string[];
  readonly out: NamedPath;
  readonly report: NamedPath | undefined;
  /** Where settings and scales go. */
  readonly saveConfig: NamedPath | undefined;
  /** The settings of --config. */
  readonly config: Config | undefined;
}

/**
 * Checks everything that can be checked before the model is read.
 * @throws UserError with all mistakes
 */
export async function planCompilation(
  operands: readonly string[],
  given: CompileFlags,
  io: CliIo,
): Promise<CompilePlan> {
  const settings = new Settings();
  const found = await findModel(settings.model('compile', operands), io);
  const config = given.config === undefined ? undefined : await readConfig(given.config, io, settings);
  const { flags, places } =
    config === undefined ? { flags: given, places: new Map<string, string>() } : mergeConfig(given, config);
  const read: ReadOption = (name, work) => {
    const place = places.get(name);
    return settings.within(place, () => work(place === undefined ? `--${name}` : name));
  };
  const { target, backend } = targetOf(flags, settings, read, config?.legible !== false);
  const chosen = {
    recipe: read('recipe', (name) => settings.choice(name, flags.recipe, RECIPE_NAMES)),
    observer: read('observer', (name) => settings.choice(name, flags.observer, OBSERVER_KINDS)),
    biasCalibration: read('bias-calibration', (name) => settings.share(name, flags.biasCalibration)),
    output: read('output', (name) => settings.choice(name, flags.output, ['int', 'float'] as const)),
    rules: read('rules', (name) => settings.choice(name, flags.rules, ['strict', 'relaxed'] as const)),
    legalise: flags.legalise,
    surgery: read('surgery', (name) => settings.surgery(name, flags.surgery)),
    calibrationBatch: read('calib-batch', (name) => settings.count(name, flags.calibBatch)),
    weightBits: read('weight-bits', (name) => settings.bits(name, flags.weightBits)),
    activationBits: read('activation-bits', (name) => settings.bits(name, flags.activationBits)),
    layerBits: read('bits', (name) => settings.layerBits(name, flags.bits)),
    verify: flags.verifyIr,
  };
  const files = new OutputFiles(io, settings);
  if (isFound(found)) await files.addInput(found);
  for (const name of flags.calib) {
    await settings.withinLater(places.get('calib'), () => files.addInput({ name, path: resolve(io.cwd, name) }));
  }
  if (flags.config !== undefined) await files.addInput({ name: flags.config, path: resolve(io.cwd, flags.config) });
  const placeFile = (option: string, name: string, wanted: string | undefined, own: string): Promise<NamedPath> => {
    const place = places.get(name);
    return settings.withinLater(place, () => files.place(place === undefined ? option : name, wanted, own));
  };
  const out = await placeFile('-o', 'out', flags.out, ownName(operands, `.${target?.name ?? 'quantised'}.onnx`));
  const report = read('report', () => reportOf(flags, settings));
  const reportPath =
    report === undefined ? undefined : await placeFile('--report', 'report', report, ownName(operands, '.json'));
  const saveConfig =
    flags.saveConfig === undefined
      ? undefined
      : await placeFile(
          '--save-config',
          'save-config',
          flags.saveConfig || undefined,
          join(dirname(out.name), CONFIG_NAME),
        );
  const model = settleModel(found, settings);
  if (target === undefined) throw new InternalError('a mistake was not told');
  const options = { ...chosen, target, backend: backend ?? target.defaultBackend, model: model.name };
  return { model, options, calibration: flags.calib, out, report: reportPath, saveConfig, config };
}

/** What `--save-config` writes when no file is named. */
const CONFIG_NAME = 'quantization_config.yaml';

/** Reads an option under the name by which messages call it, at its place in a file where it comes from one. */
type ReadOption = <T>(option: string, work: (name: string) => T) => T;

/** The name of a file beside the model. */
const ownName = ([name = '']: readonly string[], ending: string): string =>
  join(dirname(name), basename(name, extname(name)) + ending);

interface ChosenTarget {
  readonly target: Target | undefined;
  readonly backend: BackendName | undefined;
}

/** @param complete whether all settings are known, so that a target that is not is missing */
function targetOf(
  { target: name, backend: wanted }: CompileFlags,
  settings: Settings,
  read: ReadOption,
  complete: boolean,
): ChosenTarget {
  if (name === undefined && complete) {
    settings.refuse('no target is given', 'add --target <name>, e.g. --target f28p55; `quantc targets` lists them');
  }
  const target = name === undefined ? undefined : read('target', () => settings.target(name));
  const backend = read('backend', (option) => settings.backend(option, wanted, target));
  return { target, backend };
}

/** Whether a report is wanted as a page. */
export const isPage = (name: string): boolean => ['.html', '.htm'].includes(extname(name).toLowerCase());

function reportOf({ report }: CompileFlags, settings: Settings): string | undefined {
  if (report === undefined || isPage(report) || extname(report).toLowerCase() === '.json') return report;
  settings.refuse(`the report '${report}' is no .json or .html file`, 'name it with the ending .json or .html');
  return undefined;
}
