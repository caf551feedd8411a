import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../../src/backends/summary.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { Folder, modelOf, quantc, TINY, type Answer } from '../../support/cli.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
  const x = Float32Array.from({ length: 160 }, (_, i) => Math.sin(i * i));
  folder.write('calib.npy', encodeNpy(Tensor.float32([20, 1, 8, 1], x)));
});
afterEach(() => folder.remove());

const run = (...argv: readonly string[]): Promise<Answer> => quantc(argv, { cwd: folder.path });
const bytesOf = (name: string): Buffer => readFileSync(join(folder.path, name));

describe('settings in a file', () => {
  it('are those of the command line', async () => {
    folder.write(
      'q.yaml',
      `# all that says what is made
target: f28p55
calib: calib.npy
calib-batch: 8
weight-bits: 4
bits:
  - /fc=8/8
recipe: torchmodelopt
observer: minmax
output: float
legalise: true
out: a.onnx
`,
    );
    const fromFile = await run('tiny.onnx', '--config', 'q.yaml');
    expect(fromFile).toMatchObject({ status: 0, stderr: '' });
    const options = ['--calib-batch', '8', '--weight-bits', '4', '--bits', '/fc=8/8', '--recipe', 'torchmodelopt'];
    const typed = ['-t', 'f28p55', '--calib', 'calib.npy', '--observer', 'minmax', '--output', 'float', '--legalise'];
    await run('tiny.onnx', ...typed, ...options, '-o', 'b.onnx');
    expect(bytesOf('a.onnx')).toEqual(bytesOf('b.onnx'));
    await run('tiny.onnx', '-t', 'f28p55', '--calib', 'calib.npy', '-o', 'c.onnx');
    expect(bytesOf('a.onnx')).not.toEqual(bytesOf('c.onnx'));
  });

  it('stand back behind those of the command line', async () => {
    folder.write('q.yaml', 'target: mspm0g5187\nweight-bits: 2\nbits: [/conv=4]\ncalib: [none.npy]\n');
    const own = ['-t', 'f28p55', '--weight-bits', '4', '--bits', '/fc=8', '--calib', 'calib.npy'];
    const { status, stdout } = await run('tiny.onnx', '--config', 'q.yaml', ...own, '--json');
    const summary = JSON.parse(stdout) as Summary;
    expect({ status, target: summary.target }).toEqual({ status: 0, target: 'f28p55' });
    const bits = new Map(summary.layers.map(({ name, weightBits }) => [name, weightBits]));
    expect([bits.get('/conv'), bits.get('/fc')]).toEqual([4, 8]);
  });

  it('start paths from the folder of the file', async () => {
    mkdirSync(join(folder.path, 'settings'));
    folder.write('settings/q.yaml', 'target: f28p55\ncalib: ../calib.npy\nout: made.onnx\nreport: made.json\n');
    expect(await run('tiny.onnx', '--config', 'settings/q.yaml')).toMatchObject({ status: 0, stderr: '' });
    expect(folder.list()).toEqual(['calib.npy', 'settings', 'tiny.onnx']);
    expect(bytesOf('settings/made.onnx').length).toBeGreaterThan(0);
    expect(bytesOf('settings/made.json').length).toBeGreaterThan(0);
  });

  it('may be none', async () => {
    folder.write('q.yaml', '# nothing yet\n');
    expect(await run('tiny.onnx', '-t', 'f28p55', '--calib', 'calib.npy', '--config', 'q.yaml')).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it.each(['calib', 'out', 'report'])('cannot name a file with a character of code 0 (%s)', async (key) => {
    folder.write('q.yaml', `target: f28p55\n${key}: "a\\0b"\n`);
    const { status, stderr } = await run('tiny.onnx', '--config', 'q.yaml');
    expect(status).toBe(2);
    expect(stderr).toContain(`q.yaml:2:${key.length + 3}: ${key} has a character of code 0`);
  });

  it('may be aliases of others', async () => {
    folder.write('q.yaml', 'target: f28p55\nweight-bits: &w 4\nactivation-bits: *w\ncalib: calib.npy\n');
    const { stdout } = await run('tiny.onnx', '--config', 'q.yaml', '--json');
    expect((JSON.parse(stdout) as Summary).activations.every(({ bits }) => bits === 4)).toBe(true);
  });
});

describe('mistakes in a file', () => {
  it('are told all at once, with line and column', async () => {
    folder.write(
      'q.yaml',
      `target: f28p5
weigth-bits: 8
weight-bits: 5
  # indented comment
bits: {conv: 4}
legalise: maybe
quiet: true
calib-batch: [1, 2]
output:
observer: percentil
`,
    );
    const { status, stdout, stderr } = await run('tiny.onnx', '--config', 'q.yaml', '--rules', 'lax');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    for (const line of [
      "error: q.yaml:1:9: the target 'f28p5' is not known",
      "error: q.yaml:2:1: there is no setting 'weigth-bits'",
      "  did you mean 'weight-bits'?",
      "error: q.yaml:3:14: weight-bits is '5', accepted: 8, 4, 2",
      'error: q.yaml:5:7: bits is a mapping, accepted: one text or a list of them',
      "error: q.yaml:6:11: legalise is 'maybe', accepted: true or false",
      "error: q.yaml:7:1: 'quiet' is given on the command line only",
      'error: q.yaml:8:14: calib-batch is a list, accepted: one word or number',
      'error: q.yaml:9:8: output is empty, accepted: one word or number',
      "error: q.yaml:10:11: observer is 'percentil', accepted: ",
      "error: --rules is 'lax', accepted: strict, relaxed",
    ]) {
      expect(stderr).toContain(line);
    }
    expect(stderr.match(/^error: /gm)).toHaveLength(10);
    expect(folder.list()).toEqual(['calib.npy', 'q.yaml', 'tiny.onnx']);
  });

  it.each([
    ['a list', '- target\n', 'q.yaml:1:1: the file is no mapping of keys to values'],
    ['broken', 'target: "f28p55\n', 'q.yaml:2:1: '],
    ['given twice', 'target: f28p55\ntarget: tinpu\n', 'q.yaml:2:1: a key is given twice, each is accepted once'],
    ['keyed by lists', '[a]: 1\ntarget: f28p55\n', 'q.yaml:1:1: a key is no text'],
    ['with surgery unknown', 'target: f28p55\nsurgery: [elu, glu]\n', "q.yaml:2:10: surgery is 'glu', accepted: all, "],
    ['in camel case', 'target: f28p55\nweightBits: 4\n', "q.yaml:2:1: there is no setting 'weightBits'"],
  ])('%s', async (_, text, message) => {
    folder.write('q.yaml', text);
    const { status, stderr } = await run('tiny.onnx', '--config', 'q.yaml');
    expect(status).toBe(2);
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).not.toContain('no target');
  });

  it('of files that it names, at their place', async () => {
    folder.write('q.yaml', 'target: f28p55\ncalib: none.npy\nout: absent/a.onnx\nreport: tiny.onnx.json/\n');
    const { status, stderr } = await run('tiny.onnx', '--config', 'q.yaml');
    expect(status).toBe(2);
    expect(stderr).toContain("error: q.yaml:2:8: there is no file or folder 'none.npy'");
    expect(stderr).toContain("error: q.yaml:3:6: 'absent/a.onnx' cannot be written: there is no folder 'absent'");
    folder.write('q.yaml', 'target: f28p55\nout: q.yaml\n');
    expect((await run('tiny.onnx', '--config', 'q.yaml')).stderr).toContain(
      "error: q.yaml:2:6: out 'q.yaml' would overwrite the input 'q.yaml'",
    );
  });

  it('of the file itself', async () => {
    expect((await run('tiny.onnx', '--config', 'none.yaml', '-t', 'f28p55')).stderr).toContain(
      "error: there is no file or folder 'none.yaml'",
    );
    mkdirSync(join(folder.path, 'd'));
    expect((await run('tiny.onnx', '--config', 'd', '-t', 'f28p55')).stderr).toContain("error: 'd' is no file");
    expect((await run('tiny.onnx', '--config', 'calib.npy', '-t', 'f28p55')).stderr).toContain(
      "error: 'calib.npy' is no text",
    );
    folder.write('q.yaml', 'target: f28p55\n');
    const { stderr } = await run('tiny.onnx', '--config', 'q.yaml', '-o', 'q.yaml');
    expect(stderr).toContain("-o 'q.yaml' would overwrite the input 'q.yaml'");
  });
});
