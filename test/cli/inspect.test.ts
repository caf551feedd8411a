import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/backends/summary.js';
import type { Inspection } from '../../src/cli/inspection.js';
import { Folder, modelOf, quantc, TINY } from '../support/cli.js';
import { fixturePath } from '../support/fixtures.js';
import { floats, modelBytes } from '../support/onnx-builder.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
});
afterEach(() => folder.remove());

const run = (...argv: readonly string[]): ReturnType<typeof quantc> => quantc(argv, { cwd: folder.path });

const ODD = `graph "odd"
input %x: float32[N,8]
const %w: float32[8,4] = random 1
const %v: float32[4,4] = random 2
%a: float32[N,4] = Gemm(%x, %w) "/first"
const %u: float32[4,4] = splat nan
const %t: float32[4,4] = splat inf
%b: float32[N,4] = Gemm(%a, %u) "/broken"
%c: float32[N,4] = Gemm(%b, %v) "/second"
%d: float32[N,4] = Relu(%c) "/relu"
%e: float32[N,4] = Gemm(%d, %t) "/last"
output "e" = %e
`;

/** What is known only after calibration. */
const OPEN = {
  weightScale: null,
  inputScale: null,
  inputZeroPoint: null,
  outputScale: null,
  outputZeroPoint: null,
  sqnrDb: null,
};

describe('a float model', () => {
  it('is described without a target', async () => {
    const { status, stdout, stderr } = await run('inspect', 'tiny.onnx');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(
        [
          '^tiny\\.onnx: float model, \\d+ bytes',
          '',
          'producer     test',
          'opset        17 \\(IR version 8\\)',
          "input        'x' float32\\[N,1,8,1\\]",
          "output       'y' float32\\[N,2\\]",
          'nodes        5: Conv, Relu, GlobalAveragePool, Flatten, Gemm',
          'parameters   24 \\(96 bytes\\)',
          'MACs         104 a sample',
          '$',
        ].join('\n'),
      ),
    );
  });

  it('says where each layer would run and why', async () => {
    const { stdout } = await run('inspect', 'tiny.onnx', '--target', 'f28p55');
    expect(stdout.split('\n').slice(10)).toEqual([
      '#  layer  pattern   on   output  weights  MACs  bytes',
      '0  x      quantise  CPU  1x8x1         –     –      –',
      '1  /conv  FCONV     NPU  4x8x1        12    96     32',
      '2  /pool  AVGPOOL   NPU  4x1x1         –     –     16',
      '3  /fc    FC        CPU  2             8     8     18',
      '      4 input features, at least 16 with 8-bit weights',
      '',
      'placement    on f28p55: 2 of 4 layers on the NPU, 92.3 % of 104 MACs',
      // 8 inputs on the CPU, 96 MACs and 32 averaged elements on the NPU, 8 MACs on the CPU.
      'estimate     about 0.0023 ms (344 cycles): 1.15 cycles a MAC on the NPU, 12.3 on the CPU, from two',
      '             networks measured on F28P55x',
      'weights      66 bytes in integers',
      'compilable   yes',
      '',
    ]);
  });

  it('tells the reason that all layers share once', async () => {
    const { stdout } = await run('inspect', 'tiny.onnx', '--target', 'am263', '--backend', 'tinpu');
    expect(stdout.match(/am263 has no NPU/g)).toHaveLength(1);
    expect(stdout).toContain('0 of 4 layers on the NPU, 0 % of 104 MACs; the others: am263 has no NPU');
  });

  it('lists all obstacles as part of the answer', async () => {
    folder.write('odd.onnx', modelOf(ODD));
    const { status, stdout, stderr } = await run('inspect', 'odd.onnx', '--target', 'f28p55');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('compilable   no, 2 obstacles below');
    expect(stdout).toMatch(/^obstacle: node 1 '\/broken' \(Gemm\) cannot be lowered/m);
    // What comes behind the obstacle is told as well; its clipping belongs to the layer.
    expect(stdout).toMatch(/^3 {2}\/second +FC +CPU/m);
    expect(stdout).toMatch(/^4 {2}\/last +Gemm +CPU/m);
  });

  it('gives the rows that compiling gives, as far as they are known', async () => {
    const model = fixturePath('cls_1k_v1/float.onnx');
    const before = JSON.parse((await run('inspect', model, '-t', 'f28p55', '--json')).stdout) as Inspection;
    const after = JSON.parse((await run(model, '-t', 'f28p55', '--json', '-o', 'cls.onnx')).stdout) as Summary;
    const known = ({ layers }: Pick<Summary, 'layers'>): object[] =>
      layers.map(
        ({ name, source, op, pattern, placement, reason, outputShape, macs, weightBits, weightCount, bytes }) => {
          return { name, source, op, pattern, placement, reason, outputShape, macs, weightBits, weightCount, bytes };
        },
      );
    expect(known(before)).toEqual(known(after));
    expect(before.memory.weightBytes).toBe(after.memory.weightBytes);
  });

  it.each([
    ['a device without an NPU', ['-t', 'mspm0g3507']],
    ['a device with one, on request', ['-t', 'f28p55', '--backend', 'generic']],
  ])('gives the rows of the generic backend for %s', async (_, target) => {
    const model = fixturePath('cls_1k_v1/float.onnx');
    const before = JSON.parse((await run('inspect', model, ...target, '--json')).stdout) as Inspection;
    const after = JSON.parse((await run(model, ...target, '--json', '-o', 'cls.onnx')).stdout) as Summary;
    const known = ({ layers }: Pick<Summary, 'layers'>): object[] => layers.map((layer) => ({ ...layer, ...OPEN }));
    expect(before.backend).toBe('generic');
    expect(known(before)).toEqual(known(after));
    expect(before.layers.flatMap(({ weightScale }) => weightScale)).toEqual([]);
    expect(before.islands).toEqual(after.islands);
    expect(before.totals).toEqual(after.totals);
    expect(before.estimate).toEqual(after.estimate);
    expect(before.memory.weightBytes).toBe(after.memory.weightBytes);
  });

  it('lists the obstacles of the generic backend, and options that do nothing there', async () => {
    folder.write('odd.onnx', modelOf(ODD));
    const { status, stdout } = await run('inspect', 'odd.onnx', '-t', 'generic', '--rules', 'relaxed');
    expect(status).toBe(0);
    expect(stdout).toContain('compilable   no, 2 obstacles below');
    expect(stdout).toMatch(/^obstacle: node 1 '\/broken' \(Gemm\) cannot be quantised/m);
    expect(stdout).toContain('warning: --rules has no effect on the generic backend');
  });

  it('says that nothing could become integers as compile does', async () => {
    folder.write(
      'none.onnx',
      modelOf('graph "g"\ninput %x: float32[N,8]\n%y: float32[N,8] = Exp(%x) "/exp"\noutput "y" = %y\n'),
    );
    for (const target of ['f28p55', 'generic']) {
      const compiled = await run('none.onnx', '-t', target);
      const { stdout } = await run('inspect', 'none.onnx', '-t', target);
      expect(compiled.stderr).toContain('no layer of the model computes anything');
      expect(stdout).toContain('no layer of the model computes anything');
    }
  });

  it('refuses a backend that the target does not take, and one without a target', async () => {
    const other = await run('inspect', 'tiny.onnx', '-t', 'generic', '--backend', 'tinpu');
    expect(other.status).toBe(2);
    expect(other.stderr).toContain('the target generic does not take the tinpu backend, accepted: generic');
    const none = await run('inspect', 'tiny.onnx', '--backend', 'tinpu');
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('--backend changes what is told of layers, and no target is given');
  });

  it('is a summary in JSON, open where calibration is missing', async () => {
    const { stdout } = await run('inspect', 'tiny.onnx', '--target', 'f28p55', '--json');
    const inspection = JSON.parse(stdout) as Inspection;
    expect(inspection).toMatchObject({
      model: 'tiny.onnx',
      kind: 'float',
      onnx: { producer: 'test', opset: 17, irVersion: 8, nodes: 5, parameters: 24, macs: 104, metadata: [] },
      target: 'f28p55',
      backend: 'tinpu',
      recipe: null,
      output: null,
      inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 1, 8, 1], scale: 1, zeroPoint: 0, bits: 32, signed: true }],
      outputs: [{ name: 'y' }],
      activations: [],
      // 4 channels of 8 floats beside 8 floats.
      memory: { weightBytes: 66, floatWeightBytes: 96, peakActivationBytes: null, floatPeakActivationBytes: 160 },
      accuracy: null,
      diagnostics: [],
    });
    expect(inspection.onnx.operators).toContainEqual({ op: 'Conv', count: 1 });
    expect(inspection.layers[1]).toMatchObject({ pattern: 'FCONV', shift: [], accumulator: null, sqnrDb: null });
  });

  it('tells what the importer and the rules changed with --verbose', async () => {
    const bytes = modelBytes({
      opset: 6,
      inputs: [{ name: 'x', shape: [1, 4] }],
      outputs: [{ name: 'y', shape: [1, 4] }],
      nodes: [
        { op: 'Clip', inputs: ['x'], outputs: ['y'], name: 'c', attributes: { min: { float: 0 }, max: { float: 6 } } },
      ],
    });
    folder.write('old.onnx', bytes);
    const { stderr } = await run('inspect', 'old.onnx', '--verbose');
    expect(stderr).toMatch(/^normalised on import\n {2}.*'c' \(Clip of opset 6\) → Clip: /m);
    expect(stderr).toMatch(/^graph\n {2}graph "g"$/m);
  });

  it('tells the forms of the file that the importer replaced with --verbose', async () => {
    const bytes = modelBytes({
      inputs: [
        { name: 'x', shape: [null, 4] },
        { name: 'w', shape: [4] },
      ],
      outputs: [{ name: 'y' }],
      nodes: [
        { op: 'Add', inputs: ['x', 'b'], outputs: ['y'], domain: 'ai.onnx' },
        { op: 'Add', inputs: ['w', 'c'], outputs: ['b'], name: 'bias' },
        { op: 'Constant', outputs: ['c'], attributes: { value_float: { float: 1 } } },
      ],
      initializers: [floats('w', [4], [1, 2, 3, 4])],
    });
    folder.write('forms.onnx', bytes);
    const { stderr } = await run('inspect', 'forms.onnx', '-v');
    expect(stderr).toContain(`normalised on import
  domain 'ai.onnx' → the default domain: 1 node
  1 input dimension without a name or a size above 0 → symbols: axis 0 of 'x' is x_dim0
  1 initializer also listed among the graph inputs → constants alone: 'w'
  1 Constant node → constants: value_float
  1 unnamed node → labelled: by operator and position, as Add_0
  order of the file → topological order: 2 of 3 nodes change their position
`);
  });
});

describe('a quantised model', () => {
  it('of quantc is told with its metadata and its layers', async () => {
    await run('tiny.onnx', '-t', 'f28p55', '-o', 'q.onnx');
    const { status, stdout } = await run('inspect', 'q.onnx');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^q\.onnx: integers of the NPU \(TINPU\), \d+ bytes$/m);
    expect(stdout).toMatch(/^input {8}'x' float32\[N,1,8,1\], int8 of scale 0\.\d+$/m);
    const made = 'made for     f28p55 by quantc (backend tinpu, recipe quantc)';
    expect(stdout).toContain(made);
    expect((await run('inspect', 'q.onnx', '--target', 'mspm0g5187')).stdout).toContain(made);
    expect(stdout).toMatch(/^1 {2}\/conv +FCONV +NPU +4x8x1 +12 +96 +\S+ +32$/m);
    const json = JSON.parse((await run('inspect', 'q.onnx', '--json')).stdout) as Inspection;
    expect(json).toMatchObject({ kind: 'tinpu', target: 'f28p55', recipe: 'quantc' });
    expect(json.layers[1]?.accumulator).not.toBeNull();
    expect(json.memory.peakActivationBytes).toBeGreaterThan(0);
  });

  it('of TI is told with its layers', async () => {
    const { stdout } = await run('inspect', fixturePath('coral_base_100/model_ti.onnx'), '--json');
    const { kind, layers, target } = JSON.parse(stdout) as Inspection;
    expect({ kind, target }).toEqual({ kind: 'tinpu', target: null });
    expect(layers.map(({ name, pattern }) => [name, pattern])).toEqual([
      ['/input_norm_floor', null],
      ['/conv0_conv', 'PWCONV'],
      ['/conv1_conv', 'GCONV'],
      ['/pool_sum', 'AVGPOOL'],
      ['/fc_matmul', 'FC'],
    ]);
    expect(layers.map(({ shift }) => shift)).toEqual([[7], [6, 6, 6, 5], [6, 7, 7, 7], [8], [7, 8]]);
  });

  it('with metadata that quantc did not write is read all the same', async () => {
    for (const text of [
      '{',
      '[]',
      '{"target": 1}',
      '{"target":"f28p55","backend":"tinpu","recipe":"r","inputs":[1,{}]}',
    ]) {
      folder.write(
        'm.onnx',
        modelBytes({
          inputs: [{ name: 'x', shape: [1] }],
          outputs: [{ name: 'y', shape: [1] }],
          nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }],
          metadata: [['quantc', text]],
        }),
      );
      expect(await run('inspect', 'm.onnx'), text).toMatchObject({ status: 0, stderr: '' });
    }
  });

  it('in QDQ form is told as such', async () => {
    folder.write(
      'qdq.onnx',
      modelOf(`graph "qdq"
input %x: float32[N,4]
const %s: float32[] = [0.5]
const %z: uint8[] = [128]
%q: uint8[N,4] = QuantizeLinear(%x, %s, %z)
%d: float32[N,4] = DequantizeLinear(%q, %s, %z)
output "d" = %d
`),
    );
    const { stdout } = await run('inspect', 'qdq.onnx', '--target', 'f28p55');
    expect(stdout).toMatch(/^qdq\.onnx: QDQ model/);
    expect(stdout).toMatch(/ QuantizeLinear +4 +– +– +– +float +uint8 0\.5 z 128/);
    const json = JSON.parse((await run('inspect', 'qdq.onnx', '--json')).stdout) as { affineLayers: unknown };
    const integers = { scale: 0.5, zeroPoint: 128, bits: 8, signed: false };
    expect(json.affineLayers).toMatchObject([
      { op: 'QuantizeLinear', inputs: [null], output: integers },
      { op: 'DequantizeLinear', inputs: [integers], output: null },
    ]);
    expect(stdout).toContain('obstacle: no layer of the model computes anything that could become integers');
    const compiled = await run('qdq.onnx', '-t', 'f28p55');
    expect(compiled.status).toBe(2);
    expect(compiled.stderr).toContain('no layer of the model computes anything that could become integers');
  });
});

describe('names in a model', () => {
  it('cannot steer the terminal', async () => {
    folder.write(
      'evil.onnx',
      modelBytes({
        producer: 'a\u001b[2Jb',
        inputs: [{ name: 'x\u202ey', shape: [1, 4] }],
        outputs: [{ name: 'y', shape: [1, 4] }],
        nodes: [{ op: 'Sin', inputs: ['x\u202ey'], outputs: ['y'], name: 'n\u001b]0;t\u0007' }],
      }),
    );
    for (const argv of [
      ['inspect', 'evil.onnx', '-t', 'f28p55', '-v'],
      ['evil.onnx', '-t', 'f28p55'],
    ]) {
      const { stdout, stderr } = await run(...argv);
      // eslint-disable-next-line no-control-regex -- these are what is looked for
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
    expect((await run('inspect', 'evil.onnx')).stdout).toContain('producer     a\\x1b[2Jb');
  });
});

describe('refusals', () => {
  it('tells a missing model and an unknown target at once', async () => {
    const { status, stdout, stderr } = await run('inspect', 'no.onnx', '-t', 'f28q55', '--rules', 'loose');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.match(/^error: .*$/gm)).toEqual([
      "error: there is no file 'no.onnx'",
      "error: the target 'f28q55' is not known",
      "error: --rules is 'loose', accepted: strict, relaxed",
    ]);
  });

  it('fails for a model that cannot be read, with all its problems', async () => {
    folder.write(
      'bad.onnx',
      modelBytes({
        inputs: [{ name: 'x', shape: [1] }],
        outputs: [{ name: 'z', shape: [1] }],
        nodes: [
          { op: 'NoSuchThing', inputs: ['x'], outputs: ['y'], name: 'a' },
          { op: 'NorThis', inputs: ['y'], outputs: ['z'], name: 'b' },
        ],
      }),
    );
    const { status, stdout, stderr } = await run('inspect', 'bad.onnx', '--json');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain("error: bad.onnx: node 0 'a' (NoSuchThing): ");
    expect(stderr).toContain("error: bad.onnx: node 1 'b' (NorThis): ");
  });
});
