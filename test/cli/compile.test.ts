import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/backends/summary.js';
import { NODE_FILES } from '../../src/cli/node-io.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { Tensor } from '../../src/ir/tensor.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { uniformSource } from '../../src/ir/random.js';
import { Folder, modelOf, quantc, TINY, type Circumstances } from '../support/cli.js';
import { fixturePath } from '../support/fixtures.js';

const random = uniformSource(7);
const CALIBRATION = encodeNpy(Tensor.float32([20, 1, 8, 1], Float32Array.from({ length: 160 }, random)));

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
  folder.write('calib.npy', CALIBRATION);
});
afterEach(() => folder.remove());

const run = (argv: readonly string[], circumstances: Circumstances = {}): ReturnType<typeof quantc> =>
  quantc(argv, { cwd: folder.path, ...circumstances });
const COMPILE = ['tiny.onnx', '--target', 'f28p55', '--calib', 'calib.npy'];

describe('a compilation', () => {
  it('writes the model beside the input, under the name of the target, and nothing else', async () => {
    const { status, stderr } = await run(['tiny.onnx', '--target', 'F28P55x', '--calib', 'calib.npy']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(folder.list()).toEqual(['calib.npy', 'tiny.f28p55.onnx', 'tiny.onnx']);
    const written = importModel(new Uint8Array(readFileSync(join(folder.path, 'tiny.f28p55.onnx'))));
    const metadata = JSON.parse(written.metadata.metadataProps.get('quantc') ?? '{}') as object;
    expect(metadata).toMatchObject({ target: 'f28p55', backend: 'tinpu', recipe: 'quantc' });
  });

  it('is the same with and without the name of the command', async () => {
    const short = await run([...COMPILE, '-o', 'a.onnx']);
    const long = await run(['compile', ...COMPILE, '-o', 'b.onnx']);
    expect(long.status).toBe(0);
    expect(long.stdout).toBe(short.stdout.replace('a.onnx', 'b.onnx'));
    expect(readFileSync(join(folder.path, 'a.onnx'))).toEqual(readFileSync(join(folder.path, 'b.onnx')));
  });

  it('legalises layers when asked to, and tells which', async () => {
    const { status, stdout } = await run([...COMPILE, '--legalise']);
    expect(status).toBe(0);
    // 12 rows of zeros for 2 columns.
    expect(stdout.replace(/\n +/g, ' ')).toContain(
      "legalised    '/fc': FC on the CPU (4 input features, at least 16 with 8-bit weights) → FC on the NPU, 24 more bytes of constants",
    );
    expect(stdout).toMatch(/^placement +3 of 5 layers on the NPU, 100 % of /m);
    expect((await run(COMPILE)).stdout).not.toContain('legalised');
  });

  it('keeps the integers of a model that is quantised already', async () => {
    await run([...COMPILE, '-o', 'once.onnx']);
    const again = await run([
      'once.onnx',
      '-t',
      'mspm0g5187',
      '-o',
      'twice.onnx',
      '--json',
      '--calib',
      'calib.npy',
      '--weight-bits',
      '4',
    ]);
    expect(again.status).toBe(0);
    expect(again.stderr).toBe(
      'warning: once.onnx: the model is quantised already, its integers are kept; not used: calibration data, the widths\n' +
        '  give the float model it was made from to quantise it anew\n',
    );
    const [once, summary] = [await run([...COMPILE, '--json']), JSON.parse(again.stdout) as Summary];
    const first = JSON.parse(once.stdout) as Summary;
    expect(summary).toMatchObject({
      target: 'mspm0g5187',
      recipe: 'quantc',
      inputs: first.inputs,
      outputs: first.outputs,
    });
    const table = ({ layers }: Summary): unknown[] =>
      layers.map(({ name, op, pattern, placement, weightCount, bytes, shift, macs }) => [
        name,
        op,
        pattern,
        placement,
        weightCount,
        bytes,
        shift,
        macs,
      ]);
    // The input sequence is called after the input, whose name its result had before.
    expect(table(summary).slice(1)).toEqual(table(first).slice(1));
    await run(['run', 'once.onnx', '-i', 'calib.npy', '-o', 'one.npy']);
    await run(['run', 'twice.onnx', '-i', 'calib.npy', '-o', 'two.npy']);
    expect(readFileSync(join(folder.path, 'two.npy'))).toEqual(readFileSync(join(folder.path, 'one.npy')));
  });

  it('tells of every layer', async () => {
    const { stdout } = await run(COMPILE);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('tiny.onnx for f28p55 (backend tinpu, recipe quantc)');
    expect(lines[2]).toBe('#  layer  pattern   on   output  weights  MACs  shift  bytes    dB');
    expect(lines[3]).toMatch(/^0 {2}x {6}quantise {2}CPU {2}1x8x1 {9}– {5}– +\d+ +– +–$/);
    expect(lines[4]).toMatch(/^1 {2}\/conv {2}FCONV {5}NPU {2}4x8x1 {8}12 {4}96 +\S+ +32 +\d\d\.\d$/);
    expect(lines[5]).toMatch(/^2 {2}\/pool {2}AVGPOOL {3}NPU {2}4x1x1 /);
    expect(lines[6]).toMatch(/^3 {2}\/fc {4}FC {8}CPU {2}2 {13}8 {5}8 /);
    expect(lines[7]).toBe('      4 input features, at least 16 with 8-bit weights');
    expect(lines[9]).toBe('placement    2 of 4 layers on the NPU, 92.3 % of 104 MACs');
    expect(stdout).toMatch(/^agreement {4}\d\d\.\d dB, same top class in .* on 20 samples$/m);
    expect(stdout).toMatch(/^exactness {4}proved for every layer/m);
    expect(stdout).toMatch(/^written {6}tiny\.f28p55\.onnx \(\d+ bytes\) in \d+\.\d\d? s$/m);
  });

  it('prints one JSON document with --json and writes the same to --report', async () => {
    const { status, stdout, stderr } = await run([...COMPILE, '--json', '--report', 'report.json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({ model: 'tiny.onnx', target: 'f28p55', backend: 'tinpu', recipe: 'quantc' });
    expect(summary.layers.map(({ placement }) => placement)).toEqual(['cpu', 'npu', 'npu', 'cpu']);
    expect(summary.accuracy).toMatchObject({ samples: 20 });
    expect(summary.diagnostics).toEqual([]);
    for (const stage of ['import', 'canonicalise', 'calibrate', 'lower', 'emit', 'check', 'total']) {
      expect(summary.seconds[stage], stage).toBeGreaterThan(0);
    }
    expect(JSON.parse(readFileSync(join(folder.path, 'report.json'), 'utf8'))).toEqual(summary);
  });

  it('passes options on to the backend', async () => {
    const { stdout } = await run([
      ...[...COMPILE, '--json', '--recipe', 'torchmodelopt', '--output', 'float', '--rules', 'relaxed'],
      ...[
        '--bias-calibration',
        '0.5',
        '--observer',
        'minmax',
        '--calib-batch',
        '5',
        '--backend',
        'tinpu',
        '--weight-bits',
        '8',
        '--verify-ir',
      ],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      recipe: 'torchmodelopt',
      output: 'float',
      diagnostics: [{ code: 'bias-calibrated', severity: 'info' }],
    });
  });

  it('warns on stderr when there are no calibration data, and not with --quiet', async () => {
    const loud = await run(['tiny.onnx', '-t', 'f28p55']);
    expect(loud.stderr).toMatch(
      /^warning: no calibration data: .*\n {2}give a few dozen typical inputs with --calib\n$/,
    );
    expect(loud.stdout).toContain('on 64 random samples');
    const summary = await run(['tiny.onnx', '-t', 'f28p55', '--json']);
    expect((JSON.parse(summary.stdout) as Summary).diagnostics).toMatchObject([
      { code: 'synthetic-calibration', severity: 'warning', node: null },
    ]);
    expect(await run(['tiny.onnx', '-t', 'f28p55', '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('prints JSON with --json --quiet', async () => {
    const { stdout, stderr } = await run(['tiny.onnx', '-t', 'f28p55', '--quiet', '--json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ target: 'f28p55' });
  });

  it('tells what was done to the model with --verbose, on stderr alone', async () => {
    const plain = await run(COMPILE);
    const { stdout, stderr } = await run([...COMPILE, '--verbose']);
    expect(stdout).toBe(plain.stdout);
    expect(stderr).toContain('normalised on import\n');
    expect(stderr).toMatch(/^ {2}rewrite-relu-as-clip\n {4}- %r: .* = Relu\(%c\).*\n {4}\+ %r: .* = Clip\(/m);
    expect(stderr).toContain('rules that declined or nearly matched\n');
    expect(stderr).toMatch(/^canonical graph\n {2}graph "tiny"$/m);
    expect(stderr).toMatch(/^quantised graph\n/m);
    expect(stderr).not.toContain('base64');
  });

  it('draws a bar on a terminal and takes it away', async () => {
    const { stderr } = await run(COMPILE, { terminal: 100 });
    expect(stderr).toContain('calibrate');
    expect(stderr).toContain('20 samples');
    // The last thing written clears the line.
    expect(stderr.slice(-4)).toBe('\u001b[2K');
    expect((await run([...COMPILE, '--quiet'], { terminal: 100 })).stderr).toBe('');
  });

  it('warns when the device is too small', async () => {
    folder.write(
      'wide.onnx',
      modelOf(`graph "wide"
input %x: float32[N,4,100,100]
const %w: float32[4,4,1,1] = random 1
%y: float32[N,4,100,100] = Conv(%x, %w) {kernel_shape = [1, 1]} "/conv"
output "y" = %y
`),
    );
    const { status, stderr, stdout } = await run(['wide.onnx', '-t', 'mspm0g5187', '--json']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: the activations take \d+\.\d KB at their peak, but mspm0g5187 has 32 KB of RAM\n/);
    const codes = (JSON.parse(stdout) as Summary).diagnostics.map(({ code }) => code);
    expect(codes).toEqual(['synthetic-calibration', 'ram-exceeded']);
  });

  it('writes into a folder that -o names', async () => {
    mkdirSync(join(folder.path, 'build'));
    const { stdout } = await run([...COMPILE, '-o', 'build']);
    expect(stdout).toContain(`written      ${join('build', 'tiny.f28p55.onnx')}`);
    expect(statSync(join(folder.path, 'build', 'tiny.f28p55.onnx')).size).toBeGreaterThan(0);
  });
});

describe('widths', () => {
  const summaryOf = async (...options: string[]): Promise<Summary> => {
    const { status, stdout, stderr } = await run([...COMPILE, '--json', ...options]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as Summary;
  };
  const bitsOf = ({ activations }: Summary): unknown =>
    Object.fromEntries(activations.map(({ name, bits }) => [name, bits]));

  it('of activations are those of --activation-bits, and of each layer those of --bits', async () => {
    const all = bitsOf(await summaryOf('--activation-bits', '4')) as Record<string, number>;
    expect(Object.keys(all).length).toBeGreaterThan(3);
    expect(new Set(Object.values(all))).toEqual(new Set([4]));
    const one = bitsOf(await summaryOf('--activation-bits', '8', '--bits', '/conv=/4')) as Record<string, number>;
    expect(Object.values(one).sort()).toEqual([
      4,
      ...Object.values(all)
        .slice(1)
        .map(() => 8),
    ]);
  });

  it('are 8 when they are asked for', async () => {
    expect(bitsOf(await summaryOf('--weight-bits', '8', '--bits', '/fc=8/8'))).toEqual(bitsOf(await summaryOf()));
  });
});

describe('refusals', () => {
  /** The call fails with these lines, and the folder is as it was. */
  async function refuses(argv: readonly string[], lines: readonly string[], more: Circumstances = {}): Promise<void> {
    const before = folder.list();
    const { status, stdout, stderr } = await run(argv, more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual(lines);
    expect(folder.list()).toEqual(before);
  }

  it('tells all mistakes at once', async () => {
    await refuses(
      [
        ...['nothing.onnx', '--target', 'f28p5', '--calib', 'nada.npy', '--weight-bits', '5', '--observer', 'minmac'],
        ...['--report', 'a.htmx', '--config', 'c.yaml', '--recipe', 'tochmodelopt', '-o', 'absent/out.onnx'],
        ...['--activation-bits', '3', '--bits', 'fc=2', '--bits', 'fc', '--calib-batch', '0', '--output', 'x'],
        ...['--bias-calibration', '1.5'],
      ],
      [
        "error: there is no file 'nothing.onnx'",
        '  give the path of an .onnx file',
        "error: the target 'f28p5' is not known",
        "  did you mean 'f28p55', 'f28p55x' or 'f28p550sj'?",
        "error: --recipe is 'tochmodelopt', accepted: quantc, torchmodelopt",
        "  did you mean 'torchmodelopt'?",
        "error: --observer is 'minmac', accepted: minmax, moving-average, percentile, mse, entropy",
        "  did you mean 'minmax'?",
        "error: --bias-calibration is '1.5', accepted: a number from 0 to 1",
        "error: --output is 'x', accepted: int, float",
        "error: --calib-batch is '0', accepted: a whole number from 1 on",
        "error: --weight-bits is '5', accepted: 8, 4, 2",
        "error: --activation-bits is '3', accepted: 8, 4, 2",
        "error: --bits is 'fc', accepted: <layer>=<bits of weights>[/<bits of activations>]",
        "error: there is no file or folder 'nada.npy'",
        "error: there is no file or folder 'c.yaml'",
        "error: 'absent/out.onnx' cannot be written: there is no folder 'absent'",
        '  make the folder first',
        "error: the report 'a.htmx' is no .json or .html file",
        '  name it with the ending .json or .html',
      ],
    );
  });

  it.each([
    [['tiny.onnx'], 'no target is given', 'add --target <name>, e.g. --target f28p55; `quantc targets` lists them'],
    [['.', '-t', 'f28p55'], "'.' is a folder, not a model", 'give the path of an .onnx file'],
    [
      ['tiny.onnx', '-t', 'f28p55', '-o', 'tiny.onnx'],
      "-o 'tiny.onnx' would overwrite the input 'tiny.onnx'",
      'choose another name',
    ],
    [
      [...COMPILE, '-o', './calib.npy'],
      "-o './calib.npy' would overwrite the input 'calib.npy'",
      'choose another name',
    ],
    [
      [...COMPILE, '-o', 'a.json', '--report', 'a.json'],
      "--report 'a.json' would overwrite the file of -o",
      'choose another name',
    ],
    [
      [...COMPILE, '--report', 'a.txt'],
      "the report 'a.txt' is no .json or .html file",
      'name it with the ending .json or .html',
    ],
    [
      ['tiny.onnx', 'calib.npy', '-t', 'f28p55'],
      "compile takes one model, found 'tiny.onnx', 'calib.npy'",
      'each data file wants its option in front of it; a folder can be given once',
    ],
    [
      ['tiny.onnx', '-t', 'tinpu', '--backend', 'generic'],
      'the target tinpu does not take the generic backend, accepted: tinpu',
      undefined,
    ],
    [
      ['tiny.onnx', '-t', 'am263', '--recipe', 'torchmodelopt'],
      "recipe 'torchmodelopt' is not one of the generic backend, accepted: quantc",
      'leave --recipe out, or choose --backend tinpu, whose recipes they are',
    ],
    [[...COMPILE, '--weight-bits', '16'], "--weight-bits is '16', accepted: 8, 4, 2", undefined],
    [[...COMPILE, '--activation-bits', ''], "--activation-bits is '', accepted: 8, 4, 2", undefined],
    [[...COMPILE, '--bits', '/fc=3'], "--bits /fc is '3', accepted: 8, 4, 2", undefined],
    [[...COMPILE, '--bits', '/fc=4/6'], "--bits /fc is '6', accepted: 8, 4, 2", undefined],
    [
      [...COMPILE, '--bits', '=4'],
      "--bits is '=4', accepted: <layer>=<bits of weights>[/<bits of activations>]",
      undefined,
    ],
    [
      [...COMPILE, '--bits', '/fc=/'],
      "--bits is '/fc=/', accepted: <layer>=<bits of weights>[/<bits of activations>]",
      undefined,
    ],
    [
      [...COMPILE, '--bits', '/fc=4/4/4'],
      "--bits is '/fc=4/4/4', accepted: <layer>=<bits of weights>[/<bits of activations>]",
      undefined,
    ],
    [[...COMPILE, '--bits', '/fc=8', '--bits', '/fc=4'], "--bits names the layer '/fc' twice", undefined],
    [
      [...COMPILE, '--bits', '/cnov=4'],
      "tiny.onnx: no layer is called '/cnov', for which other bits are asked",
      "did you mean '/conv'?",
    ],
    [
      [...COMPILE, '--bits', 'backbone.stage=4'],
      "tiny.onnx: no layer is called 'backbone.stage', for which other bits are asked",
      "the layers are '/conv', '/fc'",
    ],
    [['calib.npy', '-t', 'f28p55'], 'calib.npy: the file is a NumPy array, an ONNX model is expected', undefined],
  ])('refuses %j', async (argv, message, hint) => {
    await refuses(argv, [`error: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])]);
  });

  it('does not write through a link to the input', async () => {
    symlinkSync(join(folder.path, 'tiny.onnx'), join(folder.path, 'link.onnx'));
    await refuses(
      [...COMPILE, '-o', 'link.onnx'],
      ["error: -o 'link.onnx' would overwrite the input 'tiny.onnx'", '  choose another name'],
    );
  });

  it('refuses an empty file and one beyond 2 GiB', async () => {
    folder.write('empty.onnx', '');
    await refuses(['empty.onnx', '-t', 'f28p55'], ["error: 'empty.onnx' is empty, so it is no ONNX model"]);
    const files = {
      ...NODE_FILES,
      stat: async (path: string) => {
        const facts = await NODE_FILES.stat(path);
        return facts && { ...facts, bytes: 2 ** 31 };
      },
    };
    await refuses(
      ['tiny.onnx', '-t', 'f28p55'],
      [
        "error: 'tiny.onnx' has 2147483648 bytes; an ONNX file ends at 2 GiB",
        '  save the model with external data: the weights may then be larger',
      ],
      { files },
    );
  });

  it('refuses to quantise a QDQ model for any CPU', async () => {
    const qdq = `graph "qdq"
input %x: float32[N,2]
const %s: float32[] = [0.5]
%q: uint8[N,2] = QuantizeLinear(%x, %s)
%d: float32[N,2] = DequantizeLinear(%q, %s)
output "d" = %d
`;
    folder.write('qdq.onnx', modelOf(qdq));
    await refuses(
      ['qdq.onnx', '-t', 'generic'],
      [
        'error: qdq.onnx: the model is quantised already, and the generic backend quantises float models',
        '  ONNX Runtime takes it as it is; give the float model to quantise it anew',
      ],
    );
  });

  it('tells all obstacles of a model at once, before calibration', async () => {
    folder.write(
      'odd.onnx',
      modelOf(`graph "odd"
input %x: float32[N,2]
const %w: float32[2,2] = [1, nan, 2, 3]
const %v: float32[2,2] = [1, 2, 3, 4]
const %b: float32[2] = [inf, 0]
%a: float32[N,2] = Gemm(%x, %w) "/first"
%s: float32[N,2] = Sin(%a) "/sin"
%c: float32[N,2] = Gemm(%s, %v, %b) "/second"
output "c" = %c
`),
    );
    folder.write('bad.npy', 'this would be refused by calibration');
    const { status, stdout, stderr } = await run(['odd.onnx', '-t', 'f28p55', '--calib', 'bad.npy']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(
      stderr.match(/^error: odd\.onnx: node \d '\/(first|second)' \(Gemm\) cannot be lowered.*NaN or inf/gm),
    ).toHaveLength(2);
    expect(stderr).not.toContain('bad.npy');
    expect(stderr).not.toContain('/sin');
  });

  it('refuses a model without any layer', async () => {
    folder.write(
      'flat.onnx',
      modelOf('graph "flat"\ninput %x: float32[N,4]\n%y: float32[N,4] = Sin(%x)\noutput "y" = %y\n'),
    );
    const { status, stderr } = await run(['flat.onnx', '-t', 'f28p55']);
    expect(status).toBe(2);
    expect(stderr).toContain('error: flat.onnx: no layer of the model computes anything that could become integers');
  });

  it('refuses calibration data that do not fit', async () => {
    folder.write('wrong.npy', encodeNpy(Tensor.float32([3, 5], new Float32Array(15))));
    const { status, stderr } = await run(['tiny.onnx', '-t', 'f28p55', '--calib', 'wrong.npy']);
    expect(status).toBe(2);
    expect(stderr).toContain("error: wrong.npy: the array is float32[3,5], but input 'x' takes float32[N,1,8,1]");
    expect(folder.list()).not.toContain('tiny.f28p55.onnx');
  });

  it('asks for a folder that can be written before it reads the model', async () => {
    let read = 0;
    const files = {
      ...NODE_FILES,
      checkWritable: () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'access' })),
      read: (path: string) => {
        read++;
        return NODE_FILES.read(path);
      },
    };
    await refuses(COMPILE, ["error: 'tiny.f28p55.onnx' cannot be written: permission is denied"], { files });
    expect(read).toBe(0);
  });

  it('leaves the old file alone when writing fails', async () => {
    folder.write('tiny.f28p55.onnx', 'old');
    const files = {
      ...NODE_FILES,
      replace: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' })),
    };
    await refuses(COMPILE, ["error: 'tiny.f28p55.onnx' cannot be written: no space is left on the device"], { files });
    expect(readFileSync(join(folder.path, 'tiny.f28p55.onnx'), 'utf8')).toBe('old');
  });
});

describe('the fixture', () => {
  it('compiles with good agreement', async () => {
    const { status, stdout } = await run([
      ...[fixturePath('cls_1k_v1/float.onnx'), '-t', 'f28p55', '--calib', fixturePath('cls_1k_v1/calib.npy')],
      ...['-o', 'cls.onnx', '--json'],
    ]);
    expect(status).toBe(0);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary.layers.map(({ pattern }) => pattern)).toEqual([
      ...[null, 'FCONV', 'GCONV', 'MAXPOOL', 'GCONV', 'AVGPOOL', 'FC'],
    ]);
    expect(summary.accuracy?.top1Agreement).toBe(1);
    // Measured at 37 dB; 8 bits a layer cannot be much worse than 30 on a network of this depth.
    expect(summary.accuracy?.sqnrDb).toBeGreaterThan(30);
  });
});

describe('a model of fixed batch', () => {
  it('is told when calibration samples are left over', async () => {
    folder.write('batch.onnx', modelOf(TINY.replaceAll('[N,', '[8,')));
    const { status, stdout, stderr } = await run(['batch.onnx', '-t', 'f28p55', '--calib', 'calib.npy', '--json']);
    expect(status).toBe(0);
    expect(stderr).toBe('warning: the model takes batches of 8 samples: 4 of 20 are left over and not used\n');
    expect((JSON.parse(stdout) as Summary).diagnostics.map(({ code }) => code)).toEqual(['samples-left-out']);
  });
});
