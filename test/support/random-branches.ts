import { uniformSource } from '../../src/ir/random.js';
import { sizeOf } from '../../src/ir/shape.js';

export interface BranchingNetwork {
  /** IR text. */
  readonly text: string;
  /** Shapes of the inputs [N, C, H, W]. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
}

/** A map under construction: sizes behind the batch axis. */
interface Drawn {
  readonly label: string;
  readonly dims: readonly [channels: number, height: number, width: number];
}

/** Float functions that all libraries compute to the same bits, and those whose last bits differ. */
const EXACT_ISLANDS = ['Abs', 'Neg', 'LeakyRelu'];
const OTHER_ISLANDS = ['Sigmoid', 'HardSigmoid', 'Tanh', 'Softmax'];

/**
 * A random network of maps that branch and meet again: residual additions, concatenations on every axis, splits, pads,
 * transposed convolutions, normalisations between layers, bounds of every kind, squeeze and excite, shared weights,
 * islands of float, several inputs, and outputs that are also read inside. The same for the same seed everywhere.
 */
export function randomBranches(seed: number, steps: number, exact: boolean): BranchingNetwork {
  const next = uniformSource(seed + 1);
  const below = (n: number): number => Math.floor(((next() + 1) / 2) * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const lines: string[] = [];
  const values: Drawn[] = [];
  const outputs = new Set<string>();
  const padded = new Set<string>();
  let fresh = 0;
  const constant = (type: string, elements: string): string => {
    const label = `%c${fresh++}`;
    lines.push(`const ${label}: ${type} = ${elements}`);
    return label;
  };
  const weights = new Map<string, string>();
  /** Random weights that keep the variance of what they sum; every third time those that another node of this shape has. */
  const weight = (dims: readonly number[], terms = 8): string => {
    const type = `float32[${dims.join(',')}]`;
    const known = weights.get(type);
    if (known !== undefined && below(3) === 0) return known;
    const elements = Array.from({ length: sizeOf(dims) }, () => (next() * Math.sqrt(3 / terms)).toFixed(4));
    const label = constant(type, `[${elements.join(', ')}]`);
    weights.set(type, label);
    return label;
  };
  const list = (items: readonly number[]): string => constant(`int64[${items.length}]`, `[${items.join(', ')}]`);
  const scalar = (value: number): string => constant('float32[]', `[${value}]`);
  const call = (text: string, dims: Drawn['dims']): Drawn => {
    const label = `v${fresh++}`;
    lines.push(`%${label} = ${text} "${label}" @[${fresh} "${label}" "Source"]`);
    return { label: `%${label}`, dims };
  };

  const inputCount = 1 + below(2);
  const inputDims: Drawn['dims'] = [1 + below(4), 4 + 2 * below(2), 4 + 2 * below(2)];
  const inputs = Array.from({ length: inputCount }, (_, i) => ({ name: `x${i}`, shape: ['N', ...inputDims] }));
  for (const { name } of inputs) values.push({ label: `%${name}`, dims: inputDims });

  const same = (a: Drawn, b: Drawn, except = -1): boolean =>
    a.dims.every((size, axis) => axis === except || size === b.dims[axis]);
  const conv = (x: Drawn, filters: number, size: number, group = 1): Drawn => {
    const [channels, height, width] = x.dims;
    const bias = below(2) === 0 ? '' : `, ${weight([filters])}`;
    const pad = (size - 1) / 2;
    return call(
      `Conv(${x.label}, ${weight([filters, channels / group, size, size], (channels / group) * size * size)}${bias}) {group = ${group}, pads = [${pad}, ${pad}, ${pad}, ${pad}]}`,
      [filters, height, width],
    );
  };
  const relu = (x: Drawn): Drawn => call(`Relu(${x.label})`, x.dims);
  const perhapsRelu = (x: Drawn): Drawn => (below(2) === 0 ? relu(x) : x);
  const clip = (x: Drawn): Drawn => {
    const [min, max] = pick([
      [scalar(0), scalar(3)],
      [scalar(-1), scalar(2)],
      [scalar(-2), scalar(2)],
      [scalar(-1), '_'],
      ['_', scalar(1)],
      [scalar(0.25), scalar(4)],
    ]);
    return call(`Clip(${x.label}, ${min}, ${max})`, x.dims);
  };
  const islands = exact ? EXACT_ISLANDS : [...EXACT_ISLANDS, ...OTHER_ISLANDS];
  const stepsOf: readonly ((x: Drawn) => Drawn | undefined)[] = [
    (x) => perhapsRelu(conv(x, pick([2, 4, x.dims[0]]), pick([1, 3]))),
    (x) => perhapsRelu(conv(x, x.dims[0], 3, x.dims[0])),
    // Residual blocks, the pointwise convolution first or last, bounded or not.
    (x) => {
      const inner = perhapsRelu(conv(x, 4, 3));
      const back = conv(inner, x.dims[0], pick([1, 1, 3]));
      const operands = below(2) === 0 ? [x, back] : [back, x];
      return perhapsRelu(call(`Add(${operands.map(({ label }) => label).join(', ')})`, x.dims));
    },
    (x) => {
      const other = values.find((value) => value !== x && same(x, value));
      return other && call(`${pick(['Add', 'Add', 'Max', 'Min', 'Sub', 'Mul'])}(${x.label}, ${other.label})`, x.dims);
    },
    (x) => {
      const axis = below(3);
      const others = values.filter((value) => value !== x && same(x, value, axis));
      if (others.length === 0) return undefined;
      const parts = [x, pick(others)];
      const size = parts.reduce((sum, { dims }) => sum + (dims[axis] ?? 0), 0);
      if (size > 12) return undefined;
      const dims = x.dims.with(axis, size) as unknown as Drawn['dims'];
      return call(`Concat(${parts.map(({ label }) => label).join(', ')}) {axis = ${pick([axis + 1, axis - 3])}}`, dims);
    },
    (x) => {
      const axis = below(3);
      const size = x.dims[axis] ?? 0;
      if (size < 3) return undefined;
      const first = 1 + below(size - 1);
      const [a, b] = [`%v${fresh++}`, `%v${fresh++}`];
      lines.push(`${a}, ${b} = Split(${x.label}, ${list([first, size - first])}) {axis = ${axis + 1}} "split${fresh}"`);
      const part = (label: string, length: number): Drawn => ({
        label,
        dims: x.dims.with(axis, length) as unknown as Drawn['dims'],
      });
      values.push(part(a, first));
      outputs.add(a);
      return part(b, size - first);
    },
    (x) => {
      const [c, h, w] = x.dims;
      if (h > 8 || w > 8) return undefined;
      const pads = list([0, 0, 1, 0, 0, 0, 1, 2]);
      const text = pick([
        `Pad(${x.label}, ${pads})`,
        `Pad(${x.label}, ${pads}, ${scalar(0)})`,
        `Pad(${x.label}, ${pads}) {mode = "edge"}`,
        `Pad(${x.label}, ${pads}, ${scalar(0.5)})`,
      ]);
      const result = call(text, [c, h + 2, w + 2]);
      padded.add(result.label);
      return result;
    },
    (x) => {
      const [c, h, w] = x.dims;
      if (h > 6 || w > 6) return undefined;
      const [stride, size] = [1 + below(2), 1 + below(3)];
      const group = c % 2 === 0 ? 1 + below(2) : 1;
      return perhapsRelu(
        call(
          `ConvTranspose(${x.label}, ${weight([c, 2, size, size], (c / group) * Math.ceil(size / stride) ** 2)}) {strides = [${stride}, ${stride}], group = ${group}}`,
          [2 * group, (h - 1) * stride + size, (w - 1) * stride + size],
        ),
      );
    },
    (x) => {
      const [c] = x.dims;
      const [gamma, beta, mean] = [weight([c]), weight([c]), weight([c])];
      const source = below(2) === 0 ? x : call(`MaxPool(${x.label}) {kernel_shape = [1, 1]}`, x.dims);
      return call(
        `BatchNormalization(${source.label}, ${gamma}, ${beta}, ${mean}, ${constant(`float32[${c}]`, 'splat 0.7')})`,
        x.dims,
      );
    },
    clip,
    (x) => {
      values.push(clip(x));
      return relu(x);
    },
    (x) => {
      const [c, h, w] = x.dims;
      // ONNX Runtime fuses several Pads into the window of a pool behind them, and then refuses the window.
      if (h < 3 || w < 3 || padded.has(x.label)) return undefined;
      const pool = pick(['MaxPool', 'AveragePool']);
      return call(`${pool}(${x.label}) {kernel_shape = [2, 2], strides = [1, 2]}`, [c, h - 1, Math.floor(w / 2)]);
    },
    // Squeeze and excite.
    (x) => {
      const squeezed = call(`GlobalAveragePool(${x.label})`, [x.dims[0], 1, 1]);
      const gate = conv(relu(conv(squeezed, 2, 1)), x.dims[0], 1);
      const excited = call(`${exact ? 'LeakyRelu' : pick(['Sigmoid', 'HardSigmoid'])}(${gate.label})`, gate.dims);
      return call(`Mul(${x.label}, ${excited.label})`, x.dims);
    },
    (x) => call(`${pick(islands)}(${x.label})`, x.dims),
    (x) => {
      const [c, h, w] = x.dims;
      return call(`Transpose(${x.label}) {perm = [0, 1, 3, 2]}`, [c, w, h]);
    },
    (x) => {
      const [c, h, w] = x.dims;
      if (h > 5 || w > 5) return undefined;
      const scales = constant('float32[4]', '[1, 1, 2, 2]');
      const grown = `Resize(${x.label}, _, ${scales}) {coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"}`;
      return call(grown, [c, h * 2, w * 2]);
    },
    (x) => {
      const [c, h, w] = x.dims;
      return call(`Add(${x.label}, ${weight([c, 1, 1])})`, [c, h, w]);
    },
    (x) => {
      const order = Array.from({ length: x.dims[0] }, () => below(x.dims[0]));
      return call(`Gather(${x.label}, ${list(order)}) {axis = 1}`, x.dims);
    },
  ];
  let last: Drawn = conv(values[0]!, 4, 3);
  values.push(last);
  for (let i = 0; i < steps; i++) {
    // Mostly from what was computed last, at times from anything before.
    const result = pick(stepsOf)(below(4) === 0 ? pick(values) : last);
    if (result === undefined) continue;
    last = result;
    values.push(last);
    if (below(10) === 0) outputs.add(last.label);
  }
  for (const { label } of values)
    if (label.startsWith('%x') && !lines.some((line) => line.includes(label))) outputs.add(label);
  outputs.add(last.label);
  const text = [
    'graph "g"',
    ...inputs.map(({ name, shape }) => `input %${name}: float32[${shape.join(',')}]`),
    ...lines,
    ...[...outputs].map((label) => `output "${label.slice(1)}" = ${label}`),
  ].join('\n');
  return { text, inputs };
}
