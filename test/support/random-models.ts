import { Draw, ModelDraft } from './random-model-draft.js';

/** Habits of exporters. */
export const EXPORTERS = ['pytorch', 'tensorflow', 'keras', 'cntk', 'caffe2', 'series'] as const;
export type Exporter = (typeof EXPORTERS)[number];

export interface RandomModel {
  readonly bytes: Uint8Array;
  readonly input: {
    readonly name: string;
    /** Axis 0 is the batch. */
    readonly shape: readonly (number | string)[];
    /** Elements lie within ± this. */
    readonly amplitude: number;
  };
  readonly outputs: readonly string[];
  /** No huge or vanishing weights, biases or inputs, and no float function at the end: integers follow the float model. */
  readonly wellConditioned: boolean;
  /** Whether a float function ends the model. */
  readonly tail: boolean;
}

/** A random feed-forward ONNX file in the habits of an exporter, with between 1 and `layers` layers. */
export const randomModel = (seed: number, exporter: Exporter, layers: number): RandomModel =>
  new RandomNetwork(new Draw(seed), exporter).build(layers);

const PERMUTATIONS = {
  last: [
    [0, 1],
    [0, 2, 1],
    [0, 2, 3, 1],
  ],
  first: [
    [0, 1],
    [0, 2, 1],
    [0, 3, 1, 2],
  ],
} as const;

type Step = (this: RandomNetwork) => void;

class RandomNetwork {
  readonly #draw: Draw;
  readonly #exporter: Exporter;
  readonly #to: ModelDraft;
  /** Weights are drawn this much larger than what keeps activations level. */
  readonly #gain: number;
  readonly #amplitude: number;
  readonly #oddities: boolean;
  #x = 'x';
  #channels: number;
  #spatial: number[];
  /** Whether channels are the last axis of what the next layer reads. */
  #last: boolean;
  #opened = false;

  constructor(draw: Draw, exporter: Exporter) {
    this.#draw = draw;
    this.#exporter = exporter;
    this.#oddities = draw.chance(0.4);
    const numbered = exporter === 'caffe2' || exporter === 'cntk';
    this.#to = new ModelDraft(draw, {
      opset: draw.pick(exporter === 'caffe2' ? [7, 8, 9] : [7, 9, 10, 11, 12, 13, 14, 16, 17, 18, 20, 21]),
      unnamed: numbered,
      initializersAsInputs: exporter === 'caffe2',
      constantNodes: exporter !== 'caffe2' && draw.chance(0.5),
      tensorName: (op, count) => (numbered ? String(100 + count) : `net/${op}:${count}`),
    });
    this.#gain = this.#oddities ? draw.pick([1, 1, 1e3, 1e-3]) : 1;
    this.#amplitude = this.#oddities ? draw.pick([1, 1, 1e-6, 1e-2, 1e6]) : 1;
    this.#channels = draw.pick([1, 2, 3, 4, 6]);
    this.#spatial =
      exporter === 'series'
        ? [draw.pick([9, 16, 21])]
        : draw.pick([[8, 8], [9, 6], [12, 1], [1, 10], [7, 5], [1, 1], []]);
    this.#last = exporter === 'tensorflow' || exporter === 'keras';
  }

  build(layers: number): RandomModel {
    const draw = this.#draw;
    const batch = draw.pick(['N', 'N', 1, 3]);
    const shape = [batch, ...this.#dims()];
    const heads: string[] = [];
    let branch: string | undefined;
    for (let i = draw.below(layers); i >= 0; i--) {
      draw.pick<Step>(this.#spatial.length > 0 ? IMAGE_STEPS : MATRIX_STEPS).call(this);
      if (!this.#opened) this.#layer();
      if (draw.chance(0.07) && this.#x !== 'x') heads.push(this.#x);
      if (branch === undefined && draw.chance(0.07) && this.#spatial.length === 0) {
        const trunk = { x: this.#x, channels: this.#channels };
        this.fullyConnected();
        branch = this.#x;
        this.#x = trunk.x;
        this.#channels = trunk.channels;
      }
    }
    const tail = draw.chance(0.15);
    if (tail) {
      const axis = { axis: { int: this.#last || this.#spatial.length === 0 ? this.#spatial.length + 1 : 1 } };
      const op = draw.pick(this.#spatial.length === 0 ? ['Softmax', 'Sigmoid', 'LogSoftmax', 'Tanh'] : ['Sigmoid']);
      this.#x = this.#to.node(op, [this.#x], op.endsWith('oftmax') ? axis : {});
    }
    const outputs = [...new Set([...heads, ...(branch === undefined ? [] : [branch]), this.#x])];
    return {
      bytes: this.#to.finish(
        [{ name: 'x', shape }],
        outputs.map((name) => ({ name })),
      ),
      input: { name: 'x', shape, amplitude: this.#amplitude },
      outputs,
      wellConditioned: !this.#oddities && !tail,
      tail,
    };
  }

  #dims(): number[] {
    return this.#last ? [...this.#spatial, this.#channels] : [this.#channels, ...this.#spatial];
  }

  #layer(): void {
    if (this.#spatial.length > 0) this.convolution();
    else this.fullyConnected();
  }

  #weights(dims: readonly number[], taps: number, channelAxis: number): string {
    const draw = this.#draw;
    const size = dims.reduce((a, b) => a * b, 1);
    const channels = dims[channelAxis] ?? 1;
    const inner = dims.slice(channelAxis + 1).reduce((a, b) => a * b, 1);
    const dead = this.#oddities && draw.chance(0.3) ? draw.below(channels + 1) : -1;
    const zero = dead === channels && draw.chance(0.3);
    const gain = this.#gain * 1.6 * Math.sqrt(1 / Math.max(1, taps));
    const values = Array.from({ length: size }, (_, i) =>
      zero || Math.floor(i / inner) % channels === dead ? 0 : draw.normal() * gain,
    );
    return this.#to.floats(dims, values);
  }

  #list(dims: readonly number[], draw: () => number): string {
    return this.#to.floats(dims, Array.from({ length: dims.reduce((a, b) => a * b, 1) }, draw));
  }

  #bias(channels: number): string {
    const size = this.#oddities ? this.#draw.pick([0.3, 0.3, 30, 1e4, 0]) : 0.3;
    return this.#list([channels], () => this.#draw.uniform(size));
  }

  /** Dims that broadcast one number a channel over the current tensor. */
  #perChannel(): number[] {
    if (this.#spatial.length === 0 || this.#last)
      return this.#draw.pick([[this.#channels], [1, ...this.#spatial.map(() => 1), this.#channels]]);
    return this.#draw.pick([
      [this.#channels, ...this.#spatial.map(() => 1)],
      [1, this.#channels, ...this.#spatial.map(() => 1)],
    ]);
  }

  /** Runs what knows channels-first data only, between Transposes where the data is channels-last. */
  #channelsFirst(work: (x: string) => string): void {
    const rank = this.#spatial.length;
    const around = this.#last && rank > 0;
    const from = around ? this.#to.transpose(this.#x, PERMUTATIONS.first[rank] ?? []) : this.#x;
    const result = work(from);
    this.#x = around ? this.#to.transpose(result, PERMUTATIONS.last[rank] ?? []) : result;
  }

  convolution(): void {
    const draw = this.#draw;
    const divisor = [2, 3].find((n) => this.#channels % n === 0) ?? 1;
    const group = draw.pick([1, 1, this.#channels, divisor]);
    const filters = group * draw.pick(group === 1 ? [1, 3, 4, 5, 8] : [1, 2]);
    if (filters > 24) return;
    const strides = this.#spatial.map(() => draw.pick([1, 1, 2]));
    const dilations = this.#spatial.map(() => draw.pick([1, 1, 1, 2]));
    const kernel = this.#spatial.map(() => draw.pick([1, 2, 3, 3, 5]));
    const mode = draw.pick(
      this.#last ? ['SAME_UPPER', 'VALID'] : ['NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'],
    );
    const same = mode.startsWith('SAME');
    if (same) dilations.fill(1);
    const begin = this.#spatial.map(() => (mode === 'NOTSET' ? draw.below(3) : 0));
    const end = this.#spatial.map((_, i) => (mode === 'NOTSET' && draw.chance(0.3) ? draw.below(2) : (begin[i] ?? 0)));
    const next = this.#spatial.map((size, i) => {
      const room = size + (begin[i] ?? 0) + (end[i] ?? 0);
      while (!same && ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1 > room) kernel[i] = (kernel[i] ?? 1) - 1;
      if (same) return Math.ceil(size / (strides[i] ?? 1));
      return Math.floor((room - ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) - 1) / (strides[i] ?? 1)) + 1;
    });
    const inner = this.#channels / group;
    const taps = inner * kernel.reduce((a, b) => a * b, 1);
    const biased = draw.chance(0.5);
    this.#channelsFirst((x) => {
      const inputs = [x, this.#weights([filters, inner, ...kernel], taps, 0), ...(biased ? [this.#bias(filters)] : [])];
      return this.#to.node('Conv', inputs, {
        ...(draw.chance(0.8) && { kernel_shape: { ints: kernel } }),
        ...(strides.some((n) => n > 1) && { strides: { ints: strides } }),
        ...(dilations.some((n) => n > 1) && { dilations: { ints: dilations } }),
        ...(group > 1 && { group: { int: group } }),
        ...(mode === 'NOTSET' ? { pads: { ints: [...begin, ...end] } } : { auto_pad: { string: mode } }),
      });
    });
    this.#channels = filters;
    this.#spatial = next;
    this.#opened = true;
    if (!biased && this.#exporter !== 'pytorch') this.addition();
    if (this.#exporter === 'caffe2' || draw.chance(0.3)) this.normalisation();
    if (draw.chance(0.6)) this.activation();
  }

  fullyConnected(): void {
    const draw = this.#draw;
    if (this.#channels > 600) return;
    const outputs = draw.pick([1, 2, 5, 8]);
    if (this.#exporter === 'cntk') {
      const rows = [2, 3].find((n) => this.#channels % n === 0) ?? 1;
      const stored = this.#weights([rows, this.#channels / rows, outputs], this.#channels, 2);
      this.#x = this.#to.node('MatMul', [this.#x, this.#to.reshape(stored, [this.#channels, outputs])]);
      this.#x = this.#to.node('Add', [this.#x, this.#bias(outputs)]);
    } else if (this.#last || draw.chance(0.3)) {
      this.#x = this.#to.node('MatMul', [this.#x, this.#weights([this.#channels, outputs], this.#channels, 1)]);
      if (draw.chance(0.7))
        this.#x = this.#to.node(
          'Add',
          draw.chance(0.5) ? [this.#x, this.#bias(outputs)] : [this.#bias(outputs), this.#x],
        );
    } else {
      const transposed = draw.chance(0.7);
      const w = transposed
        ? this.#weights([outputs, this.#channels], this.#channels, 0)
        : this.#weights([this.#channels, outputs], this.#channels, 1);
      this.#x = this.#to.node('Gemm', [this.#x, w, this.#bias(outputs)], {
        ...(transposed && { transB: { int: 1 } }),
        ...(draw.chance(0.2) && { alpha: { float: 0.5 }, beta: { float: 2 } }),
      });
    }
    this.#channels = outputs;
    this.#opened = true;
    if (draw.chance(0.15)) this.normalisation();
    if (draw.chance(0.6)) this.activation();
  }

  normalisation(): void {
    const draw = this.#draw;
    if (this.#last && draw.chance(0.5)) return this.scaling();
    const { oddities } = { oddities: this.#oddities };
    const factor = (): number => (oddities && draw.chance(0.2) ? draw.pick([0, -0.7, 1e-8]) : 0.6 + draw.uniform(0.4));
    const parts = [
      this.#list([this.#channels], factor),
      this.#list([this.#channels], () => draw.uniform(0.4)),
      this.#list([this.#channels], () => draw.uniform(0.3)),
      this.#list([this.#channels], () => (oddities && draw.chance(0.1) ? 0 : 0.8 + draw.uniform(0.5))),
    ];
    this.#channelsFirst((x) =>
      this.#to.node('BatchNormalization', [x, ...parts], { epsilon: { float: draw.pick([1e-5, 1e-3]) } }),
    );
  }

  scaling(): void {
    const factor = this.#list(this.#perChannel(), () => 0.8 + this.#draw.uniform(0.5));
    this.#x = this.#to.node('Mul', [this.#x, factor]);
    this.addition();
  }

  addition(): void {
    this.#x = this.#to.node('Add', [this.#x, this.#list(this.#perChannel(), () => this.#draw.uniform(0.3))]);
  }

  activation(): void {
    const to = this.#to;
    const bound = this.#draw.pick([6, 1, 0.5, 20]);
    const x = this.#x;
    this.#x = this.#draw.pick([
      () => to.node('Relu', [x]),
      () => to.node('Relu', [x]),
      () => to.node('Relu', [x]),
      () => to.clip(x, 0, 6),
      () => to.clip(x, 0, bound),
      () => to.clip(x, -bound, bound),
      // Max and Min broadcast from opset 8 on.
      () => (to.opset < 8 ? to.node('Relu', [x]) : to.node('Max', [x, to.floats([], [0])])),
      () =>
        to.opset < 8
          ? to.clip(x, 0, bound)
          : to.node('Min', [to.node('Max', [x, to.floats([], [0])]), to.floats([], [bound])]),
    ])();
  }

  pooling(): void {
    const draw = this.#draw;
    const average = draw.chance(0.4);
    const kernel = this.#spatial.map((size) => Math.min(size, draw.pick([1, 2, 2, 3])));
    const strides = kernel.map((size) => draw.pick([1, 2, size]));
    const pads = kernel.map((size) => (draw.chance(0.25) ? Math.min(1, size - 1) : 0));
    const ceil = this.#to.opset >= 10 && draw.chance(0.15);
    const next = this.#spatial.map((size, i) => {
      const steps = (size + 2 * (pads[i] ?? 0) - (kernel[i] ?? 1)) / (strides[i] ?? 1);
      // A window that would start in the padding behind the data is left out.
      if (!ceil) return Math.floor(steps) + 1;
      const count = Math.ceil(steps) + 1;
      return (count - 1) * (strides[i] ?? 1) >= size + (pads[i] ?? 0) ? count - 1 : count;
    });
    this.#channelsFirst((x) =>
      this.#to.node(average ? 'AveragePool' : 'MaxPool', [x], {
        kernel_shape: { ints: kernel },
        strides: { ints: strides },
        pads: { ints: [...pads, ...pads] },
        ...(average && draw.chance(0.6) && { count_include_pad: { int: 1 } }),
        ...(ceil && { ceil_mode: { int: 1 } }),
      }),
    );
    this.#spatial = next;
  }

  padding(): void {
    const amounts = this.#spatial.map(() => [this.#draw.below(2), this.#draw.below(2)] as const);
    const axes = (side: 0 | 1): number[] => {
      const spatial = amounts.map((pair) => pair[side]);
      return this.#last ? [0, ...spatial, 0] : [0, 0, ...spatial];
    };
    this.#x = this.#to.pad(this.#x, [...axes(0), ...axes(1)]);
    this.#spatial = this.#spatial.map((size, i) => size + (amounts[i]?.[0] ?? 0) + (amounts[i]?.[1] ?? 0));
    this.convolution();
  }

  idle(): void {
    this.#x = this.#draw.chance(0.5) ? this.#to.dropout(this.#x) : this.#to.node('Identity', [this.#x]);
  }

  globalPooling(): void {
    const to = this.#to;
    const rank = this.#spatial.length;
    const axes = this.#spatial.map((_, i) => (this.#last ? i + 1 : i + 2));
    const negative = axes.map((axis) => axis - rank - 2);
    const keepdims = this.#draw.chance(0.5) ? 1 : 0;
    if (!this.#last && this.#draw.chance(0.6)) {
      this.#x = to.node(this.#draw.pick(['GlobalAveragePool', 'GlobalAveragePool', 'GlobalMaxPool']), [this.#x]);
    } else {
      this.#x = to.reduceMean(this.#x, this.#draw.pick([axes, negative]), keepdims);
      if (keepdims === 0) {
        this.#spatial = [];
        return;
      }
    }
    this.#spatial = this.#spatial.map(() => 1);
    if (this.#draw.chance(0.7)) {
      this.#x = this.#draw.chance(0.5) ? to.axes('Squeeze', this.#x, axes) : this.#flat(this.#x, this.#channels);
      this.#spatial = [];
    }
  }

  flattening(): void {
    const features = this.#dims().reduce((a, b) => a * b, 1);
    this.#x = this.#flat(this.#x, features);
    this.#channels = features;
    this.#spatial = [];
    this.fullyConnected();
  }

  #flat(x: string, features: number): string {
    const to = this.#to;
    return this.#draw.pick([
      () => to.node('Flatten', [x]),
      () => to.node('Flatten', [x], { axis: { int: 1 } }),
      () => to.reshape(x, [-1, features]),
      () => to.reshape(x, [0, -1]),
      () => {
        const size = to.node('Gather', [to.node('Shape', [x]), to.int64(0)], { axis: { int: 0 } });
        const shape = to.node('Concat', [to.axes('Unsqueeze', size, [0]), to.int64s([-1])], { axis: { int: 0 } });
        return to.node('Reshape', [x, shape]);
      },
    ])();
  }
}

const { prototype } = RandomNetwork;
const IMAGE_STEPS: readonly Step[] = [
  prototype.convolution,
  prototype.convolution,
  prototype.convolution,
  prototype.normalisation,
  prototype.pooling,
  prototype.padding,
  prototype.idle,
  prototype.globalPooling,
  prototype.flattening,
];
const MATRIX_STEPS: readonly Step[] = [
  prototype.fullyConnected,
  prototype.fullyConnected,
  prototype.normalisation,
  prototype.idle,
];
