// Builds dist/ from src/: bundles with esbuild, declarations with tsc.
//
//   dist/index.js      the library (runs in a browser too)
//   dist/cli/bin.js    the command line
//   dist/chunks/       code that both share
//   dist/types/        declarations of the library
//
// `node scripts/build.mjs <folder>` writes the bundles alone, into that folder: the tests use what users get.
//
// Packages named in `dependencies` stay imports. onnx-proto is bundled, because it asks for an old protobufjs.

import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder] = process.argv.slice(2);
const outdir = folder === undefined ? `${root}dist` : resolve(folder);
/** The folder as esbuild names it in its answers. */
const output = relative(root, outdir).replaceAll(sep, '/');
const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/**
 * The static code of onnx-proto is CommonJS. Its one `require` and its one export become ESM, so that the bundle holds
 * neither `require` nor `createRequire` and shares protobufjs with everything else.
 *
 * @type {esbuild.Plugin}
 */
const onnxProto = {
  name: 'onnx-proto',
  setup(build) {
    build.onResolve({ filter: /^onnx-proto$/ }, () => ({ path: require.resolve('onnx-proto') }));
    build.onLoad({ filter: /[\\/]onnx-proto[\\/]dist[\\/]onnx\.js$/ }, ({ path }) => ({
      contents: replaceOnce(
        replaceOnce(
          readFileSync(path, 'utf8'),
          'var $protobuf = require("protobufjs/minimal");',
          'import $protobuf from "protobufjs/minimal.js";',
        ),
        'module.exports = $root;',
        'export default $root;',
      ),
      loader: 'js',
    }));
  },
};

/**
 * @param {string} text
 * @param {string} from
 * @param {string} to
 */
function replaceOnce(text, from, to) {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`onnx-proto holds \`${from}\` ${parts.length - 1} times; once was expected.`);
  return parts.join(to);
}

async function bundle() {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { index: 'src/index.ts', 'cli/bin': 'src/cli/bin.ts' },
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: ['es2023', 'node20'],
    packages: 'external',
    external: ['node:*'],
    plugins: [onnxProto],
    define: { __QUANTC_VERSION__: JSON.stringify(manifest.version) },
    tsconfig: 'tsconfig.base.json',
    legalComments: 'inline',
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  });
  return metafile.outputs;
}

function declarations() {
  return new Promise((resolve, reject) => {
    const tsc = spawn(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
      cwd: root,
      stdio: 'inherit',
    });
    tsc.on('error', reject);
    tsc.on('close', (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Error('tsc could not write the declarations.'));
    });
  });
}

/**
 * Every output that `entry` loads, itself included.
 *
 * @param {esbuild.Metafile['outputs']} outputs
 * @param {string} entry
 */
function reach(outputs, entry) {
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const item of outputs[path]?.imports ?? []) if (!item.external) seen.add(item.path);
  }
  return seen;
}

/**
 * The library must import nothing of Node, and no output a package that the manifest does not name.
 *
 * @param {esbuild.Metafile['outputs']} outputs
 */
function check(outputs) {
  const library = reach(outputs, `${output}/index.js`);
  for (const [path, output] of Object.entries(outputs)) {
    for (const item of output.imports) {
      if (!item.external) continue;
      const sources = Object.keys(output.inputs).filter((source) => source.startsWith('src/'));
      const where = `(in ${path}, made of ${sources.join(', ')})`;
      if (isBuiltin(item.path)) {
        if (library.has(path)) throw new Error(`The library imports ${item.path} ${where}.`);
        continue;
      }
      const name = item.path.split('/', item.path.startsWith('@') ? 2 : 1).join('/');
      if (!(name in manifest.dependencies)) throw new Error(`${name} is not in dependencies ${where}.`);
    }
  }
  const bin = readFileSync(`${outdir}/cli/bin.js`, 'utf8');
  if (!bin.startsWith('#!/usr/bin/env node\n')) {
    throw new Error('src/cli/bin.ts must start with the line #!/usr/bin/env node');
  }
}

const start = performance.now();
try {
  rmSync(outdir, { recursive: true, force: true });
  const [outputs] = await Promise.all([bundle(), folder === undefined && declarations()]);
  check(outputs);
  chmodSync(`${outdir}/cli/bin.js`, 0o755);
  for (const [path, { bytes }] of Object.entries(outputs)) {
    if (!path.endsWith('.map')) console.log(`${path}  ${(bytes / 1024).toFixed(1)} kB`);
  }
  console.log(`built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
