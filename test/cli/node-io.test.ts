import { chmodSync, linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NODE_FILES, nodeIo } from '../../src/cli/node-io.js';
import { Folder } from '../support/cli.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const at = (name: string): string => join(folder.path, name);

describe('replace', () => {
  it('makes a file and replaces it, leaving nothing else', async () => {
    await NODE_FILES.replace(at('a'), bytes(1, 2, 3));
    await NODE_FILES.replace(at('a'), bytes(4));
    expect([...readFileSync(at('a'))]).toEqual([4]);
    expect(folder.list()).toEqual(['a']);
  });

  it('replaces what a symbolic link leads to, not the link', async () => {
    folder.write('real', 'old');
    symlinkSync(at('real'), at('link'));
    await NODE_FILES.replace(at('link'), bytes(7));
    expect([...readFileSync(at('real'))]).toEqual([7]);
    expect(folder.list()).toEqual(['link', 'real']);
  });

  it('removes the temporary file and leaves the old one when it cannot finish', async () => {
    // A folder cannot be replaced by a file, so the last step fails.
    mkdirSync(at('taken'));
    folder.write('taken/inside', 'x');
    await expect(NODE_FILES.replace(at('taken'), bytes(1))).rejects.toThrow();
    expect(folder.list()).toEqual(['taken']);
  });

  it('fails without a trace where there is no folder', async () => {
    await expect(NODE_FILES.replace(at('absent/a'), bytes(1))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(folder.list()).toEqual([]);
  });

  it('writes to devices as they are', async () => {
    await NODE_FILES.replace('/dev/null', bytes(1));
    expect((await NODE_FILES.stat('/dev/null'))?.kind).toBe('other');
  });
});

describe('stat', () => {
  it('tells what a path leads to', async () => {
    folder.write('a', 'abc');
    expect(await NODE_FILES.stat(at('a'))).toMatchObject({ kind: 'file', bytes: 3 });
    expect(await NODE_FILES.stat(folder.path)).toMatchObject({ kind: 'folder' });
    expect(await NODE_FILES.stat(at('b'))).toBeUndefined();
    expect(await NODE_FILES.stat(at('a/b'))).toBeUndefined();
  });

  it('tells one file by two names from two files', async () => {
    folder.write('a', 'same');
    folder.write('b', 'same');
    linkSync(at('a'), at('c'));
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => NODE_FILES.stat(at(name))));
    expect(c?.identity).toBe(a?.identity);
    expect(b?.identity).not.toBe(a?.identity);
  });
});

describe('reading', () => {
  it('reads a whole file or a range of it', async () => {
    folder.write('a', bytes(0, 1, 2, 3, 4, 5));
    expect([...(await NODE_FILES.read(at('a')))]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...(NODE_FILES.readRange(at('a'), 2, 3) ?? [])]).toEqual([2, 3, 4]);
    expect([...(NODE_FILES.readRange(at('a'), 4, 1000) ?? [])]).toEqual([4, 5]);
    expect([...(NODE_FILES.readRange(at('a'), 100, 2 ** 40) ?? [])]).toEqual([]);
    expect(NODE_FILES.readRange(at('b'), 0, 1)).toBeUndefined();
  });

  it('resolves links', () => {
    folder.write('a', '');
    symlinkSync(at('a'), at('l'));
    expect(NODE_FILES.realPath(at('l'))).toBe(NODE_FILES.realPath(at('a')));
    expect(NODE_FILES.realPath(at('b'))).toBeUndefined();
  });
});

describe('checkWritable', () => {
  it('accepts a folder of one’s own', async () => {
    await expect(NODE_FILES.checkWritable(folder.path)).resolves.toBeUndefined();
  });

  // Everything is permitted to the superuser.
  it.skipIf(process.getuid?.() === 0)('refuses one that is read-only', async () => {
    chmodSync(folder.path, 0o555);
    await expect(NODE_FILES.checkWritable(folder.path)).rejects.toMatchObject({ code: 'EACCES' });
    chmodSync(folder.path, 0o755);
  });
});

describe('nodeIo', () => {
  it('is the process', () => {
    const io = nodeIo();
    expect(io.cwd).toBe(process.cwd());
    expect(io.host).toMatch(/^node v\d+\.\d+\.\d+, \w+ \w+$/);
    expect(io.now()).toBeLessThanOrEqual(io.now());
  });
});
