import { basename, dirname, join, resolve } from 'node:path';
import { fileFault } from './faults.js';
import type { CliIo, FileFacts } from './io.js';
import type { Settings } from './settings.js';

/** A file as it was named and where it is. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/** Finds places for files that nothing is lost by writing to. */
export class OutputFiles {
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

  /** Where a file goes: as wanted, into a folder that is wanted, or to `own`. */
  async place(option: string, wanted: string | undefined, own: string): Promise<NamedPath> {
    let name = wanted ?? own;
    let path = resolve(this.#io.cwd, name);
    let facts = await this.#look(name, path);
    if (typeof facts === 'object' && facts.kind === 'folder') {
      name = join(name, basename(own));
      path = resolve(this.#io.cwd, name);
      facts = await this.#look(name, path);
    }
    const other = this.#taken.get(path) ?? (typeof facts === 'object' ? this.#taken.get(facts.identity) : undefined);
    if (other !== undefined)
      this.#settings.refuse(`${option} '${name}' would overwrite ${other}`, 'choose another name');
    this.#taken.set(path, `the file of ${option}`);
    if (facts === undefined || (facts !== 'missing' && facts.kind === 'other')) return { name, path };
    await this.#checkFolder(name, dirname(path));
    return { name, path };
  }

  async #checkFolder(name: string, folder: string): Promise<void> {
    const facts = await this.#look(name, folder);
    if (facts === undefined) return;
    if (facts === 'missing' || facts.kind !== 'folder') {
      this.#settings.refuse(
        `'${name}' cannot be written: there is no folder '${dirname(name)}'`,
        'make the folder first',
        'file',
      );
      return;
    }
    try {
      await this.#io.files.checkWritable(folder);
    } catch (error) {
      this.#objection(`'${name}' cannot be written`, error);
    }
  }

  /** Facts of a file; undefined when the operating system objects, which is noted. */
  async #look(name: string, path: string): Promise<FileFacts | 'missing' | undefined> {
    try {
      return (await this.#io.files.stat(path)) ?? 'missing';
    } catch (error) {
      this.#objection(`'${name}' cannot be used`, error);
      return undefined;
    }
  }

  #objection(what: string, error: unknown): void {
    const fault = fileFault(what, error);
    if (fault === undefined) throw error;
    this.#settings.problems.push(fault);
  }
}
