import { UserError, type Diagnostic, type Location } from '../ir/diagnostics.js';

/** A mistake in how quantc was called, or in a file it was called with. */
export function mistake(code: string, message: string, hint?: string, at?: Location): Diagnostic {
  return { code, severity: 'error', message, ...(at && { at }), ...(hint !== undefined && { hint }) };
}

/** @throws UserError with all of the diagnostics, if there are any. */
export function refuseAll(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['EACCES', 'permission is denied'],
  ['EPERM', 'the operation is not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['EISDIR', 'it is a folder'],
  ['ENOSPC', 'no space is left on the device'],
  ['EFBIG', 'it would be larger than a file may be here'],
  ['EDQUOT', 'the quota of the disk is used up'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open'],
  ['ELOOP', 'its symbolic links lead in a circle'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['EIO', 'the device reports an error'],
  ['EBUSY', 'it is in use'],
  ['ERR_FS_FILE_TOO_LARGE', 'it is larger than 2 GiB'],
]);

/**
 * Does something with a file; what the operating system objects becomes a sentence.
 * @param what e.g. `'out.onnx' cannot be written`
 * @throws UserError
 */
export async function withFile<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const diagnostic = fileFault(what, error);
    throw diagnostic === undefined ? error : new UserError(diagnostic);
  }
}

/** The sentence for an objection of the operating system; undefined for any other error. */
export function fileFault(what: string, error: unknown): Diagnostic | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (!REASONS.has(error.code) && !('syscall' in error)) return undefined;
  return mistake('file', `${what}: ${REASONS.get(error.code) ?? error.code}`);
}
