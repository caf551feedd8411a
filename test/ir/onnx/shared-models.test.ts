import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { importModel, type ImportedModel } from '../../../src/ir/onnx/import.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { describeGraph } from '../../support/describe-graph.js';
import { feedsFor } from '../../support/normalise.js';
import { describeDifference } from '../../support/onnx-node-tests.js';
import { runInOrt } from '../../support/ort-session.js';

const SHARED = fileURLToPath(new URL('../../../../shared/', import.meta.url));

/** Paths of all model files in the folders, relative to the shared data. */
const modelsIn = (...folders: readonly string[]): string[] =>
  folders
    .filter((folder) => existsSync(`${SHARED}${folder}`))
    .flatMap((folder) =>
      readdirSync(`${SHARED}${folder}`, { recursive: true })
        .map((path) => `${folder}/${String(path)}`)
        .filter((path) => path.endsWith('.onnx')),
    )
    .sort();

const read = (path: string): Uint8Array => readFileSync(`${SHARED}${path}`);

/** Models that are refused, and why. */
const REFUSED = new Map<string, readonly string[]>([
  [
    'models/microsoft__supres.onnx',
    [
      "the operator SuperResolutionPreProcess of domain 'ai.onnx.contrib' is not supported, only those of ai.onnx are accepted",
      "the operator SuperResolutionPostProcess of domain 'ai.onnx.contrib' is not supported, only those of ai.onnx are accepted",
    ],
  ],
  ['models/snakers4__silero_vad_16k_op15.onnx', ['the operator If is not supported: control flow cannot be compiled']],
  [
    'models/onnx__simple_cnn.onnx',
    ['conv1.weight', 'conv2.weight', 'fc.weight'].map(
      (name) =>
        `initializer '${name}' is refused: its data lie in the file 'simple_cnn.onnx.data', and only the model itself was given`,
    ),
  ],
]);

/** Already quantised models are accepted as far as their operators are known; only the reasons are looked at. */
const isQuantised = (path: string): boolean => /q(dq|operator)\.onnx$|int8|kws_ref|deeploy/.test(path);

const everywhere = modelsIn('models', 'golden', 'bench');
const accepted = everywhere.filter((path) => !REFUSED.has(path) && !isQuantised(path));

describe.skipIf(everywhere.length === 0)('models of the public', () => {
  it.each(accepted)('%s is read into a valid graph, which survives being written', (path) => {
    const { graph } = importModel(read(path));
    expect(verifyGraph(graph, OPERATORS)).toEqual([]);
    expect(graph.nodes.every(({ origins }) => origins.length === 1)).toBe(true);
    const bytes = exportModel(graph, { opset: 21 });
    const again = importModel(bytes);
    expect(describeGraph(again.graph)).toEqual(describeGraph(graph));
    expect(again.normalisations).toEqual([]);
    expect(Buffer.compare(exportModel(again.graph, { opset: 21 }), bytes)).toBe(0);
  });

  it.each([...REFUSED].filter(([path]) => everywhere.includes(path)))(
    '%s is refused with every reason',
    (path, reasons) => {
      const found = reasonsFor(path);
      expect([...new Set(found)]).toEqual(reasons);
    },
  );

  it.each(everywhere.filter(isQuantised))('%s is read or refused with a reason a node', (path) => {
    for (const reason of reasonsFor(path)) expect(reason).not.toBe('');
  });

  // ONNX Runtime has no kernels for the operators of opset 1.
  const runnable = accepted.filter((path) => path.startsWith('models/') && !path.includes('legacy'));

  it.each(runnable)('%s computes the same when written with opsets 17 and 21', async (path) => {
    const model = importModel(read(path));
    await expectSameResults(model, read(path), 17);
    await expectSameResults(model, read(path), 21);
  });

  it.skipIf(!everywhere.includes('models/onnx__mnist-legacy.onnx'))('opset 1 gives what opset 8 gives', async () => {
    const legacy = importModel(read('models/onnx__mnist-legacy.onnx'));
    await expectSameResults(legacy, read('models/microsoft__mnist-12.onnx'), 17);
  });
});

function reasonsFor(path: string): string[] {
  try {
    importModel(read(path), { file: path });
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics.map(({ message }) => message);
    throw error;
  }
  return [];
}

/** Both run in ONNX Runtime; another opset may choose another kernel, whose sums come in another order. */
async function expectSameResults(model: ImportedModel, original: Uint8Array, opset: number): Promise<void> {
  const feeds = feedsFor(model);
  const expected = await runInOrt(original, feeds);
  const actual = await runInOrt(exportModel(model.graph, { opset }), feeds);
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, tensor] of expected) {
    expect(describeDifference(actual.get(name), tensor, { rtol: 1e-5, atol: 1e-6 })).toBeUndefined();
  }
}
