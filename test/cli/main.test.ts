import { describe, expect, it } from 'vitest';
import { quantc } from '../support/cli.js';
import { NODE_FILES } from '../../src/cli/node-io.js';
import { InternalError } from '../../src/ir/diagnostics.js';
import { VERSION } from '../../src/backends/version.js';

describe('usage', () => {
  it.each(['--version', '-V'])('prints the version for %s', async (flag) => {
    expect(await quantc([flag])).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('prints help on stdout when asked, on stderr without arguments', async () => {
    const asked = await quantc(['--help']);
    expect(asked.status).toBe(0);
    expect(asked.stderr).toBe('');
    const bare = await quantc([]);
    expect(bare).toEqual({ status: 2, stdout: '', stderr: asked.stdout });
    expect(asked.stdout).toBe(`Usage: quantc [command] <model.onnx> [options]

Quantises float ONNX models for TI's NPUs.

Options:
  -V, --version                   print the version
  -h, --help                      print help

Commands:
  compile [options] <model.onnx>  compile a float model for a target (the
                                  default command)
  inspect [options] <model.onnx>  say what a model is and where its layers would
                                  run
  run [options] <model.onnx>      run a float, quantised or QDQ model on data
  verify [options] <model.onnx>   check a quantised model against golden vectors
  compare [options] <models...>   compare a quantised model with its float model
                                  on data
  vectors [options] <model.onnx>  write golden vectors of a quantised model
  targets [options]               list the targets

A model is compiled when no command is named:
  quantc model.onnx --target f28p55 --calib samples.npy

Help on a command: quantc compile --help
Exit status: 0 done, 1 a check failed, 2 wrong input or usage, 70 a defect of quantc
`);
  });

  it('tells every option of a command', async () => {
    const { stdout, status } = await quantc(['compile', '--help']);
    expect(status).toBe(0);
    const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
    expect(options).toEqual([
      ...['--target', '--backend', '--calib', '--calib-batch', '--weight-bits', '--activation-bits', '--bits'],
      ...['--recipe', '--observer', '--bias-calibration', '--output', '--rules', '--legalise', '--surgery'],
      ...['--config', '--save-config', '--out', '--report', '--verify-ir'],
      ...['--json', '--quiet', '--verbose', '--no-color', '--help'],
    ]);
  });

  it.each([
    [['--taget', 'f28p55', 'm.onnx'], "compile has no option '--taget'", "did you mean '--target'?"],
    [['m.onnx', '--callib=a.npy'], "compile has no option '--callib=a.npy'", "did you mean '--calib'?"],
    [['run', 'm.onnx', '--zzz'], "run has no option '--zzz'", '`quantc run --help` lists the options'],
    [
      ['m.onnx', '--target'],
      "the option '-t, --target <name>' wants a value",
      '`quantc compile --help` lists the options',
    ],
    [['inspect'], 'no model is given', '`quantc inspect <model.onnx>`'],
    [['inspekt', 'm.onnx'], "'inspekt' is no command of quantc", "did you mean 'inspect'?"],
    [['targets', 'x'], "targets takes no argument, found 'x'", undefined],
  ])('refuses %j', async (argv, message, hint) => {
    const { status, stdout, stderr } = await quantc(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toBe(`error: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  });

  it('finds the command behind flags', async () => {
    const { status, stdout } = await quantc(['--no-color', '--json', 'targets']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toBeInstanceOf(Array);
  });
});

describe('colours', () => {
  const failing = ['inspect', 'nothing.onnx'];
  it('marks errors on a terminal', async () => {
    expect((await quantc(failing, { terminal: 80 })).stderr).toContain('\u001b[31merror');
  });

  it.each([
    ['a pipe', failing, {}],
    ['--no-color', [...failing, '--no-color'], { terminal: 80 }],
    ['NO_COLOR', failing, { terminal: 80, env: { NO_COLOR: '1' } }],
    ['TERM=dumb', failing, { terminal: 80, env: { TERM: 'dumb' } }],
  ])('prints plain text for %s', async (_, argv, circumstances) => {
    expect((await quantc(argv, circumstances)).stderr).not.toContain('\u001b');
  });

  it('takes an empty NO_COLOR for none', async () => {
    expect((await quantc(failing, { terminal: 80, env: { NO_COLOR: '' } })).stderr).toContain('\u001b[31m');
  });
});

describe('defects', () => {
  const failing = (error: Error): { files: typeof NODE_FILES } => ({
    files: { ...NODE_FILES, stat: () => Promise.reject(error) },
  });

  it('reports a defect as a block of facts with status 70', async () => {
    const error = new InternalError('rule x failed', { rule: 'x', graph: 'graph "g"\nconst %w = base64 "AAAA"' });
    const { status, stdout, stderr } = await quantc(['inspect', 'm.onnx'], failing(error));
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    const lines = stderr.split('\n');
    expect(lines.slice(0, 6)).toEqual([
      'defect: rule x failed',
      'This is a fault of quantc, not of the model. Please report it with these lines:',
      `  version  quantc ${VERSION}, node v20.0.0, testos x64`,
      '  command  quantc inspect m.onnx',
      '  rule     x',
      expect.stringMatching(/^ {2}stack {4}at /),
    ]);
    expect(stderr).toContain('With --verbose, the graph at that point is printed as well');
    expect(stderr).not.toContain('base64');
  });

  it('prints the graph with --verbose, without its weights', async () => {
    const error = new InternalError('broken', { graph: 'graph "g"\nconst %w: float32[4] = base64 "AAAA"' });
    const { stderr } = await quantc(['inspect', 'm.onnx', '--verbose'], failing(error));
    expect(stderr).toContain('  graph\n    graph "g"\n    const %w: float32[4] = random 1\n');
  });

  it('tells what caused an error', async () => {
    const error = new Error('outer', { cause: new TypeError('inner') });
    expect((await quantc(['inspect', 'm.onnx'], failing(error))).stderr).toContain('caused by TypeError: inner');
  });
});
