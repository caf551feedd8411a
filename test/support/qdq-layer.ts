import { Attributes } from '../../src/ir/attributes.js';
import { integerRange, type DType } from '../../src/ir/dtype.js';
import { GraphEditor } from '../../src/ir/editor.js';
import type { Graph, Value } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { sizeOf, stridesOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import { runGraph } from './random-runs.js';
import type { AttributeInputs } from './run-operator.js';

/** An operand of a layer: integers behind a DequantizeLinear. */
export interface QdqOperand {
  readonly integers: Tensor;
  /** One, or one for each place on `axis`. */
  readonly scales: readonly number[];
  readonly zeros: readonly number[];
  readonly axis?: number;
  readonly constant: boolean;
}

/** A single float operator between DequantizeLinear and QuantizeLinear. */
export interface QdqLayer {
  readonly op: string;
  readonly attrs: AttributeInputs;
  readonly operands: readonly QdqOperand[];
  /** Inputs behind the operands that stay as they are, such as axes. */
  readonly others?: readonly Tensor[];
  /** A Relu, or a Clip to these bounds, before the quantisation. */
  readonly tail?: 'Relu' | readonly [lo: number, hi: number] | undefined;
  readonly result: { readonly dtype: DType; readonly scale: number; readonly zero: number };
  /** Products or summands of one result. */
  readonly depth: number;
}

class Builder {
  readonly editor = GraphEditor.create('layer');

  add(op: string, inputs: readonly Value[], attrs: AttributeInputs = {}): Value {
    const spec = OPERATORS.get(op);
    const attributes = Attributes.of(attrs);
    const call = { op, attrs: attributes, inputs, outputCount: 1, freshDim: () => '?' };
    const [facts] = spec?.infer(call) ?? [];
    if (facts === undefined) throw new Error(`${op} has no result`);
    const name = `layer/${this.editor.graph.nodes.length}/${op}`;
    const node = { op, inputs, attrs: attributes, outputs: [{ name, type: facts.type }] };
    const [value] = this.editor.addNode(node).outputs;
    if (value === undefined) throw new Error(`${op} has no result`);
    return value;
  }
}

const integersOf = (dtype: DType, values: readonly number[], dims: readonly number[] = [values.length]): Tensor => {
  const tensor = Tensor.zeros(dtype, dims);
  for (const [i, value] of values.entries()) tensor.data[i] = value;
  return tensor;
};

/** The layer as a QDQ graph on integers; its inputs are x0, x1, … for the operands that are not constant. */
export function qdqGraph({ op, attrs, operands, others = [], tail, result }: QdqLayer): Graph {
  const builder = new Builder();
  const { editor } = builder;
  const reals = operands.map(({ integers, scales, zeros, axis, constant }, i) => {
    const { dtype, dims } = integers;
    const value = constant ? editor.constant(integers, `c${i}`) : editor.addInput(`x${i}`, { dtype, shape: dims });
    const shape = axis === undefined ? [] : [scales.length];
    const inputs = [value, editor.constant(Tensor.float32(shape, scales), `s${i}`)];
    if (dtype !== 'int32') inputs.push(editor.constant(integersOf(dtype, zeros, shape), `z${i}`));
    return builder.add('DequantizeLinear', inputs, axis === undefined ? {} : { axis });
  });
  let real = builder.add(op, [...reals, ...others.map((tensor) => editor.constant(tensor, 'other'))], attrs);
  if (tail === 'Relu') real = builder.add('Relu', [real]);
  else if (tail !== undefined) {
    const bounds = tail.map((bound) => editor.constant(Tensor.float32([], [bound]), 'bound'));
    real = builder.add('Clip', [real, ...bounds]);
  }
  const scale = editor.constant(Tensor.float32([], [result.scale]), 'scale');
  const zero = editor.constant(integersOf(result.dtype, [result.zero], []), 'zero');
  editor.addOutput('y', builder.add('QuantizeLinear', [real, scale, zero]));
  return editor.graph;
}

export const feedsOf = ({ operands }: QdqLayer): Map<string, Tensor> =>
  new Map(operands.flatMap(({ integers, constant }, i) => (constant ? [] : [[`x${i}`, integers] as const])));

/** Runs the operator itself in float64 on given real numbers. */
function inFloat64({ op, attrs, operands, others = [] }: QdqLayer, reals: readonly Float64Array[]): readonly number[] {
  const builder = new Builder();
  const { editor } = builder;
  const inputs = operands.map(({ integers: { dims } }, i) =>
    editor.constant(new Tensor('float64', dims, reals[i] ?? new Float64Array(sizeOf(dims))), `r${i}`),
  );
  editor.addOutput(
    'y',
    builder.add(op, [...inputs, ...others.map((tensor) => editor.constant(tensor, 'other'))], attrs),
  );
  return runGraph(editor.graph, new Map(FLOAT_KERNELS), new Map()).get('y')?.toNumbers() ?? [];
}

function realsOf(
  { integers, scales, zeros, axis = 0 }: QdqOperand,
  f: (x: number, zero: number) => number,
): Float64Array {
  const stride = stridesOf(integers.dims)[axis] ?? 1;
  return Float64Array.from(integers.toNumbers(), (x, i) => {
    const place = scales.length === 1 ? 0 : Math.floor(i / stride) % scales.length;
    return f(x, zeros[place] ?? zeros[0] ?? 0) * (scales[place] ?? 1);
  });
}

/** The real results in units of the quantised result, and how far float32 arithmetic in any order may be from them. */
export interface RealResult {
  readonly values: readonly number[];
  readonly slack: readonly number[];
}

/**
 * What a layer computes, in float64. Each of the at most `depth` + 8 roundings of float32 on the way to a quotient is
 * at most 2^-24 of the sum of the magnitudes that are added, zero points counted as numbers of their own, which some
 * kernels of ONNX Runtime take apart.
 */
export function realResult(layer: QdqLayer): RealResult {
  const { operands, result, depth } = layer;
  const values = inFloat64(
    layer,
    operands.map((operand) => realsOf(operand, (x, zero) => x - zero)),
  );
  const magnitudes = inFloat64(
    { ...layer, op: layer.op === 'Sub' ? 'Add' : layer.op },
    operands.map((operand) => realsOf(operand, (x, zero) => Math.abs(x) + Math.abs(zero))),
  );
  return {
    values: values.map((value) => value / result.scale),
    slack: magnitudes.map((sum, i) => {
      return ((depth + 8) * 2 ** -24 * Math.max(Math.abs(sum), Math.abs(values[i] ?? 0))) / result.scale;
    }),
  };
}

/** Whether a number lies within `slack` of a half. */
export const isTie = (value: number, slack: number): boolean => Math.abs(value - Math.floor(value) - 0.5) <= slack;

/** What the integers of a type can be, as random elements want it. */
export const rangeOf = (dtype: DType): readonly [lo: number, hi: number] => {
  const { lo, hi } = integerRange(dtype);
  return [lo, hi];
};
