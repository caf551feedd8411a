import { describe, expect, it } from 'vitest';
import * as quantc from '../src/index.js';
import { any, applyRules, constant, exportModel, importModel, op, openModel, rule, Tensor } from '../src/index.js';
import { modelBytes } from './support/onnx-builder.js';

/** y = (x + 0) · 2, from the builder of ONNX files. */
const BYTES = modelBytes({
  inputs: [{ name: 'x', shape: ['N', 2] }],
  outputs: [{ name: 'y', shape: ['N', 2] }],
  nodes: [
    { op: 'Add', inputs: ['x', 'zero'], outputs: ['s'], name: 'add' },
    { op: 'Mul', inputs: ['s', 'two'], outputs: ['y'], name: 'mul' },
  ],
  initializers: [
    { name: 'zero', dims: [], floats: [0] },
    { name: 'two', dims: [], floats: [2] },
  ],
});

describe('the library', () => {
  it('lets its user read a model, rewrite it with a rule of his own, and write it', () => {
    const dropZero = rule({
      name: 'drop-zero',
      match: op('Add', [
        any('x'),
        constant('c', ({ constant: c }) => (c.toNumbers().some(Boolean) ? 'not zero' : undefined)),
      ]),
      rewrite: ({ x }) => x,
    });
    const { graph } = importModel(BYTES);
    const { counts, stopped } = applyRules(new quantc.GraphEditor(graph), [dropZero], { operators: quantc.OPERATORS });
    expect([stopped, counts.get('drop-zero')]).toEqual(['fixpoint', 1]);

    const written = openModel(exportModel(graph, { opset: 17 }));
    expect(written.source.nodes.map(({ op: name }) => name)).toEqual(['Mul']);
    const outputs = written.run(new Map([['x', Tensor.float32([1, 2], [3, -4])]]));
    expect(outputs.get('y')?.toNumbers()).toEqual([6, -8]);
  });

  it('runs passes of one’s choice over a graph in text form', () => {
    const graph = quantc.parseGraph(
      'graph "g"\ninput %x: float32[4]\n%a: float32[4] = Identity(%x)\n%y: float32[4] = Relu(%a)\noutput "y" = %y\n',
      quantc.OPERATORS,
    );
    const steps = quantc
      .canonicalise({ keepInputAffine: false })
      .steps.filter(({ pass }) => pass.name === 'state-plainly');
    const found: quantc.Diagnostic[] = [];
    quantc.runPipeline(
      new quantc.GraphEditor(graph),
      { name: 'mine', steps },
      { operators: quantc.OPERATORS, kernels: quantc.FLOAT_KERNELS, report: (diagnostic) => found.push(diagnostic) },
    );
    expect(quantc.printGraph(graph)).toBe(
      'graph "g"\ninput %x: float32[4]\n%y: float32[4] = Relu(%x)\noutput "y" = %y\n',
    );
    expect(found).toEqual([]);
  });

  it('compiles in memory from a stream of tensors, and runs the result', async () => {
    const graph = quantc.parseGraph(
      `graph "net"
input %x: float32[N,16]
const %w: float32[16,4] = random 5
%y: float32[N,4] = Gemm(%x, %w) "/fc"
output "y" = %y
`,
      quantc.OPERATORS,
    );
    const sample = (seed: number): Tensor =>
      Tensor.float32(
        [16],
        Float32Array.from({ length: 16 }, (_, i) => Math.sin(seed * 7 + i)),
      );
    async function* stream(): AsyncGenerator<Tensor> {
      for (let i = 0; i < 32; i++) yield await Promise.resolve(sample(i));
    }
    const model = exportModel(graph, { opset: 17 });
    const { bytes, summary } = await quantc.compileModel(model, { target: 'f28p55', samples: stream });
    expect(summary.layers.map(({ placement }) => placement)).toEqual(['cpu', 'npu']);

    const quantised = openModel(bytes);
    expect(quantised.kind).toBe('tinpu');
    const [output] = summary.outputs;
    const x = sample(3).reshape([1, 16]);
    const integers = quantised
      .run(new Map([['x', x]]))
      .get('y')!
      .toNumbers();
    const reals = openModel(model)
      .run(new Map([['x', x]]))
      .get('y')!
      .toNumbers();
    // Weights and activations of 8 bits: the sum of 16 products is off by a few steps at most.
    for (const [i, real] of reals.entries())
      expect(Math.abs(integers[i]! * output!.scale - real)).toBeLessThan(4 * output!.scale);
  });

  it('reads and writes files of numbers', () => {
    const tensor = Tensor.int64([1, -2, 3]);
    expect(quantc.decodeNpy(quantc.encodeNpy(tensor))).toEqual(tensor);
    expect(quantc.decodeNpz(quantc.encodeNpz([['a', tensor]])).get('a')).toEqual(tensor);
  });

  it('says what is wrong as data', () => {
    const failure = (): unknown => importModel(new Uint8Array([1, 2, 3]), { file: 'm.onnx' });
    expect(failure).toThrow(quantc.UserError);
    try {
      failure();
    } catch (error) {
      const { diagnostics } = error as quantc.UserError;
      expect(diagnostics[0]).toMatchObject({ severity: 'error', at: { file: 'm.onnx' } });
    }
  });

  it('exports what it promises', () => {
    const names = Object.keys(quantc);
    for (const name of names) expect(quantc[name as keyof typeof quantc], name).toBeDefined();
    expect(names).toEqual(
      expect.arrayContaining(['compile', 'compileModel', 'findTarget', 'liftCarrier', 'runSamples', 'VERSION']),
    );
  });
});
