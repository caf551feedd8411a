import { importModel, type ImportedModel } from '../../src/ir/onnx/import.js';
import { exportModel } from '../../src/ir/onnx/export.js';
import { sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import { describeGraph } from './describe-graph.js';
import { modelBytes, type ModelSpec } from './onnx-builder.js';
import { describeDifference } from './onnx-node-tests.js';
import { runInOrt } from './ort-session.js';

/** The description of a model's graph and what was said to be normalised at its nodes. */
export function imported(spec: ModelSpec): { lines: string[]; texts: string[]; model: ImportedModel } {
  const model = importModel(modelBytes(spec));
  const texts = model.normalisations.filter(({ at }) => at !== undefined).map(({ text }) => text);
  return { lines: describeGraph(model.graph), texts, model };
}

/** Float32 inputs made of small, distinct numbers of both signs. */
export function feedsFor(model: ImportedModel): Map<string, Tensor> {
  return new Map(
    model.graph.inputs.map(({ name, type }, salt) => {
      const dims = type.shape.map((dim) => (typeof dim === 'number' ? dim : 3));
      const values = Array.from({ length: sizeOf(dims) }, (_, i) => (((i + 1) * (37 + 2 * salt)) % 41) / 8 - 2.5);
      return [name, Tensor.float32(dims, values)];
    }),
  );
}

/**
 * How the results of a model in its own opset and of its graph written with opset 21 differ in ONNX Runtime;
 * undefined when they are equal. Both run the same kernels, so that rtol 1e-6 allows for fused forms only.
 */
export async function differenceInOrt(spec: ModelSpec): Promise<string | undefined> {
  const { model } = imported(spec);
  const feeds = feedsFor(model);
  const before = await runInOrt(modelBytes(spec), feeds);
  const after = await runInOrt(exportModel(model.graph, { opset: 21 }), feeds);
  for (const { name } of model.graph.outputs) {
    const expected = before.get(name);
    if (expected === undefined) return `there is no output ${name}`;
    const difference = describeDifference(after.get(name), expected, { rtol: 1e-6, atol: 1e-7 });
    if (difference !== undefined) return `${name}: ${difference}`;
  }
  return undefined;
}
