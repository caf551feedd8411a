import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InternalError, type Diagnostic } from '../ir/diagnostics.js';
import type { ResolveExternal } from '../ir/onnx/external-data.js';
import { fileFault, mistake, refuseAll, withFile } from './faults.js';
import type { CliIo, FileFacts } from './io.js';

/** A model file that exists: the path as it was typed, where it is, and what is known without reading it. */
export interface ModelFile {
  readonly name: string;
  readonly path: string;
  readonly facts: FileFacts;
}

/** ONNX files end there: protobuf cannot say more. */
const MOST_BYTES = 2 ** 31 - 1;

/** Looks for a model; a diagnostic when it is not there, is no file or is too large. */
export async function findModel(name: string, io: CliIo): Promise<ModelFile | Diagnostic> {
  const path = resolve(io.cwd, name);
  let facts: FileFacts | undefined;
  try {
    facts = await io.files.stat(path);
  } catch (error) {
    const fault = fileFault(`'${name}' cannot be read`, error);
    if (fault === undefined) throw error;
    return fault;
  }
  if (facts === undefined) return mistake('no-model', `there is no file '${name}'`, 'give the path of an .onnx file');
  if (facts.kind === 'folder')
    return mistake('no-model', `'${name}' is a folder, not a model`, 'give the path of an .onnx file');
  if (facts.bytes > MOST_BYTES) {
    const hint = 'save the model with external data: the weights may then be larger';
    return mistake('model-size', `'${name}' has ${facts.bytes} bytes; an ONNX file ends at 2 GiB`, hint);
  }
  return { name, path, facts };
}

/** The model. @throws UserError when it was not found, or when there are other mistakes, with all of them */
export function settleModel(
  found: ModelFile | Diagnostic,
  { problems }: { readonly problems: readonly Diagnostic[] },
): ModelFile {
  refuseAll(isFound(found) ? problems : [found, ...problems]);
  if (isFound(found)) return found;
  throw new InternalError('a missing model was not told');
}

export const isFound = (found: ModelFile | Diagnostic): found is ModelFile => 'facts' in found;

/** The bytes of a model, and the reader of what it keeps in files beside it. */
export interface ModelBytes {
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly resolveExternal: ResolveExternal;
}

/** @throws UserError when the file cannot be read or is empty */
export async function readModel({ name, path }: ModelFile, io: CliIo): Promise<ModelBytes> {
  const bytes = await withFile(`'${name}' cannot be read`, () => io.files.read(path));
  if (bytes.length === 0) refuseAll([mistake('no-model', `'${name}' is empty, so it is no ONNX model`)]);
  return { bytes, file: name, resolveExternal: externalReader(path, io) };
}

/**
 * Reads external data of the model at `path`: files in the model's folder or below, where symbolic links must lead as well
 * (spec 4.6). Anything else reads as missing.
 */
function externalReader(path: string, { files }: CliIo): ResolveExternal {
  return (location, offset, length) => {
    const model = files.realPath(path);
    const target = files.realPath(join(dirname(path), location));
    if (model === undefined || target === undefined) return undefined;
    const way = relative(dirname(model), target);
    if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
    try {
      return files.readRange(target, offset, length);
    } catch (error) {
      if (fileFault(location, error) === undefined) throw error;
      return undefined;
    }
  };
}
