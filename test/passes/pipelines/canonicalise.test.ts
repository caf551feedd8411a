import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../src/ir/editor.js';
import { isGraphOutput, type Graph } from '../../../src/ir/graph.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { printGraph } from '../../../src/ir/text/print.js';
import { runPipeline } from '../../../src/passes/pass.js';
import { canonicalise } from '../../../src/passes/pipelines/canonicalise.js';
import { Trace } from '../../../src/passes/trace.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { deviations, histogram } from '../../support/canonical-form.js';
import { hasShared, shared, sharedPath } from '../../support/fixtures.js';
import { randomNetwork } from '../../support/random-network.js';
import { describeDifference, randomFeeds, runGraph, type Exactness } from '../../support/random-runs.js';

const FOLDED: Exactness = {
  relative: 1e-5,
  because: 'folded constants are rounded once more, and sums may run in another order',
};

/** Canonicalises the graph, its invariants checked after every pass; returns what was reported. */
function run(graph: Graph, keepInputAffine = true, trace = new Trace()): string[] {
  const messages: string[] = [];
  runPipeline(new GraphEditor(graph), canonicalise({ keepInputAffine }), {
    operators: OPERATORS,
    kernels: FLOAT_KERNELS,
    report: ({ message }) => messages.push(message),
    trace,
    verify: true,
  });
  return messages;
}

function difference(source: Graph, graph: Graph, exactness: Exactness): string | undefined {
  const feeds = randomFeeds(source, 1, {
    ranges: Object.fromEntries(source.inputs.map(({ name }) => [name, [-1, 1]])),
  });
  return describeDifference(runGraph(source, FLOAT_KERNELS, feeds), runGraph(graph, FLOAT_KERNELS, feeds), exactness);
}

const canonical = (text: string, keepInputAffine: boolean): string => {
  const graph = parseGraph(text, OPERATORS);
  expect(run(graph, keepInputAffine)).toEqual([]);
  return printGraph(graph).replaceAll(/^const .*\n/gm, '');
};

describe('canonicalise', () => {
  it('has steps of different names, each with its reason', () => {
    const { steps } = canonicalise({ keepInputAffine: true });
    expect(new Set(steps.map(({ pass }) => pass.name)).size).toBe(steps.length);
    for (const { because } of steps) expect(because.length).toBeGreaterThan(40);
  });

  const preprocessed = `graph "g"
    input %x: float32[N,8,8,2]
    const %mean: float32[2] = [0.5, 0.25]
    const %std: float32[2] = [0.25, 0.125]
    const %w: float32[3,2,3,3] = random 1
    %a = Sub(%x, %mean)
    %b = Div(%a, %std)
    %c = Transpose(%b) {perm = [0,3,1,2]}
    %d = Conv(%c, %w)
    %e = Transpose(%d) {perm = [0,2,3,1]}
    %y = Relu(%e)
    output "y" = %y
    `;

  it('keeps the scaling of a graph input as one BatchNormalization in front of the first layer, when asked to', () => {
    expect(canonical(preprocessed, true)).toBe(`graph "g"
input %x: float32[N,8,8,2]
%c_1_1: float32[N,2,8,8] = Transpose(%x) {perm = [0, 3, 1, 2]}
%c: float32[N,2,8,8] = BatchNormalization(%c_1_1, %c.scale_1, %c.shift_1, %c.mean_1, %c.variance_1) {epsilon = 0.0}
%d: float32[N,3,6,6] = Conv(%c, %w) {dilations = [1, 1], group = 1, kernel_shape = [3, 3], pads = [0, 0, 0, 0], strides = [1, 1]}
%"y/inner": float32[N,3,6,6] = Clip(%d, %min)
%y: float32[N,6,6,3] = Transpose(%"y/inner") {perm = [0, 2, 3, 1]}
output "y" = %y
`);
  });

  it('folds the scaling of a graph input into the first layer otherwise', () => {
    expect(canonical(preprocessed, false)).toContain('Conv(%c_1_1, ');
  });

  it('gives random networks another form but the same function, for good', () => {
    const keep = fc.boolean();
    const choices = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 8, maxLength: 64, size: 'max' });
    fc.assert(
      fc.property(choices, keep, (drawn, keepInputAffine) => {
        const text = randomNetwork(drawn);
        const source = parseGraph(text, OPERATORS);
        const graph = parseGraph(text, OPERATORS);
        expect(run(graph, keepInputAffine)).toEqual([]);
        expect(difference(source, graph, FOLDED)).toBeUndefined();
        const once = printGraph(graph);
        expect(run(graph, keepInputAffine)).toEqual([]);
        expect(printGraph(graph)).toBe(once);
      }),
      { seed: 20260801, numRuns: 250 },
    );
  });
});

/** Public models and what is left of each; all their sizes but the batch are known. */
const PUBLIC: Readonly<Record<string, string>> = {
  'Linzaer__version-slim-320':
    'Conv 42, Clip 34, Reshape 8, Transpose 8, Slice 6, Concat 4, Mul 4, Add 2, Div 2, Exp 1, Softmax 1, Sub 1',
  'STMicroelectronics__mobilenet_v2_128_0.5':
    'Conv 52, Clip 35, Add 10, Flatten 1, Gemm 1, GlobalAveragePool 1, Softmax 1',
  emmtrix__micro_kws_m_static_fp32: 'Clip 5, Conv 3, Gemm 3, AveragePool 2, Flatten 1, MaxPool 1, Reshape 1, Softmax 1',
  espressif__esp_mnist_model_example: 'Gemm 3, Clip 2, Flatten 1',
  fastmachinelearning__espcn_subpixel_float: 'Conv 4, Clip 3, DepthToSpace 1',
  kraiskil__mnist_pytorch: 'Gemm 3',
  'microsoft__mnist-12': 'Clip 2, Conv 2, MaxPool 2, Flatten 1, Gemm 1',
  onnx__light_squeezenet: 'Clip 26, Conv 26, Concat 8, MaxPool 3, GlobalAveragePool 1, Softmax 1',
  'onnx__mnist-legacy': 'Clip 2, Conv 2, MaxPool 2, Flatten 1, Gemm 1',
  'pulp-platform__Autoencoder1D':
    'Clip 4, Conv 4, ConvTranspose 3, Gemm 2, MaxPool 2, Flatten 1, Reshape 1, Squeeze 1, Unsqueeze 1',
  'pulp-platform__Lite-CNN': 'Clip 4, Conv 4, MaxPool 2, Flatten 1, Gemm 1',
  sonos__keras_example: 'Gemm 2, Clip 1, Sigmoid 1',
  'specs-feup__ad01_fp32': 'Gemm 10, Clip 9',
  'specs-feup__ic': 'Conv 9, Clip 7, Add 3, Flatten 1, Gemm 1, GlobalAveragePool 1, Softmax 1, Transpose 1',
  'specs-feup__vww_96_float': 'Clip 27, Conv 27, Flatten 1, Gemm 1, GlobalAveragePool 1, Softmax 1, Transpose 1',
};

/** Makes what a final Softmax reads the output, whose differences saturated probabilities would hide. */
function bareLogits(graph: Graph): void {
  const editor = new GraphEditor(graph);
  for (const { value } of graph.outputs) {
    const [logits] = value.producer?.op === 'Softmax' ? value.producer.inputs : [];
    if (logits !== undefined) editor.replaceAllUses(value, logits);
  }
}

/** The model, canonical and shown to be so. */
function checked(path: string): Graph {
  const bytes = shared(path);
  const source = importModel(bytes).graph;
  const { graph } = importModel(bytes);
  expect(run(graph)).toEqual([]);
  expect(deviations(graph)).toEqual([]);
  expect(graph.outputs.map(({ name }) => name)).toEqual(source.outputs.map(({ name }) => name));
  const once = printGraph(graph);
  run(graph);
  expect(printGraph(graph)).toBe(once);
  bareLogits(source);
  bareLogits(graph);
  expect(difference(source, graph, FOLDED)).toBeUndefined();
  return graph;
}

describe.skipIf(!hasShared('models'))('canonicalise on public models', () => {
  it.each(Object.entries(PUBLIC))('%s', (name, wanted) => {
    const graph = checked(`models/${name}.onnx`);
    expect(histogram(graph)).toBe(wanted);
    if (name.startsWith('Linzaer')) return;
    const between = graph.nodes.filter(
      ({ op, inputs: [x], outputs: [y] }) =>
        op === 'Transpose' && x?.producer !== undefined && y !== undefined && !isGraphOutput(graph, y),
    );
    expect(between.map(({ name: label }) => label)).toEqual([]);
  });
});

const cases = (folder: string): string[] =>
  hasShared(folder)
    ? readdirSync(sharedPath(folder)).flatMap((name) =>
        ['float.onnx', 'float_bn.onnx'].map((file) => `${folder}/${name}/${file}`).filter(hasShared),
      )
    : [];

const REFERENCE_NETWORKS = ['golden/ti-ptq', 'bench'].flatMap(cases);

describe.skipIf(REFERENCE_NETWORKS.length === 0)('canonicalise on reference networks', () => {
  it.each(REFERENCE_NETWORKS)('%s', (path) => {
    const graph = checked(path);
    const known =
      /^(Add|AveragePool|BatchNormalization|Clip|Concat|Conv|ConvTranspose|Flatten|Gemm|GlobalAveragePool|MaxPool|Reshape|Resize|Softmax) /;
    expect(
      histogram(graph)
        .split(', ')
        .filter((entry) => !known.test(entry)),
    ).toEqual([]);
    const stray = graph.nodes.filter(({ op, inputs: [x] }) => op === 'BatchNormalization' && x?.producer !== undefined);
    for (const {
      inputs: [x],
    } of stray)
      expect(['Clip', 'Flatten']).toContain(x?.producer?.op);
  });
});
