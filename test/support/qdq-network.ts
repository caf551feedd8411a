import { integerRange, type DType } from '../../src/ir/dtype.js';
import { modelBytes, type AttributeSpec, type NodeSpec, type TensorSpec, type ValueSpec } from './onnx-builder.js';

/** How a tensor is quantised in a file. */
export interface GridSpec {
  readonly scale: number;
  readonly zeroPoint?: number;
  readonly type: QuantisedType;
}

export type QuantisedType = 'int8' | 'uint8' | 'int16' | 'int4' | 'uint4' | 'int32';

const CODES: Readonly<Record<QuantisedType, number>> = { uint8: 2, int8: 3, int16: 5, int32: 6, uint4: 21, int4: 22 };

export interface WeightSpec {
  readonly dims: readonly number[];
  readonly integers: readonly number[];
  readonly scales: readonly number[];
  readonly zeroPoints?: readonly number[];
  readonly type?: QuantisedType;
  readonly axis?: number;
}

/** Writes a quantised model node by node; every method returns the name of what it adds. */
export class QdqNetwork {
  readonly #nodes: NodeSpec[] = [];
  readonly #initializers: TensorSpec[] = [];
  readonly #inputs: ValueSpec[] = [];
  readonly #outputs: ValueSpec[] = [];

  input(name: string, shape: readonly (number | string)[], type: 'float' | 'int8' | 'uint8' = 'float'): string {
    this.#inputs.push({ name, shape, type: type === 'float' ? 1 : CODES[type] });
    return name;
  }

  output(name: string, shape: readonly (number | string)[], type: 'float' | 'int8' | 'uint8' = 'float'): void {
    this.#outputs.push({ name, shape, type: type === 'float' ? 1 : CODES[type] });
  }

  op(
    op: string,
    inputs: readonly string[],
    result: string,
    attributes: Readonly<Record<string, AttributeSpec>> = {},
    domain?: string,
  ): string {
    this.#nodes.push({ op, inputs, outputs: [result], name: `${result}:node`, attributes, ...(domain && { domain }) });
    return result;
  }

  floats(name: string, dims: readonly number[], values: readonly number[]): string {
    this.#initializers.push({ name, dims, raw: new Uint8Array(Float32Array.from(values).buffer) });
    return name;
  }

  integers(name: string, dims: readonly number[], values: readonly number[], type: QuantisedType): string {
    this.#initializers.push({ name, type: CODES[type], dims, raw: packed(values, type) });
    return name;
  }

  int64s(name: string, values: readonly number[]): string {
    const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.#initializers.push({ name, type: 7, dims: [values.length], raw });
    return name;
  }

  /** Scale and zero point as constants. */
  grid(label: string, { scale, zeroPoint = 0, type }: GridSpec): readonly [string, string] {
    return [this.floats(`${label}_scale`, [], [scale]), this.integers(`${label}_zero_point`, [], [zeroPoint], type)];
  }

  /** A pair of QuantizeLinear and DequantizeLinear behind a tensor. */
  qdq(x: string, grid: GridSpec): string {
    return this.dequantise(this.quantise(x, `${x}_q`, grid), `${x}_dq`, grid);
  }

  quantise(x: string, result: string, grid: GridSpec): string {
    return this.op('QuantizeLinear', [x, ...this.grid(result, grid)], result);
  }

  dequantise(x: string, result: string, grid: GridSpec): string {
    return this.op('DequantizeLinear', [x, ...this.grid(result, grid)], result);
  }

  /** Integers behind a DequantizeLinear. */
  weights(name: string, { dims, integers, scales, zeroPoints, type = 'int8', axis = 0 }: WeightSpec): string {
    const list = scales.length === 1 ? [] : [scales.length];
    const inputs = [
      this.integers(`${name}_q`, dims, integers, type),
      this.floats(`${name}_scale`, list, scales),
      this.integers(`${name}_zero_point`, list, zeroPoints ?? scales.map(() => 0), type),
    ];
    return this.op('DequantizeLinear', inputs, name, scales.length === 1 ? {} : { axis: { int: axis } });
  }

  bytes(opset = 13): Uint8Array {
    return modelBytes({
      opset,
      imports: [['com.microsoft', 1]],
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
  }
}

function packed(values: readonly number[], type: QuantisedType): Uint8Array {
  switch (type) {
    case 'int32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'int16':
      return new Uint8Array(Int16Array.from(values).buffer);
    case 'int4':
    case 'uint4':
      return Uint8Array.from({ length: Math.ceil(values.length / 2) }, (_, i) => {
        const [low = 0, high = 0] = [values[2 * i], values[2 * i + 1]];
        return (low & 15) | ((high & 15) << 4);
      });
    default:
      return Uint8Array.from(values, (value) => value & 255);
  }
}

/** Integers between the ends of a type, or narrower ones, from a source of uniform numbers in [-1, 1). */
export function randomIntegers(
  next: () => number,
  count: number,
  type: Exclude<QuantisedType, 'int32'> & DType,
  margin = 0,
): number[] {
  const { lo, hi } = integerRange(type);
  const [least, most] = [lo + margin, hi];
  return Array.from({ length: count }, () => least + Math.floor(((next() + 1) / 2) * (most - least + 1)));
}
