import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import type { BuiltPackage } from './built-package.js';
import { fixturePath } from './fixtures.js';

/** Fixtures that a page of `webSession` needs. */
const FILES = [
  'cls_1k_v1/float.onnx',
  'cls_1k_v1/calib.npy',
  'coral_base_100/model_ti.onnx',
  'coral_base_100/inputs.npy',
  'coral_base_100/golden.npy',
];

/** A script for browsers. */
export interface WebBundle {
  readonly code: string;
  /** Modules that are missing from the script, or that an empty one stands for. */
  readonly missing: readonly string[];
}

/** Bundles for browsers without replacements for what only Node has: an import of such a module is an error. */
async function bundle(contents: string, minify: boolean): Promise<WebBundle> {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'js' },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    minify,
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return {
    code: outputFiles.map(({ text }) => text).join(''),
    missing: [
      ...imports.map(({ path }) => path),
      ...Object.keys(metafile.inputs).filter((path) => path.startsWith('(disabled)')),
    ],
  };
}

const importOf = (built: BuiltPackage): string =>
  `import * as quantc from ${JSON.stringify(built.file('dist/index.js'))};`;

/** The whole library with its dependencies, minified, as a page loads it. */
export const libraryBundle = (built: BuiltPackage): Promise<WebBundle> =>
  bundle(`${importOf(built)} globalThis.quantc = quantc;`, true);

/** A script that sets `session` to a function which answers the report of `webSession` as a promise of JSON. */
export function sessionBundle(built: BuiltPackage): Promise<WebBundle> {
  const files = FILES.map((name) => [name, readFileSync(fixturePath(name)).toString('base64')]);
  return bundle(
    `${importOf(built)}
import { webSession } from './web-session.js';
const files = new Map(${JSON.stringify(files)});
const file = (name) => Uint8Array.from(files.get(name).replace(/=+$/, '').match(/.{1,4}/g).flatMap(decode));
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
function decode(group) {
  const bits = [...group].reduce((sum, digit) => sum * 64 + DIGITS.indexOf(digit), 0) * 64 ** (4 - group.length);
  return [bits >> 16, (bits >> 8) & 255, bits & 255].slice(0, group.length - 1);
}
globalThis.session = async () => JSON.stringify(await webSession(quantc, file));`,
    false,
  );
}
