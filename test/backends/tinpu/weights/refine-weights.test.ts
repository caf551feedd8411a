import { describe, expect, it } from 'vitest';
import type { Bits } from '../../../../src/backends/quantisation.js';
import { accumulatorOf, FLOAT32_EXACT } from '../../../../src/backends/tinpu/arithmetic/accumulators.js';
import { calibrate } from '../../../../src/backends/calibration/calibrate.js';
import { checkHardware } from '../../../../src/backends/tinpu/arithmetic/check-hardware.js';
import { TINPU_KERNELS } from '../../../../src/backends/tinpu/dialect.js';
import { lowerGraph } from '../../../../src/backends/tinpu/lower/lower.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import type { LayerInput, Recipe } from '../../../../src/backends/tinpu/recipes/recipe.js';
import { refineWeights, type RefineOptions } from '../../../../src/backends/tinpu/weights/refine-weights.js';
import { assignRoles } from '../../../../src/backends/tinpu/split/roles.js';
import { solveScales } from '../../../../src/backends/tinpu/scales/solve-scales.js';
import { quantiseLayerWeights } from '../../../../src/backends/tinpu/weights/quantise-layer-weights.js';
import type { Diagnostic } from '../../../../src/ir/diagnostics.js';
import { cloneGraph } from '../../../../src/ir/clone.js';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { isConstant, opName, type Graph } from '../../../../src/ir/graph.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { sizeOf } from '../../../../src/ir/shape.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import { tensorSamples } from '../../../../src/passes/calibration/fit-samples.js';
import { Agreement } from '../../../../src/runtime/agreement.js';
import { prepare } from '../../../../src/runtime/executor.js';

/** A chain, a skip connection, and bounds that a Clip of its own keeps: `first`, `second`, `third`, `last` are its layers. */
const NETWORK = `graph "net"
input %x: float32[N,2,8,4]
const %w1: float32[8,2,3,3] = random 1
const %b1: float32[8] = random 2
const %w2: float32[8,8,3,3] = random 3
const %w3: float32[8,8,1,1] = random 4
const %wf: float32[8,5] = random 5
const %bf: float32[5] = random 6
const %zero: float32[] = [0]
const %low: float32[] = [-1]
const %high: float32[] = [1.5]
%c1 = Conv(%x, %w1, %b1) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], group = 1} "first" @[0 "first" "Conv"]
%r1 = Clip(%c1, %zero, _)
%c2 = Conv(%r1, %w2, _) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], group = 1} "second" @[1 "second" "Conv"]
%k2 = Clip(%c2, %low, %high)
%c3 = Conv(%k2, %w3, _) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "third" @[2 "third" "Conv"]
%s = Add(%c3, %r1)
%r3 = Clip(%s, %zero, _)
%g = GlobalAveragePool(%r3)
%f = Flatten(%g) {axis = 1}
%y = Gemm(%f, %wf, %bf) "last" @[3 "last" "Gemm"]
output "y" = %y
`;
const LAYERS = ['first', 'second', 'third', 'last'];

const SAMPLES = 48;
const data = (seed: number): Tensor<'float32'> => {
  const dims = [SAMPLES, 2, 8, 4];
  const next = uniformSource(seed);
  // Neighbours resemble one another, as in any signal.
  let level = 0;
  return Tensor.float32(
    dims,
    Float32Array.from({ length: sizeOf(dims) }, () => (level = 0.8 * level + next())),
  );
};
const CALIBRATION = data(7);

interface Lowered {
  readonly float: Graph;
  readonly quantised: Graph;
  readonly samples: ReturnType<typeof tensorSamples>;
  readonly options: Omit<RefineOptions, 'recipe'>;
}

/** The network with its weights rounded to nearest, before they are refined. */
async function lowered(weightBits: Bits): Promise<Lowered> {
  const float = parseGraph(NETWORK, OPERATORS);
  const roles = assignRoles(float, { weightBits, output: 'int' });
  const samples = tensorSamples(float.inputs, CALIBRATION);
  const plan = quantcRecipe.plan(float, roles.points, undefined);
  await calibrate(float, plan, samples, { kernels: TINPU_KERNELS, batchSize: 16 });
  const report = (): void => undefined;
  const scales = solveScales(roles, quantcRecipe, plan, report);
  const form = { domains: roles.domains, scales, recipe: quantcRecipe, output: 'int' } as const;
  const quantised = lowerGraph(float, form, { verify: true, report });
  const options = { points: roles.points, kernels: TINPU_KERNELS, batchSize: 16, limit: SAMPLES, report };
  return { float, quantised, samples, options };
}

const refine = (
  { float, quantised, samples, options }: Lowered,
  recipe: RefineOptions['recipe'] = quantcRecipe,
  changes: Partial<RefineOptions> = {},
): Promise<void> => refineWeights(float, quantised, samples, { ...options, recipe, ...changes });

/** SQNR of the output. */
function agreement({ float, quantised }: Lowered, x: Tensor): number {
  const [real, integers] = [float, quantised].map(
    (graph) =>
      prepare(graph, TINPU_KERNELS)
        .run(new Map([['x', x]]))
        .get('y')
        ?.toNumbers() ?? [],
  );
  const sum = new Agreement();
  sum.add(real ?? [], integers ?? [], quantised.outputs[0]?.value.type.quantisation?.scale);
  return sum.sqnrDb;
}

/** Weights that an accumulating node reads, in order. */
const weightsIn = ({ nodes }: Graph): (readonly number[])[] =>
  nodes.flatMap(({ inputs: [, weight], ...node }) =>
    ['q.Conv', 'q.MatMul'].includes(opName(node)) && weight?.constant ? [weight.constant.toNumbers()] : [],
  );

/** A recipe that notes what it is asked to quantise. */
function spying(refines: Recipe['refines'] = () => true) {
  const asked: LayerInput[] = [];
  const recipe = {
    refines,
    layer: (input: LayerInput) => {
      asked.push(input);
      return quantiseLayerWeights(input);
    },
  };
  return { asked, recipe };
}

const floatWeights = ({ float }: Lowered): (Float32Array | undefined)[] =>
  LAYERS.map((name) => {
    const weight = float.nodes.find((node) => node.name === name)?.inputs[1]?.constant;
    return weight?.is('float32') === true ? weight.data : undefined;
  });

describe('refineWeights', () => {
  it.each([4, 2] as const)('lowers the error on the calibration data at %i bits, and on other data', async (bits) => {
    const one = await lowered(bits);
    const fresh = data(8);
    const before = [CALIBRATION, fresh].map((x) => agreement(one, x));
    await refine(one);
    // Without error feedback each weight is off by up to half a step; halving that noise gains 6 dB.
    expect(agreement(one, CALIBRATION)).toBeGreaterThan((before[0] ?? NaN) + 3);
    expect(agreement(one, fresh)).toBeGreaterThan((before[1] ?? NaN) + 1);
  });

  it('does no harm at 8 bits', async () => {
    const one = await lowered(8);
    const before = agreement(one, CALIBRATION);
    await refine(one);
    // The errors of activations make up the most there; a tenth of a decibel is a fluctuation.
    expect(agreement(one, CALIBRATION)).toBeGreaterThan(before - 0.1);
  });

  it('asks for every layer in order, those in front of a sum and of a Clip too, with what it sees', async () => {
    const one = await lowered(4);
    const { asked, recipe } = spying();
    await refine(one, recipe);
    expect(asked.map(({ weights }) => weights)).toEqual(floatWeights(one));
    for (const { gram, bits } of asked) {
      expect(bits).toBe(4);
      expect(gram?.patches).toBeGreaterThan(0);
      expect(gram?.reference).toBeDefined();
    }
    const bnorms = one.quantised.nodes.filter(
      ({ inputs: [sum], ...node }) => opName(node) === 'q.Bnorm' && sum?.producer?.op !== 'GlobalSum',
    );
    const scales = bnorms.map(({ outputs: [result] }) => result?.type.quantisation?.scale);
    expect(asked.map(({ outputScale }) => outputScale)).toEqual(scales);
  });

  it('shows a layer what the refined layers before it compute', async () => {
    const meanOfSecond = async (first: (input: LayerInput) => ReturnType<typeof quantiseLayerWeights>) => {
      const one = await lowered(4);
      const asked: LayerInput[] = [];
      const layer = (input: LayerInput) => (asked.push(input) === 1 ? first(input) : quantiseLayerWeights(input));
      await refine(one, { refines: () => true, layer });
      return asked[1]?.gram;
    };
    const usual = await meanOfSecond(quantiseLayerWeights);
    const silent = await meanOfSecond((input) => {
      const constants = quantiseLayerWeights(input);
      return { ...constants, weights: constants.weights.fill(0), bias: constants.bias.fill(0) };
    });
    expect(Math.max(...(usual?.mean ?? []))).toBeGreaterThan(0.1);
    expect(silent?.mean.every((m) => m === 0)).toBe(true);
    // What the float model has there is the same beside both.
    expect(silent?.reference?.mean).toEqual(usual?.reference?.mean);
  });

  it('holds a layer against the tensor that is said to stand for what the float model has in front of it', async () => {
    const one = await lowered(4);
    const { graph, values } = cloneGraph(one.float);
    const editor = new GraphEditor(graph);
    for (const name of ['first', 'second']) {
      const bias = graph.nodes.find((node) => node.name === name)?.inputs[2];
      // What the second layer reads is nowhere above 0 then.
      if (bias !== undefined && isConstant(bias)) editor.setConstant(bias, Tensor.float32([8], Array(8).fill(-1e6)));
    }
    const { asked, recipe } = spying();
    await refineWeights(graph, one.quantised, one.samples, {
      ...one.options,
      recipe,
      tensorOf: (value) => values.get(value),
    });
    expect(asked).toHaveLength(LAYERS.length);
    expect(asked[1]?.gram?.reference?.mean.every((m) => m === 0)).toBe(true);
    expect(Math.max(...(asked[1]?.gram?.mean ?? []))).toBeGreaterThan(0.1);
  });

  it.each([8, 4, 2] as const)('keeps widths and what float32 holds at %i bits', async (bits) => {
    const one = await lowered(bits);
    await refine(one);
    expect(checkHardware(one.quantised)).toEqual([]);
    const bounds = one.quantised.nodes
      .filter((node) => opName(node) === 'q.Bnorm')
      .map((node) => accumulatorOf(node)?.bound);
    expect(bounds.length).toBeGreaterThanOrEqual(LAYERS.length);
    for (const bound of bounds) expect(bound).toBeLessThanOrEqual(FLOAT32_EXACT);
  });

  it('leaves layers alone that stand for no float layer, as the ones of a pool', async () => {
    const [one, reference] = [await lowered(4), await lowered(4)];
    const points = one.options.points.filter(({ node }) => node?.name !== 'second');
    const before = weightsIn(one.quantised);
    const { asked, recipe } = spying();
    await refine(one, recipe, { points });
    await refine(reference);
    expect(asked).toHaveLength(LAYERS.length - 1);
    const after = weightsIn(one.quantised);
    expect(after[1]).toEqual(before[1]);
    // The layer in front of it does not see the difference, and is refined as ever.
    expect(after[0]).not.toEqual(before[0]);
    expect(after[0]).toEqual(weightsIn(reference.quantised)[0]);
  });

  it('changes nothing where the recipe refines nothing', async () => {
    const one = await lowered(4);
    const before = printGraph(one.quantised);
    const { asked, recipe } = spying(() => false);
    await refine(one, recipe);
    expect(asked).toEqual([]);
    expect(printGraph(one.quantised)).toBe(before);
  });

  it('changes constants and nothing else', async () => {
    const one = await lowered(4);
    const structure = (): unknown[] =>
      one.quantised.nodes.map(({ name, op, inputs, outputs }) => [
        name,
        op,
        inputs.map((input) => input?.type),
        outputs.map(({ type }) => type),
      ]);
    const [before, text] = [structure(), printGraph(one.quantised)];
    const floatText = printGraph(one.float);
    await refine(one);
    expect(structure()).toEqual(before);
    expect(printGraph(one.quantised)).not.toBe(text);
    expect(printGraph(one.float)).toBe(floatText);
  });

  it('gives the same integers every time, also in batches of other sizes', async () => {
    const texts = [];
    for (const batchSize of [16, 16, 48]) {
      const one = await lowered(4);
      await refine(one, quantcRecipe, { batchSize });
      texts.push(printGraph(one.quantised));
    }
    expect(texts[1]).toBe(texts[0]);
    // Moments are float64 sums in blocks that do not depend on batches here: 48 samples fill them alike.
    expect(texts[2]).toBe(texts[0]);
  });

  it('looks at no more samples than it is told to', async () => {
    const [one, few] = [await lowered(4), await lowered(4)];
    await refine(one, quantcRecipe, { limit: 16 });
    const first = Tensor.float32([16, 2, 8, 4], CALIBRATION.data.slice(0, 16 * 64));
    await refine({ ...few, samples: tensorSamples(few.float.inputs, first) });
    expect(printGraph(one.quantised)).toBe(printGraph(few.quantised));
  });

  it('reports channels whose scale had to give way', async () => {
    const one = await lowered(4);
    const bias = one.float.nodes.at(-1)?.inputs[2];
    if (bias === undefined) throw new RangeError('no bias');
    // Far beyond 16 bits of the accumulator.
    new GraphEditor(one.float).setConstant(bias, Tensor.float32([5], [1e6, 0, 0, 0, 0]));
    const reports: Diagnostic[] = [];
    await refine(one, quantcRecipe, { report: (diagnostic) => reports.push(diagnostic) });
    expect(reports).toMatchObject([{ code: 'weights-rescaled', severity: 'warning', at: { node: 'last' } }]);
    expect(checkHardware(one.quantised)).toEqual([]);
  });
});
