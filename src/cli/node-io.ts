import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, realpathSync, type BigIntStats } from 'node:fs';
import { access, constants, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { CliIo, FileFacts, FileSystem, OutputStream } from './io.js';

/** The process this runs in. */
export function nodeIo(): CliIo {
  return {
    stdout: streamOf(process.stdout),
    stderr: streamOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    files: NODE_FILES,
    now: () => performance.now(),
    host: `node ${process.version}, ${process.platform} ${process.arch}`,
  };
}

function streamOf(stream: NodeJS.WriteStream): OutputStream {
  return {
    isTTY: stream.isTTY,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}

/** The files of the machine. */
export const NODE_FILES: FileSystem = {
  stat: async (path) => {
    try {
      return factsOf(await stat(path, { bigint: true }));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  read: async (path) => new Uint8Array(await readFile(path)),
  readRange: (path, offset, length) => {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      const present = Math.max(0, Math.min(length, fstatSync(file).size - offset));
      const bytes = new Uint8Array(present);
      let filled = 0;
      while (filled < present) {
        const count = readSync(file, bytes, filled, present - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    } finally {
      closeSync(file);
    }
  },
  realPath: (path) => {
    try {
      return realpathSync(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  checkWritable: (folder) => access(folder, constants.W_OK | constants.X_OK),
  replace: async (path, bytes) => {
    const staged = await NODE_FILES.stage(path, bytes);
    try {
      await staged.commit();
    } catch (error) {
      await staged.discard();
      throw error;
    }
  },
  stage: async (path, bytes) => {
    const existing = await NODE_FILES.stat(path);
    if (existing?.kind === 'other') {
      return { commit: () => writeAll(path, 'w', bytes), discard: () => Promise.resolve() };
    }
    // The file behind a symbolic link is replaced, not the link.
    const target = existing === undefined ? path : await realpath(path);
    const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
    let made: string | undefined;
    try {
      await writeAll(temporary, 'wx', bytes);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return {
      commit: async () => {
        await rename(temporary, target);
        if (existing === undefined) made = target;
      },
      discard: () => rm(made ?? temporary, { force: true }),
    };
  },
};

async function writeAll(path: string, flags: 'w' | 'wx', bytes: Uint8Array): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.writeFile(bytes);
    if (flags === 'wx') await file.sync();
  } finally {
    await file.close();
  }
}

function factsOf(found: BigIntStats): FileFacts {
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  return { kind, bytes: Number(found.size), identity: `${found.dev}:${found.ino}` };
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
