import { basename, dirname, extname, join, resolve } from 'node:path';
import type { CompileOptions } from '../backends/options.js';
import type { Target } from '../backends/targets.js';
import { OBSERVER_KINDS } from '../passes/calibration/observers/index.js';
import { fileFault, refuseAll } from './faults.js';
import type { CompileFlags } from './invocation.js';
import type { CliIo } from './io.js';
import { findModel, isFound, type ModelFile } from './model-source.js';
import { Settings } from './settings.js';

/** A file as it was named and where it is. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

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
    settings.refuse(`the target ${target.name} does not take the ${backend} backend, accepted: ${target.backends.join(', ')}`);
  }
  const chosen = {
    recipe: settings.choice('--recipe', flags.recipe, RECIPE_NAMES),
    observer: settings.choice('--observer', flags.observer, OBSERVER_KINDS),
    output: settings.choice('--output', flags.output, ['int', 'float'] as const),
    rules: settings.choice('--rules', flags.rules, ['strict', 'relaxed'] as const),
    calibrationBatch: settings.count('--calib-batch', flags.calibBatch),
    verify: flags.verifyIr,
  };
  settings.bits('--weight-bits', flags.weightBits);
  settings.bits('--activation-bits', flags.activationBits);
  for (const bits of flags.bits) layerBits(bits, settings);
  if (flags.config !== undefined) {
    settings.refuse('--config is not available in this version', 'give the settings as options', 'not-available');
  }
  if (isFound(found)) {
    const files = new OutputFiles(io, settings);
    await files.addInput(found);
    for (const name of flags.calib) await files.addInput({ name, path: resolve(io.cwd, name) });
    const out = await files.place('-o', flags.out, found, `.${target?.name ?? 'quantised'}.onnx`);
    const report = reportOf(flags, settings);
    const reportPath = report === undefined ? undefined : await files.place('--report', report, found, '.json');
    refuseAll(settings.problems);
    if (target !== undefined) {
      const options = { ...chosen, target, backend: backend ?? target.defaultBackend, model: found.name };
      return { model: found, options, calibration: flags.calib, out, report: reportPath };
    }
  } else settings.problems.unshift(found);
  throw settings.error();
}

function targetOf({ target }: CompileFlags, settings: Settings): Target | undefined {
  if (target !== undefined) return settings.target(target);
  return settings.refuse('no target is given', 'add --target <name>, e.g. --target f28p55; `quantc targets` lists them');
}

function layerBits(bits: string, settings: Settings): void {
  const at = bits.lastIndexOf('=');
  if (at <= 0) settings.refuse(`--bits is '${bits}', accepted: <layer>=<bits>`);
  else settings.bits(`--bits ${bits.slice(0, at)}`, bits.slice(at + 1));
}

function reportOf({ report }: CompileFlags, settings: Settings): string | undefined {
  const extension = report === undefined ? '' : extname(report).toLowerCase();
  if (report === undefined || extension === '.json') return report;
  if (extension === '.html') {
    return settings.refuse('a report in .html is not available in this version', 'give a .json file', 'not-available');
  }
  return settings.refuse(`the report '${report}' is no .json file`, 'name it with the ending .json');
}

/** Finds places for files that nothing is lost by writing to. */
class OutputFiles {
  readonly #io: CliIo;
  readonly #settings: Settings;
  /** What lies where, by path and by identity of the file. */
  readonly #taken = new Map<string, string>();

  constructor(io: CliIo, settings: Settings) {
    this.#io = io;
    this.#settings = settings;
  }

  /** A file that is read; it must be there. */
  async addInput({ name, path }: NamedPath): Promise<void> {
    const facts = await this.#look(name, path);
    if (facts === undefined) return;
    if (facts === 'missing') {
      this.#settings.refuse(`there is no file or folder '${name}'`, undefined, 'file');
      return;
    }
    if (facts.kind === 'folder') return;
    for (const key of [path, facts.identity]) this.#taken.set(key, `the input '${name}'`);
  }

  /**
   * Where a file goes: as named, into a folder that is named, or beside the model.
   * @param ending of the name it gets where none is given
   */
  async place(option: string, wanted: string | undefined, model: ModelFile, ending: string): Promise<NamedPath> {
    const own = basename(model.name, extname(model.name)) + ending;
    let name = wanted ?? join(dirname(model.name), own);
    let path = resolve(this.#io.cwd, name);
    let facts = await this.#look(name, path);
    if (typeof facts === 'object' && facts.kind === 'folder') {
      name = join(name, own);
      path = join(path, own);
      facts = await this.#look(name, path);
    }
    const other = this.#taken.get(path) ?? (typeof facts === 'object' ? this.#taken.get(facts.identity) : undefined);
    if (other !== undefined) this.#settings.refuse(`${option} '${name}' would overwrite ${other}`, 'choose another name');
    this.#taken.set(path, `the file of ${option}`);
    if (facts === undefined || (facts !== 'missing' && facts.kind === 'other')) return { name, path };
    await this.#checkFolder(name, dirname(path));
    return { name, path };
  }

  async #checkFolder(name: string, folder: string): Promise<void> {
    const facts = await this.#look(name, folder);
    if (facts === undefined) return;
    if (facts === 'missing' || facts.kind !== 'folder') {
      this.#settings.refuse(`'${name}' cannot be written: there is no folder '${dirname(name)}'`, 'make the folder first', 'file');
      return;
    }
    try {
      await this.#io.files.checkWritable(folder);
    } catch (error) {
      this.#objection(`'${name}' cannot be written`, error);
    }
  }

  /** Facts of a file; undefined when the operating system objects, which is noted. */
  async #look(name: string, path: string): Promise<{ readonly kind: string; readonly identity: string } | 'missing' | undefined> {
    try {
      return (await this.#io.files.stat(path)) ?? 'missing';
    } catch (error) {
      return this.#objection(`'${name}' cannot be used`, error);
    }
  }

  #objection(what: string, error: unknown): undefined {
    const fault = fileFault(what, error);
    if (fault === undefined) throw error;
    this.#settings.problems.push(fault);
    return undefined;
  }
}
