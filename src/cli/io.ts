/** Everything the command line needs of the world, so that it runs in a test as it runs in a shell. */
export interface CliIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly files: FileSystem;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** What a bug report says of the machine, e.g. `node v20.19.0, linux x64`. */
  readonly host: string;
}

export interface OutputStream {
  readonly isTTY: boolean;
  /** Width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
  readonly write: (text: string) => void;
}

export interface FileFacts {
  /** `other` is a device or a pipe. */
  readonly kind: 'file' | 'folder' | 'other';
  readonly bytes: number;
  /** Equal for two paths of the same file. */
  readonly identity: string;
}

/** Files by absolute path. What goes wrong is thrown with the `code` that Node gives it (`ENOENT`, `EACCES`, …). */
export interface FileSystem {
  /** Undefined when there is nothing of that name. */
  readonly stat: (path: string) => Promise<FileFacts | undefined>;
  readonly read: (path: string) => Promise<Uint8Array>;
  /** As many of the bytes `offset` … `offset + length` as there are; undefined when there is no such file. */
  readonly readRange: (path: string, offset: number, length: number) => Uint8Array | undefined;
  /** The path without symbolic links; undefined when there is nothing of that name. */
  readonly realPath: (path: string) => string | undefined;
  /** Throws unless files can be made in the folder. */
  readonly checkWritable: (folder: string) => Promise<void>;
  /** Makes or replaces a file at once: whoever looks finds the old bytes or the new ones, also when this fails. */
  readonly replace: (path: string, bytes: Uint8Array) => Promise<void>;
  /** Writes a file beside the one that it is to make or replace. */
  readonly stage: (path: string, bytes: Uint8Array) => Promise<StagedFile>;
}

/** A file that is written but not yet in its place. */
export interface StagedFile {
  /** Puts it in its place at once. */
  readonly commit: () => Promise<void>;
  /** Leaves nothing of it, also when it is in its place already; a file that it replaced is not brought back. */
  readonly discard: () => Promise<void>;
}
