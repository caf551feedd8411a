import { uniformSource } from '../../src/ir/random.js';

/** Draws of one random network, the same for the same seed everywhere. */
interface Draw {
  readonly below: (n: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
}

interface State {
  readonly lines: string[];
  /** Label and shape of the value that the next layer reads; undefined sizes are the batch. */
  x: string;
  channels: number;
  spatial: number[];
  count: number;
}

function drawFrom(seed: number): Draw {
  const next = uniformSource(seed);
  const below = (n: number): number => Math.floor(((next() + 1) / 2) * n);
  return { below, pick: (items) => items[below(items.length)]! };
}

/**
 * IR text of a random chain of layers as exporters write them: convolutions, matrix products, normalisations,
 * arithmetic with constants, pads, pools and operators that change nothing, with a batch of symbolic size. Some
 * intermediate values are graph outputs too.
 */
export function randomNetwork(seed: number, layers: number): string {
  const draw = drawFrom(seed);
  const state: State = { lines: [], x: 'x', channels: 1 + draw.below(4), spatial: [4 + draw.below(4), 5], count: 0 };
  const head = ['graph "g"', `input %x: float32[N,${[state.channels, ...state.spatial].join(',')}]`];
  const outputs: string[] = [];
  for (let i = 0; i < layers; i++) {
    const layer = draw.pick(state.spatial.length > 0 ? IMAGE_LAYERS : MATRIX_LAYERS);
    layer(state, draw);
    if (draw.below(12) === 0) outputs.push(state.x);
  }
  outputs.push(state.x);
  return [...head, ...state.lines, ...[...new Set(outputs)].map((label) => `output "${label}" = %${label}`), ''].join(
    '\n',
  );
}

type Layer = (state: State, draw: Draw) => void;

function constant(state: State, type: string, elements: string): string {
  const label = `c${state.count++}`;
  state.lines.push(`const %${label}: ${type} = ${elements}`);
  return `%${label}`;
}

const random = (state: State, dims: readonly number[]): string =>
  constant(state, `float32[${dims.join(',')}]`, `random ${state.count + 1}`);

const integers = (state: State, list: readonly number[]): string =>
  constant(state, `int64[${list.length}]`, `[${list.join(', ')}]`);

function append(state: State, call: string): void {
  const label = `v${state.count++}`;
  state.lines.push(`%${label} = ${call} "${label}" @[${state.count} "${label}" "Source"]`);
  state.x = label;
}

const conv: Layer = (state, draw) => {
  const group = draw.pick([1, state.channels]);
  const filters = group * (1 + draw.below(2));
  const kernel = state.spatial.map((size) => 1 + draw.below(Math.min(size, 3)));
  const pads = draw.pick([
    [0, 0, 0, 0],
    [1, 0, 1, 1],
  ]);
  const w = random(state, [filters, state.channels / group, ...kernel]);
  const bias = draw.below(2) === 0 ? '' : `, ${random(state, [filters])}`;
  append(state, `Conv(%${state.x}, ${w}${bias}) {group = ${group}, pads = [${pads.join(', ')}]}`);
  state.spatial = state.spatial.map((size, i) => size + pads[i]! + pads[i + 2]! - kernel[i]! + 1);
  state.channels = filters;
};

const convTranspose: Layer = (state, draw) => {
  if (Math.max(...state.spatial) > 12) return;
  const stride = 1 + draw.below(2);
  const size = 1 + draw.below(2);
  const w = random(state, [state.channels, 2, size, size]);
  append(state, `ConvTranspose(%${state.x}, ${w}) {strides = [${stride}, ${stride}]}`);
  state.spatial = state.spatial.map((n) => (n - 1) * stride + size);
  state.channels = 2;
};

const batchnorm: Layer = (state) => {
  const { channels } = state;
  const parts = [random(state, [channels]), random(state, [channels]), random(state, [channels])];
  const variance = constant(state, `float32[${channels}]`, 'splat 0.8');
  append(state, `BatchNormalization(%${state.x}, ${parts.join(', ')}, ${variance})`);
};

const arithmetic: Layer = (state, draw) => {
  const dims = draw.pick([
    [],
    [state.channels, ...state.spatial.map(() => 1)],
    [1, state.channels, ...state.spatial.map(() => 1)],
  ]);
  const name = draw.pick(['Add', 'Sub', 'Mul', 'Div']);
  const c =
    name === 'Div' || draw.below(4) === 0
      ? constant(state, `float32[${dims.join(',')}]`, draw.pick(['splat 1', 'splat 2', 'splat -1.5']))
      : random(state, dims);
  append(state, draw.below(2) === 0 || name === 'Div' ? `${name}(%${state.x}, ${c})` : `${name}(${c}, %${state.x})`);
};

const relu: Layer = (state) => append(state, `Relu(%${state.x})`);

const idle: Layer = (state, draw) =>
  append(
    state,
    draw.pick([`Identity(%${state.x})`, `Dropout(%${state.x})`, `Cast(%${state.x}) {to = 1}`, `Sum(%${state.x})`]),
  );

const doubled: Layer = (state, draw) => append(state, `${draw.pick(['Sum', 'Mean', 'Add'])}(%${state.x}, %${state.x})`);

const pad: Layer = (state, draw) => {
  const amounts = [draw.below(2), draw.below(2), draw.below(2), draw.below(2)];
  append(
    state,
    `Pad(%${state.x}, ${integers(state, [0, 0, amounts[0]!, amounts[1]!, 0, 0, amounts[2]!, amounts[3]!])})`,
  );
  state.spatial = state.spatial.map((size, i) => size + amounts[i]! + amounts[i + 2]!);
};

const pool: Layer = (state, draw) => {
  const kernel = state.spatial.map((size) => Math.min(size, 2));
  append(state, `${draw.pick(['MaxPool', 'AveragePool'])}(%${state.x}) {kernel_shape = [${kernel.join(', ')}]}`);
  state.spatial = state.spatial.map((size, i) => size - kernel[i]! + 1);
};

const flatten: Layer = (state, draw) => {
  const features = state.channels * state.spatial.reduce((a, b) => a * b, 1);
  append(
    state,
    draw.below(2) === 0 ? `Flatten(%${state.x})` : `Reshape(%${state.x}, ${integers(state, [-1, features])})`,
  );
  state.channels = features;
  state.spatial = [];
};

const gemm: Layer = (state, draw) => {
  const outputs = 1 + draw.below(5);
  const transposed = draw.below(2);
  const w = random(state, transposed === 1 ? [outputs, state.channels] : [state.channels, outputs]);
  const bias = draw.pick([
    '',
    `, ${random(state, [outputs])}`,
    `, ${random(state, [1, outputs])}`,
    `, ${random(state, [])}`,
  ]);
  append(
    state,
    `Gemm(%${state.x}, ${w}${bias}) {alpha = ${draw.pick(['1.0', '0.5'])}, beta = ${draw.pick(['1.0', '2.0'])}, transB = ${transposed}}`,
  );
  state.channels = outputs;
};

const matMul: Layer = (state, draw) => {
  const outputs = 1 + draw.below(5);
  append(state, `MatMul(%${state.x}, ${random(state, [state.channels, outputs])})`);
  state.channels = outputs;
};

const IMAGE_LAYERS: readonly Layer[] = [
  conv,
  conv,
  convTranspose,
  batchnorm,
  batchnorm,
  arithmetic,
  arithmetic,
  relu,
  idle,
  doubled,
  pad,
  pool,
  flatten,
];
const MATRIX_LAYERS: readonly Layer[] = [gemm, gemm, matMul, batchnorm, arithmetic, arithmetic, relu, idle, doubled];
