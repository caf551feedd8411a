import { describe, expect, it } from 'vitest';
import { Console, sentence, toJson } from '../../src/cli/console.js';
import type { CliIo } from '../../src/cli/io.js';
import { NODE_FILES } from '../../src/cli/node-io.js';
import type { Diagnostic } from '../../src/ir/diagnostics.js';

const diagnostic = (more: Partial<Diagnostic>): Diagnostic => ({ code: 'c', severity: 'error', message: 'm', ...more });

describe('toJson', () => {
  it('writes null for what is no number of JSON', () => {
    expect(JSON.parse(toJson({ a: [NaN, -Infinity, 1], b: { c: Infinity } }))).toEqual({
      a: [null, null, 1],
      b: { c: null },
    });
  });

  it('escapes what would steer a terminal, and says the same', () => {
    const document = { 'a\u009b': 'x\u001b\u202e\u2028\u007f', tag: '\u{e0041}', plain: 'größe\n模' };
    const text = toJson(document);
    expect(text).toContain('"x\\u001b\\u202e\\u2028\\u007f"');
    expect(text).toContain('"\\udb40\\udc41"');
    expect(text).toContain('größe\\n模');
    expect(JSON.parse(text)).toEqual(document);
  });
});

describe('sentence', () => {
  it.each([
    [{}, 'm'],
    [{ at: { file: 'f.onnx' } }, 'f.onnx: m'],
    [{ at: { file: 'f.onnx', nodeIndex: 3, node: 'n', op: 'Conv' } }, "f.onnx: node 3 'n' (Conv): m"],
    [{ at: { value: 'x' } }, "tensor 'x': m"],
    [{ at: { file: 'f.onnx' }, message: 'f.onnx: is odd' }, 'f.onnx: is odd'],
  ])('of %j is %s', (more, text) => {
    expect(sentence(diagnostic(more))).toBe(text);
  });
});

describe('Console', () => {
  function speak(flags: Partial<ConstructorParameters<typeof Console>[1]>, work: (console: Console) => void): string[] {
    const written = ['', ''];
    const stream = (index: number): CliIo['stdout'] => ({
      isTTY: false,
      columns: undefined,
      write: (text) => {
        written[index] = (written[index] ?? '') + text;
      },
    });
    const io = { stdout: stream(0), stderr: stream(1), env: {}, cwd: '/', files: NODE_FILES, now: () => 0, host: '' };
    work(new Console(io, { color: false, json: false, quiet: false, verbose: false, ...flags }));
    return written;
  }

  it('tells a hint once for neighbours that share it', () => {
    const said = [
      diagnostic({ message: 'one', hint: 'h' }),
      diagnostic({ message: 'two', hint: 'h' }),
      diagnostic({ message: 'three', severity: 'warning' }),
      diagnostic({ message: 'four', severity: 'info', hint: 'h' }),
    ];
    const [, stderr] = speak({}, (console) => console.complain(said));
    expect(stderr).toBe('error: one\nerror: two\n  h\nwarning: three\nnote: four\n  h\n');
  });

  it('keeps remarks of low weight for --verbose, and everything but errors from --quiet', () => {
    const said = [diagnostic({ severity: 'warning', message: 'w' }), diagnostic({ severity: 'info', message: 'i' })];
    const say = (console: Console): void => {
      console.remark(said);
      console.print(['line']);
      console.json({ a: 1 });
      console.detail('more', ['of it']);
    };
    expect(speak({}, say)).toEqual(['line\n', 'warning: w\n']);
    expect(speak({ verbose: true }, say)).toEqual(['line\n', 'warning: w\nnote: i\nmore\n  of it\n']);
    expect(speak({ quiet: true }, say)).toEqual(['', '']);
    expect(speak({ json: true }, say)).toEqual(['{\n  "a": 1\n}\n', 'warning: w\n']);
    expect(speak({ json: true, quiet: true }, say)).toEqual(['{\n  "a": 1\n}\n', '']);
  });
});
