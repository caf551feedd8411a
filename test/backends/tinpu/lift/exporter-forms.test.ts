import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../../src/backends/compile-model.js';
import { compareGraphs } from '../../../../src/backends/tinpu/equivalence.js';
import { liftCarrier } from '../../../../src/backends/tinpu/lift/lift.js';
import { isFloat } from '../../../../src/ir/dtype.js';
import { isConstant, opName, type Graph } from '../../../../src/ir/graph.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { tensorSamples } from '../../../../src/passes/calibration/fit-samples.js';
import { decodeNpy } from '../../../../src/runtime/formats/npy.js';
import { FORMS, rewriteAsExporter } from '../../../support/exporter-forms/index.js';
import { applyForm, Dice } from '../../../support/exporter-forms/form.js';
import { fixture, hasShared, shared, sharedPath } from '../../../support/fixtures.js';
import { ModelDraft, type DraftFile } from '../../../support/model-draft.js';
import { runInOrt } from '../../../support/ort-session.js';

const ROOT = 'golden/ti-ptq';
const SAMPLES = 2;
/** Movers pass floats on at the interface; a bound that has a tensor to itself is a q.Clip, of more or fewer of them. */
const LAYOUT: ReadonlySet<string> = new Set(['Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten']);

/** Operators that a form says in the words of another one. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['Relu', 'Clip'],
  ['Sub', 'Add'],
  ['Div', 'Mul'],
  ['Gemm', 'MatMul'],
]);

/** Operators on real numbers, without their order and number: a form states one in several. */
function floatOperators({ nodes }: Graph): ReadonlySet<string> {
  const isReal = ({ domain, op, inputs, outputs }: Graph['nodes'][number]): boolean =>
    domain === '' &&
    !LAYOUT.has(op) &&
    [...inputs, ...outputs].some((value) => value && !isConstant(value) && isFloat(value.type.dtype));
  const spelt = (op: string): string => SPELLINGS.get(op) ?? op;
  return new Set(nodes.filter((node) => isReal(node) && node.op !== 'Identity').map((node) => spelt(opName(node))));
}

const layersOf = ({ nodes }: Graph): readonly string[] =>
  nodes
    .filter(({ domain, op }) => domain === 'q' && op !== 'Clip')
    .map(opName)
    .sort();

interface Original {
  readonly graph: Graph;
  readonly lifted: Graph;
  readonly x: Tensor;
}

function original(bytes: Uint8Array, inputs: Uint8Array): Original {
  const { graph } = importModel(bytes);
  const all = decodeNpy(inputs);
  const [count = 0, ...dims] = all.dims;
  const x = Tensor.float32(
    [SAMPLES, ...dims],
    Array.from({ length: (SAMPLES * all.size) / count }, (_, i) => Number(all.data[i % all.size])),
  );
  return { graph, lifted: liftCarrier(graph), x };
}

/** Results of ONNX Runtime, sample by sample. */
async function answers(bytes: Uint8Array, { graph, x }: Original): Promise<number[]> {
  const [, ...dims] = x.dims;
  const length = x.size / SAMPLES;
  const results: number[] = [];
  for (let row = 0; row < SAMPLES; row++) {
    const sample = Tensor.float32([1, ...dims], Array.from(x.data.slice(row * length, (row + 1) * length), Number));
    const outputs = await runInOrt(bytes, new Map([[graph.inputs[0]?.name ?? '', sample]]));
    for (const tensor of outputs.values()) results.push(...tensor.toNumbers());
  }
  return results;
}

/** Expects a file to be the original in ONNX Runtime, to lift to the same layers, and to compute every tensor they share. */
async function expectSame(source: Original, draft: ModelDraft, file: DraftFile = {}): Promise<Uint8Array> {
  const bytes = draft.toBytes(file);
  expect(await answers(bytes, source), 'the form is an identity').toEqual(
    await answers(new ModelDraft(source.graph).toBytes(), source),
  );
  const lifted = liftCarrier(importModel(bytes).graph);
  expect(floatOperators(lifted)).toEqual(floatOperators(source.lifted));
  expect(layersOf(lifted)).toEqual(layersOf(source.lifted));
  const { compared, differing } = await compareGraphs(
    source.graph,
    lifted,
    tensorSamples(source.graph.inputs, source.x),
  );
  expect(differing).toEqual([]);
  expect(compared.size).toBeGreaterThan(source.graph.outputs.length);
  return bytes;
}

const CORAL = (): Original => original(fixture('coral_base_100/model_ti.onnx'), fixture('coral_base_100/inputs.npy'));

describe('a model of the TI wrapper as another exporter writes it', () => {
  const source = CORAL();

  it.each([...FORMS.keys()])('with %s everywhere', async (name) => {
    const draft = new ModelDraft(source.graph);
    const form = FORMS.get(name);
    const count = form === undefined ? 0 : applyForm(form, draft, new Dice(7), 1);
    if (count > 0) await expectSame(source, draft);
  });

  it.each(Array.from({ length: 24 }, (_, seed) => seed))('in several ways at once, seed %i', async (seed) => {
    const draft = new ModelDraft(source.graph);
    const { file, forms } = rewriteAsExporter(draft, seed);
    const bytes = await expectSame(source, draft, file);
    expect(forms.length).toBeGreaterThan(0);
    const { bytes: written } = await compileModel(bytes, { target: 'f28p55' });
    const again = liftCarrier(importModel(written).graph);
    const samples = tensorSamples(source.graph.inputs, source.x);
    expect((await compareGraphs(source.graph, again, samples)).differing).toEqual([]);
  });

  it('for batches of any size', () => {
    const draft = new ModelDraft(source.graph);
    const lifted = liftCarrier(importModel(draft.toBytes({ batch: 'N' })).graph);
    expect(floatOperators(lifted)).toEqual(new Set());
    expect(layersOf(lifted)).toEqual(layersOf(source.lifted));
  });
});

const FILES = hasShared(ROOT)
  ? readdirSync(sharedPath(ROOT), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) =>
        readdirSync(sharedPath(`${ROOT}/${name}`)).flatMap((file) =>
          /^ti_.*\.onnx$/.test(file) ? [`${name}/${file}`] : [],
        ),
      )
  : [];

describe.skipIf(FILES.length === 0)('every model of the TI wrapper as another exporter writes it', () => {
  it.each(FILES.map((file, i) => [file, i] as const))('%s', async (file, i) => {
    const [folder = ''] = file.split('/');
    const source = original(shared(`${ROOT}/${file}`), shared(`${ROOT}/${folder}/test_x.npy`));
    for (const seed of [100 + i, 1100 + 7 * i]) {
      const draft = new ModelDraft(source.graph);
      const { file: form } = rewriteAsExporter(draft, seed);
      await expectSame(source, draft, form);
    }
  });
});
