// Compiles the cases of one or more folders with the recipe `torchmodelopt` and prints which of the TI wrapper's integers it
// reproduces. A folder is a case or holds cases; ../shared/golden/ti-ptq without arguments. Exit status 1 when a difference
// is neither a documented defect of the wrapper nor a proven tie of float32 rounding, 2 when a folder that was named has no
// cases.

import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const fallback = join(root, '../shared/golden/ti-ptq');
const named = process.argv.slice(2).map((path) => resolve(path));

/** @type {typeof import('../test/parity/compare-folders.js')} */
let parity;
const folder = mkdtempSync(join(tmpdir(), 'quantc-parity-'));
try {
  const outfile = join(folder, 'parity.cjs');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['test/parity/compare-folders.ts'],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    define: { __QUANTC_VERSION__: JSON.stringify('parity') },
    tsconfig: 'tsconfig.base.json',
    logLevel: 'warning',
  });
  parity = createRequire(import.meta.url)(outfile);
} finally {
  rmSync(folder, { recursive: true });
}

const folders = named.length > 0 ? named : [fallback];
const empty = folders.filter((path) => parity.casesIn(path).length === 0);
for (const path of empty) console.log(`no cases in ${path}`);
const reports = await parity.compareFolders(folders);
if (reports.length > 0) console.log(parity.formatTable(reports));
if (reports.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
else if (named.length > 0 && empty.length > 0) process.exitCode = 2;
