import { ModelFault } from './fault.js';

/**
 * Reads `length` bytes at `offset` of a file beside the model; undefined when there is no such file.
 * `location` is a relative path with forward slashes and no `..`; keeping symbolic links out is the caller's business.
 */
export type ResolveExternal = (location: string, offset: number, length: number) => Uint8Array | undefined;

interface Entry {
  readonly key?: string | null;
  readonly value?: string | null;
}

/**
 * The bytes of a tensor stored outside the model file (TensorProto.external_data).
 * @throws ModelFault when the location leaves the model's folder, or there are not exactly `byteCount` bytes.
 */
export function externalBytes(
  entries: readonly Entry[],
  byteCount: number,
  resolve: ResolveExternal | undefined,
): Uint8Array {
  const fields = new Map(entries.map(({ key, value }) => [key ?? '', value ?? '']));
  const location = fields.get('location') ?? '';
  const reason = whyUnsafe(location);
  if (reason !== undefined) {
    throw new ModelFault(
      'unsafe-path',
      `its data lie in ${JSON.stringify(location)}, ${reason}`,
      'External data are read from the folder of the model only.',
    );
  }
  const offset = decimal(fields.get('offset'), 'offset', 0);
  const length = decimal(fields.get('length'), 'length', byteCount);
  if (length !== byteCount) {
    throw new ModelFault('invalid-tensor', `its dims take ${byteCount} bytes, but its external data have ${length}`);
  }
  if (resolve === undefined) {
    throw new ModelFault(
      'external-data',
      `its data lie in the file '${location}', and only the model itself was given`,
      'Save the model as one file, without external data.',
    );
  }
  const bytes = resolve(location, offset, byteCount);
  if (bytes === undefined) {
    throw new ModelFault(
      'external-data',
      `its data lie in the file '${location}', and no such file can be read in the model's folder or below it`,
      'Put the file beside the model; links that lead out of its folder are not followed.',
    );
  }
  if (bytes.length !== byteCount) {
    throw new ModelFault(
      'invalid-tensor',
      `its data take ${byteCount} bytes at offset ${offset} of '${location}', which holds ${bytes.length} there`,
    );
  }
  return bytes;
}

function whyUnsafe(location: string): string | undefined {
  if (location === '') return 'which names no file';
  if (location.includes('\0')) return 'which holds a NUL character';
  if (location.includes('\\')) return 'which holds a backslash';
  if (location.startsWith('/')) return 'which is an absolute path';
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return 'which names a drive or a scheme';
  if (location.split('/').includes('..')) return 'which leaves the folder of the model';
  return undefined;
}

function decimal(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) {
    throw new ModelFault('invalid-tensor', `the ${name} of its external data is ${JSON.stringify(text)}`);
  }
  return value;
}
