import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as quantc from '../src/index.js';
import { BuiltPackage } from './support/built-package.js';
import { findChromium, showInChromium } from './support/chromium.js';
import { fixture } from './support/fixtures.js';
import { libraryBundle, sessionBundle } from './support/web-bundle.js';
import { webSession, type SessionReport } from './support/web-session.js';

const chromium = findChromium();
let built: BuiltPackage;
let bundle: string;
let here: SessionReport;

beforeAll(async () => {
  built = new BuiltPackage();
  ({ code: bundle } = await sessionBundle(built));
  here = await webSession(quantc, fixture);
}, 120_000);
afterAll(() => built.remove());

/** The globals that browsers and workers have too, of those that a bundle may look for. */
const WEB_GLOBALS = { TextEncoder, TextDecoder, URL, performance, console, setTimeout, clearTimeout, queueMicrotask };

describe('the library outside Node', () => {
  it('does here what the page is to do', () => {
    expect(here.layers.map((layer) => layer.replace(/^.* /, ''))).toEqual(
      expect.arrayContaining(['FCONV', 'GCONV', 'MAXPOOL', 'AVGPOOL', 'FC']),
    );
    expect(here.vectors).toEqual([{ tensors: 1, equal: true }]);
    expect(here.outputs).toHaveLength(3);
  });

  it('is one bundle without anything of Node', async () => {
    const { code, missing } = await libraryBundle(built);
    const [raw, packed] = [code.length, gzipSync(code).length].map((bytes) => (bytes / 1024).toFixed(0));
    console.log(`the library and its dependencies, minified: ${raw} kB, ${packed} kB with gzip`);
    expect(missing).toEqual([]);
  });

  it('writes the same bytes where only the globals of the web exist', async () => {
    const context = createContext({ ...WEB_GLOBALS });
    runInContext('globalThis.self = globalThis.window = globalThis', context);
    runInContext(bundle, context);
    const report = await (runInContext('session()', context) as Promise<string>);
    expect(JSON.parse(report)).toEqual(here);
  }, 120_000);

  it.skipIf(chromium === undefined)(
    `writes the same bytes in Chromium${chromium === undefined ? ' (skipped: no Chromium found)' : ''}`,
    async () => {
      const shown = await showInChromium(chromium ?? '', bundle, 'session()');
      expect(JSON.parse(shown)).toEqual(here);
    },
    120_000,
  );
});
