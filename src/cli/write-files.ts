import { withFile } from './faults.js';
import type { CliIo, StagedFile } from './io.js';
import type { NamedPath } from './output-files.js';

/** A file that goes with others. */
export interface OutputFile extends NamedPath {
  readonly bytes: Uint8Array;
}

/**
 * Writes files that belong together: all are written before the first is put in its place, and none stays when one cannot be.
 * @throws UserError naming the file that cannot be written
 */
export async function writeFiles(files: readonly OutputFile[], { files: system }: CliIo): Promise<void> {
  const staged: { readonly name: string; readonly file: StagedFile }[] = [];
  try {
    for (const { name, path, bytes } of files) {
      staged.push({ name, file: await withFile(objection(name), () => system.stage(path, bytes)) });
    }
    for (const { name, file } of staged) await withFile(objection(name), file.commit);
  } catch (error) {
    for (const { file } of staged) await file.discard();
    throw error;
  }
}

const objection = (name: string): string => `'${name}' cannot be written`;
