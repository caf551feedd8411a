import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/backends/summary.js';
import type { Inspection } from '../../src/cli/inspection.js';
import { Folder, modelOf, quantc, TINY } from '../support/cli.js';

/** TINY with x · Sigmoid(x) behind its convolution and Elu in front of its last layer. */
const ACTIVE = TINY.replace(
  '%r: float32[N,4,8,1] = Relu(%c) "/relu"',
  '%s: float32[N,4,8,1] = Sigmoid(%c) "/silu/sigmoid"\n%r: float32[N,4,8,1] = Mul(%c, %s) "/silu/mul"',
).replace(
  '%y: float32[N,2] = Gemm(%f, %v) "/fc"',
  'const %v2: float32[4,4] = random 3\n' +
    '%g: float32[N,4] = Gemm(%f, %v2) "/hidden"\n%e: float32[N,4] = Elu(%g) "/elu"\n%y: float32[N,2] = Gemm(%e, %v) "/fc"',
);

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
  folder.write('active.onnx', modelOf(ACTIVE));
});
afterEach(() => folder.remove());

const run = (...argv: readonly string[]): ReturnType<typeof quantc> => quantc(argv, { cwd: folder.path });
const TARGET = ['--target', 'f28p55'];

const surgeryOf = (stdout: string): (string | null)[] =>
  (JSON.parse(stdout) as Summary).diagnostics.flatMap(({ code, node }) => (code === 'surgery' ? [node] : []));

const opsOf = (stdout: string): string[] => (JSON.parse(stdout) as Summary).layers.map(({ op }) => op);

describe('--surgery', () => {
  it('is off by default', async () => {
    const { stdout } = await run('active.onnx', ...TARGET, '--json');
    expect(surgeryOf(stdout)).toEqual([]);
    expect(opsOf(stdout)).toEqual(expect.arrayContaining(['Sigmoid', 'Mul', 'Elu']));
  });

  it('replaces, and says so in warnings and in the summary', async () => {
    const { status, stderr, stdout } = await run('active.onnx', ...TARGET, '--json', '--surgery');
    expect(status).toBe(0);
    expect(stderr).toContain("node 2 '/silu/mul' (Mul): the chain Sigmoid, Mul is replaced by Relu (surgery silu)");
    expect(stderr).toContain("'/elu' (Elu): Elu is replaced by Relu (surgery elu)");
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.diagnostics).toContainEqual({
      code: 'surgery',
      severity: 'warning',
      message: 'Elu is replaced by Relu (surgery elu)',
      node: '/elu',
      hint: expect.stringContaining('accuracy is measured against the model after it') as string,
    });
    expect(summary.layers.map(({ op }) => op)).toEqual(['quantise', 'Conv', 'GlobalAveragePool', 'Gemm', 'Gemm']);
  });

  it.each([
    [['--surgery', 'all']],
    [['--surgery', 'Swish,elu']],
    [['--surgery', 'elu', '--surgery', 'silu']],
    [['--surgery=silu, ELU', '--surgery', 'mish']],
  ])('takes %j', async (options) => {
    const { stdout } = await run('active.onnx', ...TARGET, '--json', ...options);
    expect(surgeryOf(stdout)).toEqual(['/silu/mul', '/elu']);
  });

  it('does not take the model for its value', async () => {
    const { stdout, status } = await run('--surgery', './active.onnx', ...TARGET, '--json');
    expect(status).toBe(0);
    expect(surgeryOf(stdout)).toHaveLength(2);
  });

  it('replaces what it names and nothing else', async () => {
    const { stdout } = await run('active.onnx', ...TARGET, '--json', '--surgery', 'silu');
    expect(surgeryOf(stdout)).toEqual(['/silu/mul']);
    expect(opsOf(stdout)).toContain('Elu');
    expect(opsOf(stdout)).not.toContain('Sigmoid');
  });

  it.each([
    ['sillu', "did you mean 'silu'?"],
    ['elu,harswish', "did you mean 'hard-swish'?"],
    ['mihs', "did you mean 'mish'?"],
  ])('refuses %s, with the list and the nearest name', async (names, hint) => {
    const { status, stderr } = await run('active.onnx', ...TARGET, '--surgery', names);
    expect(status).toBe(2);
    expect(stderr).toContain(`--surgery is '${names.split(',').at(-1)}', accepted: all, gelu, silu, hard-swish, mish,`);
    expect(stderr).toContain(hint);
  });

  it('shows what inspect would tell after it', async () => {
    const { stdout } = await run('inspect', 'active.onnx', ...TARGET, '--surgery', '--json');
    const { diagnostics, layers } = JSON.parse(stdout) as Inspection;
    expect(diagnostics.map(({ code, node }) => [code, node])).toEqual([
      ['surgery', '/silu/mul'],
      ['surgery', '/elu'],
    ]);
    expect(layers.map(({ op }) => op)).toEqual(['quantise', 'Conv', 'GlobalAveragePool', 'Gemm', 'Gemm']);
    const text = await run('inspect', 'active.onnx', ...TARGET, '--surgery');
    expect(text.stdout).toContain('Elu is replaced by Relu (surgery elu)');
  });

  it('wants a target for inspect', async () => {
    const { status, stderr } = await run('inspect', 'active.onnx', '--surgery');
    expect(status).toBe(2);
    expect(stderr).toContain('no target is given');
  });

  it('is explained with its names', async () => {
    const { stdout } = await run('compile', '--help');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('some of gelu, silu, hard-swish, mish, elu, selu, celu,');
  });
});
