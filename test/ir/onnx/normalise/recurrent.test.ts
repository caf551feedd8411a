import { describe, expect, it } from 'vitest';
import { exportModel } from '../../../../src/ir/onnx/export.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { prepare } from '../../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../../src/runtime/float/index.js';
import { floats, type ModelSpec } from '../../../support/onnx-builder.js';
import { describeGraph } from '../../../support/describe-graph.js';
import { describeDifference } from '../../../support/onnx-node-tests.js';
import { runInOrt } from '../../../support/ort-session.js';
import { imported } from '../../../support/normalise.js';

const ramp = (name: string, dims: readonly number[]): ReturnType<typeof floats> =>
  floats(
    name,
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 7) % 11) / 11 - 0.5),
  );

const model = (opset: number, op: string, rows: number, outputs: readonly string[], attributes = {}): ModelSpec => ({
  opset,
  nodes: [{ op, inputs: ['x', 'w', 'r'], outputs, attributes: { hidden_size: { int: 2 }, ...attributes } }],
  inputs: [{ name: 'x', shape: ['T', 'N', 3] }],
  outputs: outputs.filter((name) => name !== '').map((name) => ({ name, kind: 'none' as const })),
  initializers: [ramp('w', [1, rows, 3]), ramp('r', [1, rows, 2])],
});

describe('recurrent layers of every opset', () => {
  it.each([
    [1, 'LSTM', 8],
    [1, 'RNN', 2],
    [3, 'GRU', 6],
    [6, 'LSTM', 8],
  ] as const)('opset %i: %s says what it gives by its outputs', (opset, op, rows) => {
    const { lines, texts } = imported(model(opset, op, rows, ['y', 'h'], { output_sequence: { int: 1 } }));
    expect(texts).toEqual(['output_sequence is dropped: the outputs say it']);
    expect(lines.join('\n')).toContain('float32[T,1,N,2]');
    expect(lines.join('\n')).not.toContain('output_sequence');
  });

  it.each([7, 14, 22])('opset %i has no such attribute', (opset) => {
    expect(() => imported(model(opset, 'LSTM', 8, ['y'], { output_sequence: { int: 1 } }))).toThrow(
      'attribute output_sequence of LSTM is not known',
    );
  });

  it.each([
    ['LSTM', 8, ['', 'h']],
    ['LSTM', 8, ['', '', 'c']],
    ['LSTM', 8, ['y', '', 'c']],
    ['GRU', 6, ['', 'h']],
    ['RNN', 2, ['y', 'h']],
  ] as const)('%s with %i rows gives %j and survives being written', async (op, rows, outputs) => {
    const { model: first } = imported(model(14, op, rows, outputs));
    const again = importModel(exportModel(first.graph, { opset: 17 }));
    expect(describeGraph(again.graph)).toEqual(describeGraph(first.graph));
    const x = Tensor.float32(
      [2, 2, 3],
      Array.from({ length: 12 }, (_, i) => i / 6 - 1),
    );
    const results = prepare(first.graph, FLOAT_KERNELS).run(new Map([['x', x]]));
    const expected = await runInOrt(exportModel(first.graph, { opset: 17 }), new Map([['x', x]]));
    expect([...results.keys()]).toEqual(outputs.filter((name) => name !== ''));
    for (const [name, tensor] of expected) {
      // The polynomials of ONNX Runtime are exact to about 1e-6.
      expect(describeDifference(results.get(name), tensor, { rtol: 1e-4, atol: 1e-5 })).toBeUndefined();
    }
  });

  it('results that nothing reads are dropped at the end', () => {
    const spec = model(14, 'LSTM', 8, ['y', 'h', 'c']);
    const { lines, texts } = imported({ ...spec, outputs: [{ name: 'y', kind: 'none' }] });
    expect(texts).toEqual(["'h' and 'c' are dropped: not read"]);
    expect(lines.join('\n')).toContain('y: float32[T,1,N,2] = LSTM(x, ');
  });
});
