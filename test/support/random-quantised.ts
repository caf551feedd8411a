import { Attributes, type AttributeInput } from '../../src/ir/attributes.js';
import { GraphEditor } from '../../src/ir/editor.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { checkCall } from '../../src/ir/ops/operator.js';
import { uniformSource } from '../../src/ir/random.js';
import { sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import { TINPU_OPERATORS } from '../../src/backends/tinpu/dialect.js';

type Attrs = Readonly<Record<string, AttributeInput>>;

const RANGES: readonly (readonly [number, number])[] = [
  [-128, 127],
  [0, 255],
  [-8, 7],
  [0, 15],
  [-2, 1],
  [0, 3],
];

/** Tensors beyond this many elements are not enlarged. */
const LARGE = 400;

const dimsOf = ({ type }: Value): number[] => type.shape.map(Number);
const isByte = ({ type }: Value): boolean => type.dtype === 'int8' || type.dtype === 'uint8';

/**
 * A small graph of every operator of the quantised dialect, movers and float islands; the same for the same seed. All
 * accumulators stay far below 2^24, so that float32 holds them.
 */
export const randomQuantised = (seed: number, steps: number): Graph => new Draft(seed).build(steps);

class Draft {
  readonly #editor = GraphEditor.create('net');
  readonly #uniform: () => number;
  /** Activations, and real tensors of an island. */
  readonly #integers: Value[] = [];
  readonly #reals: Value[] = [];
  #labels = 0;

  constructor(seed: number) {
    this.#uniform = uniformSource(seed + 1);
  }

  build(steps: number): Graph {
    const dims = [this.#int(1, 2), this.#int(1, 4), this.#int(1, 5), this.#int(1, 5)];
    this.#inputNorm(this.#editor.addInput('x', { dtype: 'float32', shape: dims }));
    const kinds = [
      ...[this.#layer, this.#layer, this.#layer, this.#sum, this.#sum, this.#clip],
      ...[this.#mover, this.#mover, this.#mover, this.#dequantise, this.#island, this.#island, this.#requantise],
    ];
    for (let i = 0; i < steps; i++) this.#pick(kinds).call(this);
    const results = new Set([...this.#integers.slice(-3), ...this.#reals.slice(-2)]);
    for (const value of results) this.#editor.addOutput(value.name, value);
    return this.#editor.graph;
  }

  #int(least: number, most: number): number {
    return least + Math.min(most - least, Math.floor(((this.#uniform() + 1) / 2) * (most - least + 1)));
  }

  #pick<T>(list: readonly T[]): T {
    const item = list[this.#int(0, list.length - 1)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }

  #ints(count: number, least: number, most: number): number[] {
    return Array.from({ length: count }, () => this.#int(least, most));
  }

  #range(): Attrs {
    const [lo, hi] = this.#pick(RANGES);
    return { lo, hi };
  }

  #constant(tensor: Tensor): Value {
    return this.#editor.constant(tensor, `c${this.#labels++}`);
  }

  #list(values: readonly number[]): Value {
    return this.#constant(new Tensor('int32', [values.length], Int32Array.from(values)));
  }

  #add(qualified: string, inputs: readonly (Value | undefined)[], attrs: Attrs = {}, outputs = ['']): readonly Value[] {
    const spec = TINPU_OPERATORS.get(qualified);
    if (spec === undefined) throw new Error(`no operator ${qualified}`);
    const label = `t${this.#labels++}`;
    const attributes = Attributes.of(attrs);
    const call = { op: spec.name, attrs: attributes, inputs, outputCount: outputs.length, freshDim: () => '?' };
    const [fault] = checkCall(spec, call);
    if (fault !== undefined) throw fault;
    const names = outputs.map((suffix) => (suffix === '-' ? '' : `${label}${suffix}`));
    const results = spec.infer(call).map((facts, i) => ({ ...facts, name: names[i] ?? '' }));
    const { domain, name: op } = spec;
    return this.#editor.addNode({ op, domain, name: label, inputs, outputs: results, attrs: attributes }).outputs;
  }

  #one(qualified: string, inputs: readonly (Value | undefined)[], attrs: Attrs = {}): Value {
    const [value] = this.#add(qualified, inputs, attrs);
    if (value === undefined) throw new Error(`${qualified} has no result`);
    return value;
  }

  #keep(value: Value): void {
    this.#integers.push(value);
  }

  #inputNorm(x: Value): void {
    const rank = x.type.shape.length;
    const channels = rank > 1 ? (dimsOf(x)[1] ?? 1) : 1;
    const dims = this.#pick([[], new Array<number>(rank).fill(1), dimsOf(x).map((_, a) => (a === 1 ? channels : 1))]);
    const size = sizeOf(dims);
    const inputs = [
      x,
      this.#constant(
        Tensor.float32(
          dims,
          this.#ints(size, -300, 300).map((v) => v / 64),
        ),
      ),
      this.#constant(Tensor.float32(dims, this.#ints(size, -255, 255))),
      this.#constant(new Tensor('int32', dims, Int32Array.from(this.#ints(size, 0, 6)))),
    ];
    this.#keep(this.#one('q.InputNorm', inputs, this.#range()));
  }

  #layer(): void {
    const x = this.#pick(this.#integers);
    const [batch = 1, channels = 1, height = 1, width = 1] = dimsOf(x);
    const rank = x.type.shape.length;
    if (rank === 2) {
      const outputs = this.#int(1, 4);
      return this.#bnorm(this.#one('q.MatMul', [x, this.#weight([channels, outputs])]));
    }
    if (rank !== 4 || batch * channels * height * width > LARGE) return;
    if (this.#int(0, 4) === 0) return this.#bnorm(this.#one('q.GlobalSum', [x]));
    const group = this.#pick([1, channels, channels % 2 === 0 ? 2 : 1]);
    const filters = this.#int(1, 2);
    const kernel = [this.#int(1, 3), this.#int(1, 3)];
    const window = { strides: this.#ints(2, 1, 2), dilations: this.#ints(2, 1, 2), group };
    const extents = kernel.map((size, a) => (size - 1) * (window.dilations[a] ?? 1) + 1);
    if (this.#int(0, 2) === 0) {
      const attrs = { ...window, pads: [0, 0, 0, 0], output_padding: [0, 0] };
      return this.#bnorm(this.#one('q.ConvTranspose', [x, this.#weight([channels, filters, ...kernel])], attrs));
    }
    const pads = [height, width, height, width].map((side, i) =>
      Math.max(this.#int(0, 1), Math.ceil(((extents[i % 2] ?? 1) - side) / 2)),
    );
    const weight = this.#weight([filters * group, channels / group, ...kernel]);
    this.#bnorm(this.#one('q.Conv', [x, weight], { ...window, pads }));
  }

  #weight(dims: number[]): Value {
    const [dtype, limit] = this.#pick([['int8', 9] as const, ['int4', 7] as const, ['int2', 1] as const]);
    return this.#constant(new Tensor(dtype, dims, Int8Array.from(this.#ints(sizeOf(dims), -limit, limit))));
  }

  #bnorm(accumulator: Value): void {
    const channels = dimsOf(accumulator)[1] ?? 1;
    const count = (): number => this.#pick([1, channels]);
    const inputs = [
      accumulator,
      this.#list(this.#ints(count(), -200, 200)),
      this.#list(this.#ints(count(), 1, 7)),
      this.#list(this.#ints(count(), 0, 6)),
    ];
    this.#keep(this.#one('q.Bnorm', inputs, this.#int(0, 3) === 0 ? { lo: -512, hi: 511 } : this.#range()));
  }

  #sum(): void {
    const a = this.#pick(this.#integers);
    const dims = dimsOf(a);
    const partners = this.#integers.filter((b) => dimsOf(b).join() === dims.join());
    const ones = dims.map((dim) => this.#pick([1, dim]));
    const constant = this.#constant(new Tensor('int8', ones, Int8Array.from(this.#ints(sizeOf(ones), -128, 127))));
    const b = this.#int(0, 3) === 0 ? constant : this.#pick(partners);
    this.#keep(this.#one('q.Add', [a, b], this.#range()));
  }

  #clip(): void {
    const lo = this.#int(-140, 100);
    this.#keep(this.#one('q.Clip', [this.#pick(this.#integers)], { lo, hi: lo + this.#int(0, 260) }));
  }

  #mover(): void {
    const x = this.#pick(this.#integers);
    const moved = this.#moved(x, dimsOf(x));
    if (moved !== undefined) this.#keep(moved);
  }

  #moved(x: Value, dims: readonly number[]): Value | undefined {
    const rank = dims.length;
    const axis = this.#int(0, rank - 1);
    const side = dims[axis] ?? 1;
    const int64 = (values: readonly number[] | number): Value => this.#constant(Tensor.int64(values));
    const small = sizeOf(dims) < LARGE;
    const scalar = (): Value => this.#constant(new Tensor(x.type.dtype as 'int8', [], Int8Array.of(this.#int(0, 20))));
    switch (this.#int(0, 19)) {
      case 0:
        return this.#one('Flatten', [x], { axis: 1 });
      case 1:
        return this.#one('Reshape', [x, int64([dims[0] ?? 1, -1, 1, 1])]);
      case 2:
        return this.#one('Transpose', [x], { perm: Array.from({ length: rank }, (_, i) => (i + axis) % rank) });
      case 3:
        return rank === 4
          ? this.#one('Squeeze', [x, int64(dims.flatMap((d, a) => (d === 1 && a > 1 ? [a] : [])))])
          : undefined;
      case 4:
        return rank < 4 ? this.#one('Unsqueeze', [x, int64([rank])]) : undefined;
      case 5: {
        const others = this.#integers.filter(
          (o) =>
            o.type.dtype === x.type.dtype &&
            dimsOf(o).every((d, a) => a === axis || d === dims[a]) &&
            dimsOf(o).length === rank,
        );
        return small ? this.#one('Concat', [x, this.#pick(others)], { axis }) : undefined;
      }
      case 6:
        return this.#one('Slice', [x, int64([this.#int(0, side - 1)]), int64([side]), int64([axis]), int64([1])]);
      case 7:
        return small ? this.#one('Pad', [x, int64(this.#ints(2 * rank, 0, 1)), scalar()]) : undefined;
      case 8: {
        const modes = ['constant', 'edge', ...(side > 1 ? ['reflect'] : [])];
        const pads = [...dims.map((_, a) => (a === axis ? 1 : 0)), ...dims.map(() => 0)];
        return small ? this.#one('Pad', [x, int64(pads)], { mode: this.#pick(modes) }) : undefined;
      }
      case 9:
        return small
          ? this.#one('Pad', [x, int64([...dims.map((_, a) => (a === axis ? 1 : 0)), ...dims.map(() => 1)])])
          : undefined;
      case 10:
        return this.#one('Gather', [x, int64(this.#ints(this.#int(1, 3), 0, side - 1))], { axis });
      case 11:
        return small ? this.#one('Expand', [x, int64(dims.map((d) => (d === 1 ? 2 : d)))]) : undefined;
      case 12:
        return small ? this.#one('Tile', [x, int64(dims.map((_, a) => (a === axis ? 2 : 1)))]) : undefined;
      case 13:
        if (rank !== 4) return undefined;
        return (dims[1] ?? 1) % 4 === 0
          ? this.#one('DepthToSpace', [x], { blocksize: 2, mode: this.#pick(['DCR', 'CRD']) })
          : (dims[2] ?? 1) % 2 === 0 && (dims[3] ?? 1) % 2 === 0
            ? this.#one('SpaceToDepth', [x], { blocksize: 2 })
            : undefined;
      case 14: {
        if (rank !== 4 || !small) return undefined;
        const attrs = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
        const scales = this.#constant(Tensor.float32([4], [1, 1, 2, 1]));
        return this.#int(0, 1) === 0
          ? this.#one('Resize', [x, undefined, scales], attrs)
          : this.#one(
              'Resize',
              [x, undefined, undefined, int64([...dims.slice(0, 2), ...dims.slice(2).map((d) => d + 1)])],
              attrs,
            );
      }
      case 15:
        return rank === 4 && isByte(x)
          ? this.#one('MaxPool', [x], { kernel_shape: [1, Math.min(2, dims[3] ?? 1)], strides: [1, 2] })
          : undefined;
      case 16: {
        const others = this.#integers.filter((o) => o.type.dtype === x.type.dtype && dimsOf(o).join() === dims.join());
        return this.#one(this.#pick(['Max', 'Min']), [
          x,
          this.#pick(others),
          ...(this.#int(0, 1) === 0 ? [scalar()] : []),
        ]);
      }
      case 17:
        return this.#one(this.#pick(['ReduceMax', 'ReduceMin']), [x, int64([axis - rank])], { keepdims: 1 });
      case 18:
        return this.#one('ReduceMax', [x, ...(rank === 4 ? [int64([2, 3])] : [])], { keepdims: rank === 4 ? 0 : 1 });
      default:
        return rank === 4 && isByte(x) ? this.#one('GlobalMaxPool', [x]) : undefined;
    }
  }

  #dequantise(): void {
    const x = this.#pick(this.#integers);
    this.#reals.push(this.#one('q.Dequantize', [x], { scale: { float: this.#pick([1, 0.5, Math.fround(0.3), 2]) } }));
  }

  #requantise(): void {
    if (this.#reals.length > 0) this.#inputNorm(this.#pick(this.#reals));
  }

  /** Arithmetic that float32 rounds the same way everywhere, much of it in the shapes that integers take. */
  #island(): void {
    if (this.#reals.length === 0) return;
    const x = this.#pick(this.#reals);
    const dims = dimsOf(x);
    const real = (value: number): Value => this.#constant(Tensor.float32([], [value]));
    const partner = this.#pick(this.#reals.filter((o) => dimsOf(o).join() === dims.join()));
    const push = (value: Value): number => this.#reals.push(value);
    switch (this.#int(0, 8)) {
      case 0:
        push(this.#one('Add', [x, partner]));
        break;
      case 1:
        push(this.#one('Mul', [x, real(this.#pick([0.5, 1, 3]))]));
        break;
      case 2:
        push(this.#one('Clip', [this.#one('Floor', [x]), real(-5), real(60)]));
        break;
      case 3:
        push(this.#one('Clip', [this.#one('Add', [x, partner]), real(-50), real(60)]));
        break;
      case 4:
        push(this.#one(this.#pick(['Relu', 'Abs', 'Round', 'Floor', 'Identity']), [x]));
        break;
      case 5: {
        const k = this.#constant(Tensor.int64([1]));
        const [values, indices] = this.#add(
          'TopK',
          [x, k],
          { axis: -1 },
          this.#pick([
            ['', '/i'],
            ['-', '/i'],
          ]),
        );
        if (values !== undefined && values.name !== '') push(values);
        if (indices !== undefined) push(this.#one('Cast', [indices], { to: 1 }));
        break;
      }
      case 6:
        push(
          this.#one('Cast', [this.#one('Cast', [this.#one('Clip', [x, real(0), real(100)])], { to: 2 })], { to: 1 }),
        );
        break;
      case 7: {
        const parts = this.#add(
          'Split',
          [this.#one('Concat', [x, partner], { axis: 0 })],
          { axis: 0, num_outputs: 2 },
          ['/a', '/b'],
        );
        for (const part of parts) push(part);
        break;
      }
      default:
        push(this.#one('Concat', [x, this.#constant(Tensor.zeros('float32', dims))], { axis: 0 }));
    }
  }
}
