import { broadcastShapes, isStatic, sizeOf } from '../../src/ir/shape.js';

/** A value of the network under construction; axis 0 is the batch of symbolic size N. */
interface Drawn {
  readonly label: string;
  /** Sizes behind the batch axis. */
  readonly dims: readonly number[];
}

const INPUTS: readonly (readonly number[])[] = [[3, 6, 6], [6, 6, 3], [4, 8], [8, 4], [12], [3, 8, 1], [48]];

/**
 * IR text of a small float network that \`choices\` determine: convolutions, pools, fully connected layers, arithmetic,
 * activations in many spellings, and the changes of layout that exporters put between them.
 */
export function randomNetwork(choices: readonly number[]): string {
  const source = [...choices];
  const draw = (count: number): number => (source.shift() ?? 0) % count;
  const pick = <T>(items: readonly T[]): T => items[draw(items.length)]!;
  const lines: string[] = [];
  const values: Drawn[] = [];
  let fresh = 0;
  const label = (): string => `%v${fresh++}`;
  const constant = (type: string, elements: string): string => {
    const name = `%c${fresh++}`;
    lines.push(`const ${name}: ${type} = ${elements}`);
    return name;
  };
  const weights = (dims: readonly number[]): string => constant(`float32[${dims.join(',')}]`, `random ${fresh}`);
  const scalar = (value: number): string => constant('float32[]', `[${value}]`);
  const list = (items: readonly number[]): string => constant(`int64[${items.length}]`, `[${items.join(',')}]`);
  const emit = (dims: readonly number[], call: string): void => {
    const name = label();
    lines.push(`${name} = ${call}`);
    values.push({ label: name, dims });
  };

  const first = pick(INPUTS);
  values.push({ label: '%x', dims: first });

  const shuffled = (rank: number): number[] => {
    const rest = Array.from({ length: rank }, (_, i) => i + 1);
    return Array.from({ length: rank }, () => rest.splice(draw(rest.length), 1)[0]!);
  };
  const broadcast = (dims: readonly number[]): number[] => {
    const whole = dims.map((dim) => (draw(2) === 0 ? dim : 1));
    return draw(2) === 0 ? [1, ...whole] : whole.slice(draw(whole.length));
  };

  const steps: Record<string, (x: Drawn) => boolean> = {
    conv: ({ label: x, dims: [c = 1, ...space] }) => {
      if (space.length < 1 || space.length > 2 || space.every((size) => size < 2)) return false;
      const kernel = space.map((size) => 1 + draw(Math.min(3, size)));
      const filters = pick([c, 4]);
      const pad = draw(2);
      const pads = [...kernel, ...kernel].map((size) => (pad === 0 ? 0 : Math.floor(size / 2)));
      const w = weights([filters, c, ...kernel]);
      const bias = draw(2) === 0 ? `, ${weights([filters])}` : '';
      const size = space.map((dim, i) => dim + 2 * pads[i]! - kernel[i]! + 1);
      emit([filters, ...size], `Conv(${x}, ${w}${bias}) {pads = [${pads.join(',')}]}`);
      return true;
    },
    channelsLast: ({ label: x, dims }) => {
      const [height = 1, width = 1, c = 1] = dims;
      if (dims.length !== 3) return false;
      const inner = label();
      const result = label();
      lines.push(`${inner} = Transpose(${x}) {perm = [0,3,1,2]}`);
      lines.push(`${result} = Conv(${inner}, ${weights([4, c, 1, 1])})`);
      emit([height, width, 4], `Transpose(${result}) {perm = [0,2,3,1]}`);
      return true;
    },
    convTranspose: ({ label: x, dims: [c = 1, ...space] }) => {
      if (space.length < 1 || space.length > 3 || sizeOf(space) > 60) return false;
      const kernel = space.map((size) => Math.min(2, size));
      emit(
        [3, ...space.map((size, i) => size * kernel[i]!)],
        `ConvTranspose(${x}, ${weights([c, 3, ...kernel])}) {strides = [${kernel.join(',')}]}`,
      );
      return true;
    },
    mask: ({ label: x, dims }) => {
      const condition = label();
      const mask = label();
      lines.push(`${condition} = ${pick(['Greater', 'Less'])}(${x}, ${scalar(0)})`);
      lines.push(`${mask} = Cast(${condition}) {to = 1}`);
      emit(dims, `Mul(${x}, ${mask})`);
      return true;
    },
    mean: ({ label: x, dims: [c = 1, ...space] }) => {
      if (space.length < 1) return false;
      const axes = list(space.map((_, i) => i + 2));
      const sum = label();
      lines.push(`${sum} = ReduceSum(${x}, ${axes})`);
      emit([c, ...space.map(() => 1)], `Div(${sum}, ${scalar(sizeOf(space))})`);
      return true;
    },
    pool: ({ label: x, dims: [c = 1, ...space] }) => {
      if (space.length < 1 || space.length > 2) return false;
      const kernel = space.map((size) => Math.min(2, size));
      const op = pick(['MaxPool', 'AveragePool']);
      emit(
        [c, ...space.map((size, i) => Math.floor((size - kernel[i]!) / kernel[i]!) + 1)],
        `${op}(${x}) {kernel_shape = [${kernel.join(',')}], strides = [${kernel.join(',')}]}`,
      );
      return true;
    },
    globalPool: ({ label: x, dims: [c = 1, ...space] }) => {
      if (space.length < 1) return false;
      emit([c, ...space.map(() => 1)], `${pick(['GlobalAveragePool', 'GlobalMaxPool'])}(${x})`);
      return true;
    },
    reduce: ({ label: x, dims }) => {
      if (dims.length < 2) return false;
      const axes = dims.flatMap((_, i) => (draw(2) === 0 ? [i + 1] : []));
      if (axes.length === 0 || axes.length === dims.length) return false;
      const keep = draw(2);
      const left =
        keep === 1
          ? dims.map((dim, i) => (axes.includes(i + 1) ? 1 : dim))
          : dims.filter((_, i) => !axes.includes(i + 1));
      emit(left, `${pick(['ReduceMean', 'ReduceMax'])}(${x}, ${list(axes)}) {keepdims = ${keep}}`);
      return true;
    },
    transpose: ({ label: x, dims }) => {
      const perm = shuffled(dims.length);
      emit(
        perm.map((axis) => dims[axis - 1]!),
        `Transpose(${x}) {perm = [0${perm.map((axis) => `,${axis}`).join('')}]}`,
      );
      return true;
    },
    unsqueeze: ({ label: x, dims }) => {
      if (dims.length > 3) return false;
      const axis = 1 + draw(dims.length + 1);
      emit(dims.toSpliced(axis - 1, 0, 1), `Unsqueeze(${x}, ${list([axis])})`);
      return true;
    },
    squeeze: ({ label: x, dims }) => {
      const axis = dims.indexOf(1);
      if (axis < 0 || dims.length < 2) return false;
      emit(dims.toSpliced(axis, 1), `Squeeze(${x}, ${list([axis + 1])})`);
      return true;
    },
    reshape: ({ label: x, dims }) => {
      const size = sizeOf(dims);
      const wanted = pick([
        [size],
        [1, size],
        [size, 1, 1],
        size % 2 === 0 ? [2, size / 2] : [size],
        size % 3 === 0 ? [3, size / 3, 1] : [size],
      ]);
      emit(wanted, `Reshape(${x}, ${list([pick([0, -1]), ...wanted])})`);
      return true;
    },
    flatten: ({ label: x, dims }) => {
      emit([sizeOf(dims)], `Flatten(${x})`);
      return true;
    },
    dense: ({ label: x, dims }) => {
      if (dims.length !== 1) return false;
      const features = pick([4, 12]);
      if (draw(2) === 0) emit([features], `MatMul(${x}, ${weights([dims[0]!, features])})`);
      else emit([features], `Gemm(${x}, ${weights([features, dims[0]!])}, ${weights([features])}) {transB = 1}`);
      return true;
    },
    activation: ({ label: x, dims }) => {
      const calls = [
        () => `Relu(${x})`,
        () => `Clip(${x}, ${scalar(-0.5)}, ${scalar(0.5)})`,
        () => `Min(${x}, ${scalar(0.75)})`,
        () => `Max(${scalar(-0.25)}, ${x})`,
        () => `Sigmoid(${x})`,
        () => `LeakyRelu(${x}) {alpha = 0.0}`,
        () => `Softmax(${x}) {axis = ${1 + draw(dims.length)}}`,
      ];
      emit(dims, pick(calls)());
      return true;
    },
    select: ({ label: x, dims }) => {
      const limit = scalar(0.125);
      const condition = label();
      lines.push(`${condition} = ${pick(['Greater', 'Less'])}(${x}, ${limit})`);
      emit(dims, `Where(${condition}, ${x}, ${limit})`);
      return true;
    },
    arithmetic: ({ label: x, dims }) => {
      const c = weights(broadcast(dims));
      emit(dims, pick([`Add(${x}, ${c})`, `Mul(${c}, ${x})`, `Sub(${c}, ${x})`, `Mul(${x}, ${scalar(2)})`]));
      return true;
    },
    normalise: ({ label: x, dims: [c = 1, ...rest] }) => {
      const scale = weights([c]);
      const variance = constant(`float32[${c}]`, 'splat 1.5');
      emit([c, ...rest], `BatchNormalization(${x}, ${scale}, ${scale}, ${scale}, ${variance})`);
      return true;
    },
    join: ({ label: x, dims }) => {
      const others = values.filter((other) => {
        const both = broadcastShapes(other.dims, dims);
        return both !== undefined && isStatic(both) && other.dims.length === dims.length && sizeOf(both) <= 400;
      });
      if (others.length === 0) return false;
      const other = pick(others);
      const both = broadcastShapes(other.dims, dims)!.map(Number);
      emit(both, `${pick(['Add', 'Mul'])}(${x}, ${other.label})`);
      return true;
    },
    concat: ({ label: x, dims }) => {
      if (sizeOf(dims) > 200) return false;
      const axis = draw(dims.length);
      emit(dims.with(axis, 2 * dims[axis]!), `Concat(${x}, ${x}) {axis = ${axis + 1}}`);
      return true;
    },
    slice: ({ label: x, dims }) => {
      const axis = draw(dims.length);
      if (dims[axis]! < 3) return false;
      emit(dims.with(axis, dims[axis]! - 2), `Slice(${x}, ${list([1])}, ${list([-1])}, ${list([axis + 1])})`);
      return true;
    },
    pad: ({ label: x, dims }) => {
      const axis = draw(dims.length);
      const pads = [0, ...dims.map(() => 0), 0, ...dims.map((_, i) => (i === axis ? 1 : 0))];
      emit(dims.with(axis, dims[axis]! + 1), `Pad(${x}, ${list(pads)})`);
      return true;
    },
  };
  const names = Object.keys(steps);
  while (source.length > 0) {
    const x = draw(4) === 0 ? pick(values) : values.at(-1)!;
    steps[pick(names)]?.(x);
  }
  const read = new Set(lines.flatMap((line) => line.slice(line.indexOf('=')).match(/%v\d+/g) ?? []));
  const ends = values.filter(({ label: name }) => !read.has(name));
  return [
    'graph "random"',
    `input %x: float32[N,${first.join(',')}]`,
    ...lines,
    ...ends.map(({ label: name }, i) => `output "y${i}" = ${name}`),
    '',
  ].join('\n');
}
