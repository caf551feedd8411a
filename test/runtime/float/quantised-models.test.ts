import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../src/ir/editor.js';
import type { Value } from '../../../src/ir/graph.js';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { importModel, type ImportedModel } from '../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../src/ir/random.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { prepare } from '../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { integerDifferences } from '../../support/contrib-node.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { build } from '../../support/naive-tensor.js';
import { describeDifference } from '../../support/onnx-node-tests.js';
import { runInOrt } from '../../support/ort-session.js';
import { dirtyArena } from '../../support/run-operator.js';

const MODELS = fileURLToPath(new URL('../../../../shared/models/', import.meta.url));

const NAMES = [
  'emmtrix__micro_kws_m_static_qoperator',
  'emmtrix__micro_kws_m_static_qdq',
  'specs-feup__kws_ref_model',
  'specs-feup__ad01_int8',
];

/** Seeded data in the range that the model quantises. */
function feedsOf({ graph }: ImportedModel, seed: number): Map<string, Tensor> {
  const next = uniformSource(seed);
  return new Map(
    graph.inputs.map(({ name, type }) => {
      const dims = type.shape.map((dim) => (typeof dim === 'number' ? dim : 2));
      const float = type.dtype === 'float32';
      return [
        name,
        float ? build('float32', dims, () => 13 * (next() + 1)) : integerTensor(type.dtype, dims, seed, 127),
      ];
    }),
  );
}

/** Results of every node in ONNX Runtime, by value. */
async function everyResult({ graph }: ImportedModel, feeds: ReadonlyMap<string, Tensor>): Promise<Map<Value, Tensor>> {
  const copy = importModel(exportModel(graph, { opset: 21 })).graph;
  const editor = new GraphEditor(copy);
  const results = copy.nodes.flatMap((node) => node.outputs);
  for (const [i, value] of results.entries()) editor.addOutput(`result${i}`, value);
  const computed = await runInOrt(exportModel(copy, { opset: 21 }), feeds);
  return new Map(graph.nodes.flatMap((node) => node.outputs).map((value, i) => [value, computed.get(`result${i}`)!]));
}

describe.skipIf(!existsSync(MODELS))('models that other tools quantised', () => {
  it.each(NAMES)('%s computes each node as ONNX Runtime does, integers exactly', async (name) => {
    const model = importModel(readFileSync(`${MODELS}${name}.onnx`));
    const feeds = feedsOf(model, 1);
    const computed = await everyResult(model, feeds);
    for (const node of model.graph.nodes) {
      const inputs = node.inputs.map(
        (value) => value && (value.constant ?? feeds.get(value.name) ?? computed.get(value)),
      );
      const results = FLOAT_KERNELS.get(node.op)!(node, inputs, dirtyArena);
      for (const [i, value] of node.outputs.entries()) {
        // Floats: some hundred products of numbers of up to some tens, summed in another order.
        const tolerance = { rtol: 1e-5, atol: 1e-3 };
        expect(describeDifference(results[i], computed.get(value)!, tolerance), node.name).toBeUndefined();
      }
    }
  });

  // In the QDQ model of emmtrix, whose convolutions sum floats, ties fall apart and the softmax shows it in several steps.
  it.each(NAMES.filter((name) => !name.endsWith('qdq')))('%s computes what ONNX Runtime computes', async (name) => {
    const bytes = readFileSync(`${MODELS}${name}.onnx`);
    const model = importModel(bytes);
    const program = prepare(model.graph, FLOAT_KERNELS);
    let different = 0;
    let elements = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const feeds = feedsOf(model, seed);
      const own = program.run(feeds);
      for (const [output, expected] of await runInOrt(bytes, feeds)) {
        const a = own.get(output)!;
        different += integerDifferences(a, expected).count;
        elements += a.size;
      }
    }
    expect(elements).toBeGreaterThan(70);
    expect(different).toBe(0);
  });

  it.each(NAMES)('%s computes the same when written anew', async (name) => {
    const bytes = readFileSync(`${MODELS}${name}.onnx`);
    const model = importModel(bytes);
    const feeds = feedsOf(model, 9);
    // Much newer opsets have other kernels; Reshape is written from 14 on.
    const again = await runInOrt(exportModel(model.graph, { opset: Math.max(model.metadata.opset, 14) }), feeds);
    for (const [output, expected] of await runInOrt(bytes, feeds)) {
      expect(again.get(output)?.dims).toEqual(expected.dims);
      expect(describeDifference(again.get(output), expected, { rtol: 0, atol: 0 })).toBeUndefined();
    }
  });
});
