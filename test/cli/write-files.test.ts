import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliIo } from '../../src/cli/io.js';
import { NODE_FILES, nodeIo } from '../../src/cli/node-io.js';
import { writeFiles } from '../../src/cli/write-files.js';
import { Folder } from '../support/cli.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const io = (): CliIo => ({ ...nodeIo(), files: NODE_FILES });
const file = (name: string, ...bytes: readonly number[]): Parameters<typeof writeFiles>[0][number] => ({
  name,
  path: join(folder.path, name),
  bytes: Uint8Array.from(bytes),
});

describe('writeFiles', () => {
  it('writes all of them', async () => {
    await writeFiles([file('a', 1), file('b', 2)], io());
    expect(folder.list()).toEqual(['a', 'b']);
    expect([...readFileSync(join(folder.path, 'b'))]).toEqual([2]);
  });

  it('writes none when one has no place, and says which', async () => {
    await expect(writeFiles([file('a', 1), file('none/b', 2)], io())).rejects.toThrow("'none/b' cannot be written");
    expect(folder.list()).toEqual([]);
  });

  it('takes back what is in its place when a later one cannot be put in its own', async () => {
    mkdirSync(join(folder.path, 'taken'));
    folder.write('taken/inside', 'x');
    await expect(writeFiles([file('a', 1), file('taken', 2)], io())).rejects.toThrow("'taken' cannot be written");
    expect(folder.list()).toEqual(['taken']);
  });
});
