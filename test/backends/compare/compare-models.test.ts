import { describe, expect, it } from 'vitest';
import { compareModels, type CompareOptions } from '../../../src/backends/compare/compare-models.js';
import type { LayerComparison, ModelComparison } from '../../../src/backends/compare/comparison.js';
import { comparisonInputs } from '../../../src/backends/compare/quantised-feeds.js';
import { compileModel, type CompileModelOptions } from '../../../src/backends/compile-model.js';
import type { CompileResult } from '../../../src/backends/options.js';
import { openModel, type OpenedModel } from '../../../src/backends/run.js';
import { readQuantcMetadata } from '../../../src/backends/quantc-metadata.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import { opName } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { numberData, Tensor } from '../../../src/ir/tensor.js';
import { tensorSamples } from '../../../src/passes/calibration/fit-samples.js';
import { decodeNpy } from '../../../src/runtime/formats/npy.js';
import { modelOf } from '../../support/cli.js';
import { hasShared, shared } from '../../support/fixtures.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';

/** Three convolutions in a row and a branch that skips one. */
const NETWORK = `graph "network"
input %x: float32[N,4,16,1]
const %w1: float32[8,4,3,1] = random 1
const %w2: float32[8,8,3,1] = random 2
const %w3: float32[8,8,3,1] = random 3
const %v: float32[8,3] = random 4
%c1: float32[N,8,16,1] = Conv(%x, %w1) {kernel_shape = [3, 1], pads = [1, 0, 1, 0]} "/conv1"
%r1: float32[N,8,16,1] = Relu(%c1) "/relu1"
%c2: float32[N,8,16,1] = Conv(%r1, %w2) {kernel_shape = [3, 1], pads = [1, 0, 1, 0]} "/conv2"
%r2: float32[N,8,16,1] = Relu(%c2) "/relu2"
%c3: float32[N,8,16,1] = Conv(%r2, %w3) {kernel_shape = [3, 1], pads = [1, 0, 1, 0]} "/conv3"
%s: float32[N,8,16,1] = Add(%c3, %r1) "/add"
%p: float32[N,8,1,1] = GlobalAveragePool(%s) "/pool"
%f: float32[N,8] = Flatten(%p) {axis = 1} "/flatten"
%y: float32[N,3] = Gemm(%f, %v) "/fc"
output "y" = %y
`;
const samplesOf = (count: number, amplitude = 1): Tensor<'float32'> =>
  Tensor.float32(
    [count, 4, 16, 1],
    Float32Array.from({ length: count * 64 }, (_, i) => amplitude * Math.sin(i * i + 0.1)),
  );

const compiled = (options: Partial<CompileModelOptions> = {}): Promise<CompileResult> =>
  compileModel(modelOf(NETWORK), { target: 'f28p55', samples: samplesOf(64), ...options });

const factsOf = ({ metadata }: OpenedModel): CompareOptions['facts'] =>
  readQuantcMetadata(metadata?.metadataProps ?? new Map());

function compareOn(
  quantised: OpenedModel,
  options: CompareOptions = { facts: factsOf(quantised) },
  x = samplesOf(48),
): Promise<ModelComparison> {
  const float = openModel(modelOf(NETWORK));
  return compareModels(float, quantised, tensorSamples(float.graph.inputs, x), options);
}

const named = ({ layers }: ModelComparison, name: string): LayerComparison | undefined =>
  layers.find((layer) => layer.name === name);

describe('a comparison of layers', () => {
  it('agrees with what compilation measured', async () => {
    const result = await compiled();
    const comparison = await compareOn(openModel(result.bytes), undefined, samplesOf(64));
    expect(comparison).toMatchObject({ samples: 64, layerSamples: 64 });
    for (const { name, sqnrDb } of result.summary.layers) {
      const layer = named(comparison, name);
      // Both are of the same tensors on the same samples; here they are brought to float32 first.
      if (layer !== undefined && sqnrDb !== null) expect(layer.sqnrDb).toBeCloseTo(sqnrDb, 3);
    }
    expect(comparison.layers.map(({ name }) => name).sort()).toEqual(
      ['/add', '/conv1', '/conv2', '/conv3', '/fc', '/pool', 'x'].sort(),
    );
    expect(comparison.outputs[0]?.sqnrDb).toBeCloseTo(result.summary.accuracy?.sqnrDb ?? NaN, 6);
  });

  it.each(['/conv1', '/conv2', '/conv3', '/fc'])('finds %s when its weights are broken', async (name) => {
    const { quantised } = await compiled();
    const broken = quantised.nodes.find((node) => {
      const isLayer = opName(node) === 'q.Conv' || opName(node) === 'q.MatMul';
      return isLayer && node.origins.some((origin) => origin.name === name);
    });
    const weights = broken?.inputs[1];
    const data = weights?.constant && numberData(weights.constant);
    if (weights?.constant === undefined || data === undefined) throw new Error('the layer is gone');
    const wrong = Int8Array.from(data, (w, i) => (i % 3 === 0 ? -w : w));
    new GraphEditor(quantised).setConstant(weights, new Tensor(weights.constant.dtype, weights.constant.dims, wrong));
    const [worst] = (await compareOn(openModel(quantised), {})).layers;
    expect(worst).toMatchObject({ name, cause: 'weights' });
  });

  it('does not blame a layer for what it inherits', async () => {
    const result = await compiled({ layerBits: new Map([['/conv1', { weights: 2 as const }]]) });
    const comparison = await compareOn(openModel(result.bytes));
    const [first, second] = [named(comparison, '/conv1'), named(comparison, '/conv2')];
    expect(comparison.layers[0]?.name).toBe('/conv1');
    expect(first?.advice?.flag).toBe('--bits /conv1=8');
    // The error goes on to the second layer, which adds little.
    expect(second?.sqnrDb).toBeLessThan((first?.sqnrDb ?? 0) + 10);
    expect(second?.damage).toBeLessThan((first?.damage ?? 0) / 10);
  });

  it('helps as it says: the layer with the bits advised has the error foretold', async () => {
    const before = await compareOn(openModel((await compiled({ weightBits: 2 })).bytes));
    const [worst] = before.layers;
    const name = /^--bits (\S+)=8$/.exec(worst?.advice?.flag ?? '')?.[1] ?? '';
    expect(name).toBe(worst?.name);
    const wider = await compiled({ weightBits: 2, layerBits: new Map([[name, { weights: 8 as const }]]) });
    const after = named(await compareOn(openModel(wider.bytes)), name);
    // Six bits divide the error of weights by 4096 at best; its share of the rest is left.
    expect(after?.damage).toBeLessThan((worst?.damage ?? 0) / 10);
  });

  it('tells saturation where calibration saw too little', async () => {
    const result = await compiled({ samples: samplesOf(64, 0.3) });
    const comparison = await compareOn(openModel(result.bytes));
    const input = named(comparison, 'x');
    expect(input).toMatchObject({ cause: 'saturation', advice: { flag: '--observer minmax' } });
    expect(input?.saturatedFraction).toBeGreaterThan(0.3);
  });

  it('tells rounding where results are narrow', async () => {
    const comparison = await compareOn(openModel((await compiled({ activationBits: 4 })).bytes));
    expect(named(comparison, 'x')).toMatchObject({
      cause: 'rounding',
      activationBits: 4,
      advice: { flag: '--bits x=/8' },
    });
  });

  it('fits scales that the file does not tell to within a per cent', async () => {
    const model = openModel((await compiled()).bytes);
    const told = await compareOn(model);
    const fitted = await compareOn(model, {});
    expect(fitted.layers).toHaveLength(told.layers.length);
    for (const layer of told.layers) {
      const other = named(fitted, layer.name);
      expect([layer.fitted, other?.fitted]).toEqual([false, true]);
      expect((other?.scale ?? NaN) / layer.scale).toBeCloseTo(1, 2);
    }
  });
});

/** Conv and Relu as QDQ: the Relu is left out, as the integers begin at 0. */
const QDQ = `graph "qdq"
input %x: float32[N,1,8,1]
const %sx: float32[] = [0.015625]
const %zx: int8[] = [0]
const %sy: float32[] = [0.03125]
const %zy: uint8[] = [0]
const %w: float32[1,1,1,1] = [2]
%xq: int8[N,1,8,1] = QuantizeLinear(%x, %sx, %zx)
%xd: float32[N,1,8,1] = DequantizeLinear(%xq, %sx, %zx)
%c: float32[N,1,8,1] = Conv(%xd, %w) {kernel_shape = [1, 1]} "/conv"
%cq: uint8[N,1,8,1] = QuantizeLinear(%c, %sy, %zy)
%y: float32[N,1,8,1] = DequantizeLinear(%cq, %sy, %zy)
output "y" = %y
`;
const FLOAT = `graph "float"
input %x: float32[N,1,8,1]
const %w: float32[1,1,1,1] = [2]
%c: float32[N,1,8,1] = Conv(%x, %w) {kernel_shape = [1, 1]} "/conv"
%y: float32[N,1,8,1] = Relu(%c) "/relu"
output "y" = %y
`;

describe('a QDQ model', () => {
  it('is compared at what is quantised, behind the Relu that it does not have', async () => {
    const [float, qdq] = [FLOAT, QDQ].map((text) => openModel(modelOf(text)));
    const x = Tensor.float32(
      [4, 1, 8, 1],
      Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
    );
    const { layers, outputs } = await compareModels(float!, qdq!, tensorSamples(float!.graph.inputs, x));
    expect(layers.map(({ name, tensor, scale }) => [name, tensor, scale])).toEqual([
      ['x', 'x', 0.015625],
      ['/conv', 'y', 0.03125],
    ]);
    // 2 · integer · 2⁻⁶ is a multiple of the result's step: nothing is added.
    expect(layers[1]).toMatchObject({ damage: 0, saturatedFraction: 0 });
    expect(outputs[0]).toMatchObject({ name: 'y', scale: 0.03125, fitted: false });
  });
});

describe('a model that takes integers', () => {
  const CUT = `graph "cut"
input %x: int8[N,1,8,1]
const %w: int8[1,1,1,1] = [1]
const %b: int32[1] = [0]
const %m: int32[1] = [1]
const %n: int32[1] = [0]
%a = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}
%y = q.Bnorm(%a, %b, %m, %n) {lo = -128, hi = 127}
output "y" = %y
`;
  it('gets what its scale makes of the samples, or is refused', async () => {
    const float = openModel(parseGraph(FLOAT.replace('Relu', 'Identity').replace('[2]', '[1]'), OPERATORS));
    const cut = openModel(parseGraph(CUT, TINPU_OPERATORS));
    const x = Tensor.float32(
      [4, 1, 8, 1],
      Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
    );
    const samples = tensorSamples(comparisonInputs(float.graph.inputs, cut.graph.inputs), x);
    const facts = { scale: 1 / 127, zeroPoint: 0, bits: 8, signed: true };
    const known = {
      recipe: 'quantc',
      inputs: new Map([['x', facts]]),
      outputs: new Map([['y', facts]]),
      tensors: new Map(),
    };
    const { outputs } = await compareModels(float, cut, samples, { facts: known });
    // Rounding to steps of 1/127 leaves 6.02 · 7 + 4.77 ± 1 dB of a sine.
    expect(outputs[0]?.sqnrDb).toBeGreaterThan(44);
    await expect(compareModels(float, cut, samples)).rejects.toThrow('nothing says how they are made of real numbers');
  });
});

describe('a quantised model of one sample a batch', () => {
  it('is compared with a float model of any, sample by sample', async () => {
    const single = await compileModel(modelOf(NETWORK.replaceAll('[N,', '[1,')), {
      target: 'f28p55',
      samples: samplesOf(64),
    });
    const [float, quantised] = [openModel(modelOf(NETWORK)), openModel(single.bytes)];
    const inputs = comparisonInputs(float.graph.inputs, quantised.graph.inputs);
    const options = { facts: factsOf(quantised) };
    const fixed = await compareModels(float, quantised, tensorSamples(inputs, samplesOf(24)), options);
    const free = await compareOn(openModel((await compiled()).bytes), undefined, samplesOf(24));
    expect(fixed.samples).toBe(24);
    expect(fixed.outputs[0]?.sqnrDb).toBeCloseTo(free.outputs[0]?.sqnrDb ?? NaN, 6);
  });
});

interface Meta {
  readonly metric: string | null;
  readonly results: { readonly float: { readonly metric: number | null } };
}

const CASES = ['airfoil_regr3k', 'ecg5000_admlp', 'jvowels_resadd'];
describe.skipIf(!hasShared('bench'))('trained networks', () => {
  it.each(CASES)('have on %s the figure that they are known for', { timeout: 120_000 }, async (name) => {
    const file = (part: string): Uint8Array => shared(`bench/${name}/${part}`);
    const { results } = JSON.parse(new TextDecoder().decode(file('meta.json'))) as Meta;
    const float = openModel(file('float.onnx'));
    const { bytes } = await compileModel(file('float.onnx'), {
      target: 'f28p55',
      samples: decodeNpy(file('calib.npy')),
    });
    const quantised = openModel(bytes);
    const samples = tensorSamples(float.graph.inputs, decodeNpy(file('test_x.npy')));
    const labels = decodeNpy(file('test_y.npy'));
    const { metric } = await compareModels(float, quantised, samples, { labels, facts: factsOf(quantised) });
    // Figures of the reference are rounded to 4 decimals or so.
    expect(metric?.float).toBeCloseTo(results.float.metric ?? NaN, 3);
    expect(Math.abs((metric?.quantised ?? 0) - (metric?.float ?? 1))).toBeLessThan(0.05);
  });
});
