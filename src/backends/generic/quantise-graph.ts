import { Attributes } from '../../ir/attributes.js';
import { cloneGraph } from '../../ir/clone.js';
import { InternalError } from '../../ir/diagnostics.js';
import { isFloat } from '../../ir/dtype.js';
import { GraphEditor } from '../../ir/editor.js';
import { isConstant, isGraphOutput, type ConstantValue, type Graph, type Node, type Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import type { Range } from '../../passes/calibration/observers/observer.js';
import { roundHalfEven } from '../../runtime/float/floats.js';
import type { Bits } from '../quantisation.js';
import { gridOf, saturatesAt, spanOf, topOf, type Grid } from './grids/grid.js';
import { genericForm } from './split/generic-form.js';
import type { GridGroup, Split } from './split/points.js';
import { quantiseLayer, type LayerConstants, type LayerInput } from './weights/quantise-layer.js';

/** A layer between quantised tensors. */
export interface QuantisedLayer {
  /** The layer, and that of the float graph. */
  readonly node: Node;
  readonly source: Node;
  /** The real numbers it reads, dequantised, and their scale. */
  readonly x: Value;
  readonly inputScale: number;
  /** Width of the weights. */
  readonly bits: Bits;
  readonly weights: ConstantValue;
  readonly weightScale: ConstantValue;
  /** Undefined for a MatMul, which takes none. */
  readonly bias: ConstantValue | undefined;
  readonly biasScale: ConstantValue | undefined;
}

/** A tensor of the float graph as integers. */
export interface QuantisedTensor {
  readonly source: Value;
  /** The result of QuantizeLinear. */
  readonly value: Value;
  readonly grid: Grid;
}

export interface QuantisedGraph {
  readonly graph: Graph;
  /** In topological order. */
  readonly layers: readonly QuantisedLayer[];
  readonly tensors: readonly QuantisedTensor[];
  /** Nodes that compute between quantised tensors. */
  readonly integer: ReadonlySet<Node>;
  /** Clips that are part of the quantisation behind them. */
  readonly clips: ReadonlySet<Node>;
}

export interface QuantiseOptions {
  readonly gridOf: (group: GridGroup) => Grid;
  /** What graph outputs deliver. */
  readonly output: 'int' | 'float';
  /** The integers of a layer; `quantiseLayer` when omitted. */
  readonly constantsOf?: ((input: LayerInput) => LayerConstants) | undefined;
}

/**
 * Puts QuantizeLinear and DequantizeLinear behind every quantised tensor of a float graph, and DequantizeLinear in front
 * of the constants of layers and arithmetic (spec 3.4). A Clip that saturation stands for is dropped. Integers of 4 and 2
 * bits are clipped in front of the quantisation, since ONNX Runtime 1.30 does not load every graph with activations in
 * UINT4. The integers take over the label of the tensor.
 */
export function quantiseGraph(
  float: Graph,
  split: Split,
  { gridOf: gridFor, output, constantsOf = quantiseLayer }: QuantiseOptions,
): QuantisedGraph {
  const { graph, values } = cloneGraph(float);
  const editor = new GraphEditor(graph);
  const copyOf = (node: Node): Node | undefined => node.outputs[0] && values.get(node.outputs[0])?.producer;
  const integer = new Set([...split.integer].flatMap((node) => copyOf(node) ?? []));
  const builder = new QuantisationBuilder(editor, integer, output === 'int');
  const bounds = new Map(split.points.flatMap(({ value, bounds: own }) => (own === undefined ? [] : [[value, own]])));
  const weightBits = new Map(split.points.flatMap(({ node, weightBits: bits }) => (node ? [[node, bits]] : [])));
  const points = new Set(split.points.map(({ value }) => value));
  const tensors: QuantisedTensor[] = [];
  const dequantised = new Map<Value, Grid>();
  for (const [source, group] of split.groupOf) {
    const own = values.get(source);
    if (own === undefined) continue;
    const grid = gridFor(group);
    const limits = bounds.get(source);
    const form = {
      withoutClip: limits !== undefined && saturatesAt(limits, grid),
      bounded: grid.bits < 8 && points.has(source),
    };
    const { quantised, real } = builder.quantise(own, grid, form);
    tensors.push({ source, value: quantised, grid });
    dequantised.set(real, grid);
  }
  const layers: QuantisedLayer[] = [];
  for (const source of split.integer) {
    const node = copyOf(source);
    const { kind } = genericForm(source);
    if (node === undefined) continue;
    if (kind === 'layer') {
      const [x] = node.inputs;
      const grid = x && dequantised.get(x);
      if (x === undefined || grid === undefined) continue;
      const bits = weightBits.get(source) ?? 8;
      const constants = constantsOf({ layer: source, bits, inputScale: grid.scale });
      layers.push({ ...builder.quantiseWeights(node, constants, bits), node, source, x, inputScale: grid.scale, bits });
    } else if (kind === 'arithmetic') builder.quantiseOperands(node);
  }
  const clips = new Set([...builder.clips, ...split.points.flatMap(({ clip }) => (clip && copyOf(clip)) ?? [])]);
  return { graph, layers, tensors, integer, clips };
}

/** Gives a layer other integers. */
export function setLayerConstants(
  editor: GraphEditor,
  { weights, weightScale, bias, biasScale }: QuantisedLayer,
  constants: LayerConstants,
): void {
  editor.setConstant(weights, new Tensor(weights.constant.dtype, weights.constant.dims, constants.weights));
  editor.setConstant(weightScale, Tensor.float32(weightScale.constant.dims, constants.weightScale));
  if (bias === undefined || biasScale === undefined) return;
  editor.setConstant(bias, new Tensor('int32', bias.constant.dims, constants.bias));
  editor.setConstant(biasScale, Tensor.float32(biasScale.constant.dims, constants.biasScale));
}

interface QuantisationForm {
  readonly withoutClip: boolean;
  readonly bounded: boolean;
}

class QuantisationBuilder {
  readonly #editor: GraphEditor;
  readonly #integer: ReadonlySet<Node>;
  readonly #integerOutputs: boolean;
  /** Scale and zero point of each grid. */
  readonly #parameters = new Map<Grid, readonly [scale: Value, zeroPoint: Value]>();
  /** Those that bring a tensor into the span of its grid. */
  readonly clips: Node[] = [];

  constructor(editor: GraphEditor, integer: ReadonlySet<Node>, integerOutputs: boolean) {
    this.#editor = editor;
    this.#integer = integer;
    this.#integerOutputs = integerOutputs;
  }

  /**
   * Every reader of a tensor computed between quantised ones reads it dequantised; a tensor computed in float is read so
   * by those between quantised ones, and as it is by the others.
   * @param withoutClip whether the Clip that computes the tensor is left out in front of the quantisation
   * @param bounded whether a Clip brings the tensor into the span of the grid
   */
  quantise(
    value: Value,
    grid: Grid,
    { withoutClip, bounded }: QuantisationForm,
  ): { readonly quantised: Value; readonly real: Value } {
    const { name, type, producer } = value;
    const editor = this.#editor;
    const before = firstReader(editor.graph, value);
    const [scale, zeroPoint] = this.#parametersOf(grid, name);
    const label = producer?.name ?? name;
    const origins = producer?.origins ?? [];
    if (producer !== undefined) editor.rename(value, `${name}/float`);
    const add = (
      op: string,
      inputs: readonly (Value | undefined)[],
      result: string,
      dtype: Value['type']['dtype'],
    ): Value => {
      const node = editor.addNode(
        { op, name: label, inputs, origins, outputs: [{ name: result, type: { dtype, shape: type.shape } }] },
        before,
      );
      return resultOf(node);
    };
    const readers = [...value.uses];
    const source = withoutClip ? (producer?.inputs[0] ?? value) : value;
    const inSpan = bounded ? add('Clip', [source, ...this.#span(grid, name)], `${name}/bounded`, 'float32') : source;
    if (bounded && inSpan.producer !== undefined) this.clips.push(inSpan.producer);
    const own = producer === undefined ? `${name}/quantized` : name;
    const quantised = add('QuantizeLinear', [inSpan, scale, zeroPoint], own, 'uint8');
    const real = add('DequantizeLinear', [quantised, scale, zeroPoint], `${name}/dequantized`, 'float32');
    const computedInFloat = producer === undefined || !this.#integer.has(producer);
    for (const { node, index } of readers) {
      if (!computedInFloat || this.#integer.has(node)) editor.setInput(node, index, real);
    }
    for (const output of [...editor.graph.outputs]) {
      if (output.value !== value || producer === undefined) continue;
      if (this.#integerOutputs) editor.setOutput(output, quantised);
      else if (!computedInFloat) editor.setOutput(output, real);
    }
    const idle = value.uses.size === 0 && !isGraphOutput(editor.graph, value);
    if (withoutClip && producer !== undefined && idle) editor.remove(producer);
    return { quantised, real };
  }

  /** Weights and bias of a layer as integers behind a dequantisation; a layer without a bias gets one, if it takes any. */
  quantiseWeights(
    node: Node,
    { axis, weights, weightScale, bias, biasScale }: LayerConstants,
    bits: Bits,
  ): Pick<QuantisedLayer, 'weights' | 'weightScale' | 'bias' | 'biasScale'> {
    const editor = this.#editor;
    const [, weight, offset] = node.inputs;
    const dims = weight?.constant?.dims ?? [];
    const store = bits === 8 ? 'int8' : 'int4';
    const name = weight?.name ?? 'weight';
    const biasName = offset?.name ?? `${node.outputs[0]?.name ?? name}/bias`;
    const integers = constantOf(editor, new Tensor(store, dims, weights), `${name}/quantized`);
    const scales = constantOf(editor, Tensor.float32([weightScale.length], weightScale), `${name}/scale`);
    const zeros = editor.constant(Tensor.zeros(store, [weightScale.length]), `${name}/zero_point`);
    const real = this.#dequantise(node, [integers, scales, zeros], `${name}/dequantized`, axis);
    editor.setInput(node, 1, real);
    if (node.op === 'MatMul') return { weights: integers, weightScale: scales, bias: undefined, biasScale: undefined };
    const channels = [biasScale.length];
    const offsets = constantOf(editor, new Tensor('int32', channels, bias), `${biasName}/quantized`);
    const units = constantOf(editor, Tensor.float32(channels, biasScale), `${biasName}/scale`);
    const none = editor.constant(Tensor.zeros('int32', channels), `${biasName}/zero_point`);
    const realBias = this.#dequantise(node, [offsets, units, none], `${biasName}/dequantized`, 0);
    editor.setInput(node, 2, realBias);
    return { weights: integers, weightScale: scales, bias: offsets, biasScale: units };
  }

  /** Constant operands of arithmetic, each on a grid of its own. */
  quantiseOperands(node: Node): void {
    for (const [index, input] of node.inputs.entries()) {
      if (input === undefined || !isConstant(input) || !isFloat(input.type.dtype)) continue;
      const data = numberData(input.constant) ?? [];
      const grid = gridOf(rangeOf(data), 8);
      const integers = Uint8Array.from(data, (x) =>
        Math.max(0, Math.min(topOf(grid), roundHalfEven(x / grid.scale) + grid.zeroPoint)),
      );
      const quantised = this.#editor.constant(
        new Tensor('uint8', input.constant.dims, integers),
        `${input.name}/quantized`,
      );
      const [scale, zeroPoint] = this.#parametersOf(grid, input.name);
      const real = this.#dequantise(node, [quantised, scale, zeroPoint], `${input.name}/dequantized`, undefined);
      this.#editor.setInput(node, index, real);
    }
  }

  #dequantise(reader: Node, inputs: readonly Value[], name: string, axis: number | undefined): Value {
    const shape = inputs[0]?.type.shape ?? [];
    const node = this.#editor.addNode(
      {
        op: 'DequantizeLinear',
        name,
        inputs,
        attrs: axis === undefined ? Attributes.none : Attributes.of({ axis }),
        outputs: [{ name, type: { dtype: 'float32', shape } }],
      },
      reader,
    );
    return resultOf(node);
  }

  #parametersOf(grid: Grid, name: string): readonly [Value, Value] {
    const known = this.#parameters.get(grid);
    if (known !== undefined) return known;
    const made = [
      this.#editor.constant(Tensor.float32([], [grid.scale]), `${name}/scale`),
      this.#editor.constant(new Tensor('uint8', [], Uint8Array.of(grid.zeroPoint)), `${name}/zero_point`),
    ] as const;
    this.#parameters.set(grid, made);
    return made;
  }

  #span(grid: Grid, name: string): readonly [Value, Value] {
    const { lo, hi } = spanOf(grid);
    return [
      this.#editor.constant(Tensor.float32([], [lo]), `${name}/min`),
      this.#editor.constant(Tensor.float32([], [hi]), `${name}/max`),
    ];
  }
}

function rangeOf(data: ArrayLike<number>): Range {
  let min = 0;
  let max = 0;
  for (const x of Array.from(data)) {
    min = Math.min(min, x);
    max = Math.max(max, x);
  }
  return { min, max };
}

const constantOf = (editor: GraphEditor, tensor: Tensor, name: string): ConstantValue =>
  editor.constant(tensor, name) as ConstantValue;

/** The first node in order that reads the value; undefined when only the graph's outputs do. */
function firstReader(graph: Graph, value: Value): Node | undefined {
  const readers = new Set([...value.uses].map(({ node }) => node));
  return graph.nodes.find((node) => readers.has(node));
}

function resultOf({ op, outputs: [result] }: Node): Value {
  if (result === undefined) throw new InternalError(`${op} was added without a result`);
  return result;
}
