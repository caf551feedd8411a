import { uniformSource } from '../../src/ir/random.js';
import {
  floats,
  int64s,
  modelBytes,
  type AttributeSpec,
  type NodeSpec,
  type TensorSpec,
  type ValueSpec,
} from './onnx-builder.js';

/** Draws of one random model, the same for the same seed everywhere. */
export class Draw {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = uniformSource(seed);
  }

  below(n: number): number {
    return Math.floor(((this.#next() + 1) / 2) * n);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick from');
    return item;
  }

  chance(share: number): boolean {
    return (this.#next() + 1) / 2 < share;
  }

  /** In [-size, size). */
  uniform(size: number): number {
    return this.#next() * size;
  }

  /** About normal, deviation 1. */
  normal(): number {
    return this.#next() + this.#next() + this.#next();
  }
}

type Attributes = Readonly<Record<string, AttributeSpec>>;

export interface DraftOptions {
  readonly opset: number;
  /** Leaves node names out, as some exporters do. */
  readonly unnamed: boolean;
  /** Lists initializers among the inputs too, as files of IR 3 had to. */
  readonly initializersAsInputs: boolean;
  /** Some constants are Constant nodes. */
  readonly constantNodes: boolean;
  readonly tensorName: (op: string, count: number) => string;
}

/** Collects nodes and constants of an ONNX file; attributes and inputs are spelt as its opset spells them. */
export class ModelDraft {
  readonly opset: number;
  readonly #options: DraftOptions;
  readonly #draw: Draw;
  readonly #nodes: NodeSpec[] = [];
  readonly #initializers: TensorSpec[] = [];
  #count = 0;

  constructor(draw: Draw, options: DraftOptions) {
    this.#draw = draw;
    this.#options = options;
    this.opset = options.opset;
  }

  node(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.#options.tensorName(op, this.#count++);
    const name = this.#options.unnamed ? {} : { name: `${op}_${this.#count}` };
    this.#nodes.push({ op, inputs, outputs: [output], attributes, ...name });
    return output;
  }

  floats(dims: readonly number[], values: readonly number[]): string {
    const name = `w${this.#count++}`;
    const tensor = floats(name, dims, values);
    if (this.#options.constantNodes && this.#draw.chance(0.5)) return this.node('Constant', [], { value: { tensor } });
    this.#initializers.push(tensor);
    return name;
  }

  int64s(values: readonly number[]): string {
    const name = `i${this.#count++}`;
    const tensor = int64s(name, values);
    if (this.#draw.chance(0.5)) return this.node('Constant', [], { value: { tensor } });
    this.#initializers.push(tensor);
    return name;
  }

  int64(value: number): string {
    const name = `i${this.#count++}`;
    this.#initializers.push({ ...int64s(name, [value]), dims: [] });
    return name;
  }

  clip(x: string, min: number, max: number): string {
    if (this.opset < 11) return this.node('Clip', [x], { min: { float: min }, max: { float: max } });
    return this.node('Clip', [x, this.floats([], [min]), this.floats([], [max])]);
  }

  pad(x: string, pads: readonly number[], value = 0): string {
    if (this.opset < 11) return this.node('Pad', [x], { pads: { ints: pads }, value: { float: value } });
    const inputs = [x, this.int64s(pads)];
    return this.node('Pad', value === 0 && this.#draw.chance(0.5) ? inputs : [...inputs, this.floats([], [value])]);
  }

  axes(op: 'Squeeze' | 'Unsqueeze', x: string, axes: readonly number[]): string {
    return this.opset < 13 ? this.node(op, [x], { axes: { ints: axes } }) : this.node(op, [x, this.int64s(axes)]);
  }

  reduceMean(x: string, axes: readonly number[], keepdims: number): string {
    return this.opset < 18
      ? this.node('ReduceMean', [x], { axes: { ints: axes }, keepdims: { int: keepdims } })
      : this.node('ReduceMean', [x, this.int64s(axes)], { keepdims: { int: keepdims } });
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.node('Reshape', [x, this.int64s(shape)]);
  }

  transpose(x: string, perm: readonly number[]): string {
    return this.node('Transpose', [x], { perm: { ints: perm } });
  }

  dropout(x: string): string {
    return this.opset < 12 ? this.node('Dropout', [x], { ratio: { float: 0.4 } }) : this.node('Dropout', [x]);
  }

  finish(inputs: readonly ValueSpec[], outputs: readonly ValueSpec[]): Uint8Array {
    const constants = this.#initializers.map(({ name = '', type = 1, dims }): ValueSpec => ({
      name,
      type,
      shape: dims.map(Number),
    }));
    return modelBytes({
      opset: this.opset,
      irVersion: this.#options.initializersAsInputs ? 3 : this.opset > 20 ? 10 : 7,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#options.initializersAsInputs ? [...inputs, ...constants] : inputs,
      outputs,
    });
  }
}
