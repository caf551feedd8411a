import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuiltPackage } from './support/built-package.js';

let built: BuiltPackage;
beforeAll(() => {
  built = new BuiltPackage();
}, 120_000);
afterAll(() => built.remove());

const run = (name: string, ...flags: string[]): string =>
  execFileSync(process.execPath, [...flags, built.file(`examples/${name}`)], { encoding: 'utf8' });

/** What each example prints, as far as its comment promises it. */
const PROMISES: Readonly<Record<string, readonly RegExp[]>> = {
  'own-rule.mjs': [/Conv, MaxPool, Relu, Conv/, /sink-relu applied 1 times/, /^[1-9]\d+ bytes of ONNX$/m],
  'compile-in-memory.mjs': [
    /FCONV.*'npu'.*8/,
    /'FC'.*'npu'/,
    /integers of the first sample: \[( -?\d+,?){3} \]/,
    /^input: -\d.* … \d/m,
  ],
  'verify-device.mjs': [/set 0: the device computes what the interpreter does/, /^# pass 1$/m, /^# fail 0$/m],
};

describe('the examples', () => {
  it('are all tested', () => {
    expect(readdirSync(built.file('examples')).sort()).toEqual(Object.keys(PROMISES).sort());
  });

  for (const [name, promises] of Object.entries(PROMISES)) {
    it(`${name} runs as its comment says`, () => {
      const flags = name === 'verify-device.mjs' ? ['--test', '--test-reporter=tap'] : [];
      const printed = run(name, ...flags);
      for (const promise of promises) expect(printed).toMatch(promise);
    }, 120_000);
  }
});
