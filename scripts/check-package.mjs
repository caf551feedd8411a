// Checks the package as its users get it: packs it, installs the tarball into an empty project and uses it there.
// Needs dist/; run it as `npm run check:package`, which builds first.

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const temp = mkdtempSync(join(tmpdir(), 'quantc-package-'));
const consumer = join(temp, 'consumer');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

class Failure extends Error {}

/** @type {(message: string) => never} */
function fail(message) {
  throw new Failure(message);
}

/**
 * Runs a command in the consumer's folder; answers what it printed, or fails with `sentence`.
 *
 * @param {string} sentence
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 */
function run(sentence, command, args, cwd = consumer) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: environment,
    maxBuffer: 64 << 20,
    shell: process.platform === 'win32' && command !== process.execPath,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) fail(`${sentence} (${command}: ${error.message})`);
  if (status !== 0) {
    const ending = `\`${[command, ...args].join(' ')}\` ended with ${status ?? signal}`;
    const printed = `${stdout}${stderr}`.trim().split('\n').slice(-40);
    fail([`${sentence} (${ending})`, ...printed.map((line) => line.slice(0, 500))].join('\n'));
  }
  return stdout;
}

// npm hands its settings down to what it runs as npm_* variables; the consumer's npm must not see those of quantc.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(?:registry|cache|userconfig)$)|^INIT_CWD$/i.test(name),
  ),
);

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  const path = join(consumer, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** @param {string} folder @returns {string[]} the paths of the files below `folder` */
function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * @param {string} version
 * @param {[number, number, number]} least
 */
function olderThan(version, least) {
  const parts = version.split(/[.+-]/, 3).map(Number);
  const at = least.findIndex((number, i) => number !== parts[i]);
  return at !== -1 && (parts[at] ?? 0) < (least[at] ?? 0);
}

/** @type {[title: string, check: () => string | undefined | Promise<string | undefined>][]} */
const checks = [];
let tarball = '';

checks.push([
  'the package packs',
  () => {
    if (!existsSync(join(root, 'dist', 'index.js'))) fail('dist/ is missing: run `npm run build` first.');
    const [packed] = JSON.parse(run('npm cannot pack.', 'npm', ['pack', '--json', '--pack-destination', temp], root));
    tarball = join(temp, packed.filename);
    const names = packed.files.map((/** @type {{ path: string }} */ file) => file.path);
    for (const name of ['LICENSE', 'README.md', 'dist/index.js', 'dist/cli/bin.js', 'dist/types/index.d.ts']) {
      if (!names.includes(name)) fail(`The package lacks ${name}.`);
    }
    const stray = names.find(
      (/** @type {string} */ name) => !/^(?:dist\/|[^/]+\.(?:md|json)$|LICENSE$|NOTICE$)/.test(name),
    );
    if (stray) fail(`The package holds ${stray}, which does not belong there.`);
    return `${names.length} files, ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`;
  },
]);

checks.push([
  'publint has no complaint',
  async () => {
    const bytes = readFileSync(tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
      strict: true,
    });
    if (messages.length > 0) {
      fail(`publint complains:\n${messages.map((message) => formatMessage(message, pkg)).join('\n')}`);
    }
    return undefined;
  },
]);

checks.push([
  'the tarball installs into an empty project',
  () => {
    write('package.json', JSON.stringify({ name: 'consumer', version: '1.0.0', private: true, type: 'module' }));
    const start = performance.now();
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
    run('The tarball does not install.', 'npm', ['install', tarball, ...flags]);
    const seconds = (performance.now() - start) / 1000;
    const size = files(join(consumer, 'node_modules')).reduce((sum, path) => sum + statSync(path).size, 0);
    return `${seconds.toFixed(1)} s, node_modules of ${kilobytes(size)}`;
  },
]);

checks.push([
  'the tree of dependencies is clean',
  () => {
    const tree = JSON.parse(run('The tree of dependencies is broken.', 'npm', ['ls', '--all', '--json']));
    let count = 0;
    /**
     * @param {{ dependencies?: Record<string, { version?: string, dependencies?: {} }> }} node
     * @param {string} path
     */
    const visit = (node, path) => {
      for (const [name, child] of Object.entries(node.dependencies ?? {})) {
        const here = `${path} > ${name}@${child.version}`;
        count++;
        if (name === 'onnx-proto') fail(`The package brings onnx-proto (${here}), which belongs into the bundle.`);
        if (name === 'protobufjs' && olderThan(child.version ?? '0', [7, 5, 6])) {
          fail(`The package brings a protobufjs older than 7.5.6 (${here}).`);
        }
        visit(child, here);
      }
    };
    visit(tree, 'consumer');
    const native = files(join(consumer, 'node_modules')).find((path) => /\.node$|[\\/]binding\.gyp$/.test(path));
    if (native) fail(`The package brings a native module: ${native}`);
    return `${count} packages, none native`;
  },
]);

checks.push([
  'the command line runs',
  () => {
    const quantc = ['--no-install', 'quantc'];
    const version = run('quantc does not print its version.', 'npx', [...quantc, '--version']).trim();
    if (version !== manifest.version) fail(`quantc --version printed "${version}" instead of "${manifest.version}".`);
    run('quantc targets fails.', 'npx', [...quantc, 'targets']);
    return `quantc ${version}`;
  },
]);

checks.push([
  'an ESM file imports the library',
  () => {
    write('use.mjs', `import * as quantc from 'quantc';\nconsole.log(Object.keys(quantc).length);\n`);
    const count = Number(run('The library cannot be imported.', process.execPath, ['use.mjs']));
    if (!(count > 0)) fail('The library exports nothing.');
    return `${count} exports`;
  },
]);

checks.push([
  'the library runs without the globals of Node, in a bundle for browsers',
  async () => {
    write('browser.js', `import * as quantc from 'quantc';\nglobalThis.names = Object.keys(quantc);\n`);
    const { outputFiles } = await esbuild.build({
      absWorkingDir: consumer,
      entryPoints: ['browser.js'],
      bundle: true,
      format: 'iife',
      platform: 'browser',
      write: false,
      logLevel: 'silent',
    });
    const code = outputFiles[0]?.text ?? '';
    write('browser-bundle.js', code);
    // In the new context only the language itself exists, besides what is listed here.
    write(
      'browser-run.mjs',
      `import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
const context = createContext({ TextEncoder, TextDecoder, URL, performance, console, setTimeout, clearTimeout, queueMicrotask });
runInContext('globalThis.self = globalThis.window = globalThis', context);
runInContext(readFileSync('browser-bundle.js', 'utf8'), context);
if (!(context.names.length > 0)) throw new Error('nothing is exported');
`,
    );
    run('The library does not load outside Node.', process.execPath, ['browser-run.mjs']);
    return `${kilobytes(code.length)} with its dependencies, not minified`;
  },
]);

for (const resolution of ['nodenext', 'bundler']) {
  checks.push([
    `its types check in a strict project with moduleResolution ${resolution}`,
    () => {
      write(
        `${resolution}/use.ts`,
        `import * as quantc from 'quantc';\n\nexport const library: typeof quantc = quantc;\n`,
      );
      write(
        `${resolution}/tsconfig.json`,
        JSON.stringify({
          compilerOptions: {
            module: resolution === 'bundler' ? 'esnext' : resolution,
            moduleResolution: resolution,
            target: 'es2023',
            lib: ['ES2023'],
            types: [],
            strict: true,
            exactOptionalPropertyTypes: true,
            noUncheckedIndexedAccess: true,
            skipLibCheck: false,
            noEmit: true,
          },
          files: ['use.ts'],
        }),
      );
      run('The types do not check.', process.execPath, [tsc, '-p', resolution]);
      return undefined;
    },
  ]);
}

// With the fixture at hand, the installed command compiles a real model.
const fixture = join(root, 'fixtures', 'cls_1k_v1');
if (existsSync(join(fixture, 'float.onnx'))) {
  checks.push([
    'the command line compiles a model',
    () => {
      copyFileSync(join(fixture, 'float.onnx'), join(consumer, 'float.onnx'));
      copyFileSync(join(fixture, 'calib.npy'), join(consumer, 'calib.npy'));
      const args = ['float.onnx', '--target', 'f28p55', '--calib', 'calib.npy', '-o', 'out.onnx'];
      const start = performance.now();
      run('quantc does not compile cls_1k_v1.', 'npx', ['--no-install', 'quantc', ...args]);
      if (!existsSync(join(consumer, 'out.onnx'))) fail('quantc wrote no out.onnx.');
      const bytes = statSync(join(consumer, 'out.onnx')).size;
      if (bytes === 0) fail('quantc wrote an empty out.onnx.');
      return `${kilobytes(bytes)} in ${((performance.now() - start) / 1000).toFixed(1)} s`;
    },
  ]);
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(0)} kB`;
}

let current = '';
try {
  for (const [title, check] of checks) {
    current = title;
    const detail = await check();
    console.log(`ok      ${title}${detail ? ` (${detail})` : ''}`);
  }
} catch (error) {
  console.log(`failed  ${current}`);
  console.error(
    `check:package: ${error instanceof Failure ? error.message : error instanceof Error ? error.stack : error}`,
  );
  process.exitCode = 1;
} finally {
  rmSync(temp, { recursive: true, force: true });
}
