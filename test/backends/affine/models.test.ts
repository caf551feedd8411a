import { describe, expect, it } from 'vitest';
import { AFFINE_KERNELS } from '../../../src/backends/affine/dialect.js';
import { liftAffine } from '../../../src/backends/affine/lift/lift.js';
import { modelKind } from '../../../src/backends/run.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import { integerRange, isFloat } from '../../../src/ir/dtype.js';
import { opName, type Graph, type Node, type Value } from '../../../src/ir/graph.js';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { prepare } from '../../../src/runtime/executor.js';
import { hasShared, shared } from '../../support/fixtures.js';
import { runInOrt } from '../../support/ort-session.js';
import { runAffine } from '../../support/affine-node.js';

interface ModelCase {
  readonly file: string;
  /** Accumulators, requantised sums and means, and tables. */
  readonly integer: Readonly<Record<string, number>>;
  /** Nodes that compute real numbers from real numbers, in order. */
  readonly float: readonly string[];
}

const KWS = { 'qa.Conv': 3, 'qa.MatMul': 3, 'qa.Requantize': 6, 'qa.AveragePool': 2, 'qa.Add': 3 };

const MODELS: readonly ModelCase[] = [
  { file: 'emmtrix__micro_kws_m_static_qdq', integer: KWS, float: ['Reshape', 'Softmax'] },
  { file: 'emmtrix__micro_kws_m_static_qoperator', integer: KWS, float: ['Reshape', 'Softmax'] },
  { file: 'specs-feup__ad01_int8', integer: { 'qa.MatMul': 10, 'qa.Requantize': 10 }, float: [] },
  {
    file: 'specs-feup__kws_ref_model',
    integer: { 'qa.Conv': 9, 'qa.MatMul': 1, 'qa.Requantize': 10, 'qa.AveragePool': 1 },
    float: ['Softmax'],
  },
];

const FINER = 128;

/** A node's results in 128ths of a step: the same node with larger multipliers and a result of 16 bits. */
function inFineSteps(node: Node, inputs: readonly (Tensor | undefined)[]): Tensor {
  const fine = inputs.map((tensor, i) => {
    if (tensor?.dtype === 'float64' && i > 0) {
      return new Tensor(
        'float64',
        tensor.dims,
        Float64Array.from(tensor.data as Float64Array, (m) => m * FINER),
      );
    }
    return i === zeroIndex(node) ? Tensor.zeros('int16', []) : tensor;
  });
  const attrs = Object.fromEntries([...node.attrs.without('lo', 'hi')].map(([name, { value }]) => [name, value]));
  return runAffine(opName(node), fine, attrs, 0);
}

const zeroIndex = ({ op, inputs }: Node): number => (op === 'ReduceMean' ? 3 : inputs.length - 1);

function randomFeeds(graph: Graph, seed: number): Map<string, Tensor> {
  const next = uniformSource(seed);
  return new Map(
    graph.inputs.map(({ name, type: { dtype, shape } }) => {
      const tensor = Tensor.zeros(
        dtype,
        shape.map((dim) => (typeof dim === 'number' ? dim : 2)),
      );
      const { lo, hi } = isFloat(dtype) ? { lo: 0, hi: 26 } : integerRange(dtype);
      for (let i = 0; i < tensor.size; i++) {
        const x = lo + ((next() + 1) / 2) * (hi - lo);
        tensor.data[i] = isFloat(dtype) ? x : Math.round(x);
      }
      return [name, tensor];
    }),
  );
}

const isQuantised = ({ type: { dtype } }: Value): boolean => dtype === 'int8' || dtype === 'uint8';
const copyOf = (tensor: Tensor): Tensor => new Tensor(tensor.dtype, tensor.dims, tensor.data.slice());

describe.each(MODELS)('$file', ({ file, integer, float }) => {
  const path = `models/${file}.onnx`;

  it.skipIf(!hasShared(path))('becomes integers but for what has none', () => {
    const { graph } = importModel(shared(path));
    expect(modelKind(graph)).toBe('qdq');
    const lifted = liftAffine(graph);
    const counts: Record<string, number> = {};
    for (const node of lifted.nodes) {
      if (node.domain === 'qa') counts[opName(node)] = (counts[opName(node)] ?? 0) + 1;
    }
    expect(counts).toEqual(integer);
    const isReal = (value: Value | undefined): boolean => value?.type.dtype === 'float32';
    const real = lifted.nodes.filter(({ inputs, outputs }) => isReal(inputs[0]) && isReal(outputs[0]));
    expect(real.map(opName)).toEqual(float);
  });

  it.skipIf(!hasShared(path))('computes layer by layer what ONNX Runtime does, but for ties', async () => {
    const { graph } = importModel(shared(path));
    const lifted = liftAffine(graph);
    const editor = new GraphEditor(graph);
    for (const value of graph.nodes.flatMap(({ outputs }) => outputs)) {
      const isOutput = graph.outputs.some((output) => output.value === value);
      if (isQuantised(value) && !isOutput) editor.addOutput(value.name, value);
    }
    const feeds = randomFeeds(graph, 5);
    const theirs = await runInOrt(exportModel(graph, { opset: 21 }), feeds);
    let compared = 0;
    let ties = 0;
    const seen = new Map<Value, Tensor>();
    // What a layer reads is what ONNX Runtime had there, so that every difference is one of its own.
    prepare(lifted, AFFINE_KERNELS).run(feeds, {
      observe: (value, tensor) => {
        const wanted = theirs.get(value.name);
        const node = value.producer;
        seen.set(value, wanted !== undefined && isQuantised(value) ? wanted : copyOf(tensor));
        if (node === undefined || wanted === undefined || !isQuantised(value)) return undefined;
        compared += tensor.size;
        const places = Array.from(wanted.data, Number).flatMap((x, i) => (x === Number(tensor.data[i]) ? [] : [i]));
        ties += places.length;
        if (places.length === 0) return undefined;
        const message = `${value.name} (${opName(node)})`;
        for (const i of places) expect(Math.abs(Number(wanted.data[i]) - Number(tensor.data[i])), message).toBe(1);
        if (node.domain === 'qa') {
          const fine = inFineSteps(
            node,
            node.inputs.map((input) => input && (input.constant ?? seen.get(input))),
          );
          for (const i of places) {
            const value = Number(fine.data[i]) / FINER;
            // The 128th that fine steps leave open, beside which the rounding of float32 is small.
            expect(Math.abs(value - Math.floor(value) - 0.5), `${message}: ${value}`).toBeLessThanOrEqual(1 / FINER);
          }
        }
        return wanted;
      },
    });
    expect(compared).toBeGreaterThan(100);
    expect(ties / compared, `${ties} ties of ${compared}`).toBeLessThan(0.01);
  });
});
