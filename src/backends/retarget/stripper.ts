import { isFloat, type DType } from '../../ir/dtype.js';
import type { GraphEditor } from '../../ir/editor.js';
import { isConstant, isGraphOutput, opName, type Node, type Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import { rawInput } from '../tinpu/split/domains.js';
import { bringsElements, isMover } from '../split/movers.js';
import { isNonNegative } from './non-negative.js';
import {
  accumulatorGrid,
  addReal,
  constantAt,
  gridAt,
  numberConstant,
  StripFault,
  valueOnGrid,
  zeroPointAt,
  type RealTensor,
} from './real-tensors.js';
import {
  RESULT_GRID,
  stripIntegerProduct,
  stripQLinearConv,
  stripQLinearMatMul,
  type LayerContext,
} from './strip-layers.js';
import type { IntegerPort } from './stripped-model.js';
import {
  coveringGrid,
  gridRange,
  sameGrid,
  trainedWeights,
  type TrainedGrid,
  type TrainedWeights,
} from './trained-grid.js';

/** Operators that ask integers for no more than their order or their number. */
const ORDER_OPERATORS: ReadonlySet<string> = new Set(['Shape', 'Size', 'ArgMax', 'ArgMin']);

/** Operators that hand weights on to the layer that reads them. */
const WEIGHT_MOVERS: ReadonlySet<string> = new Set([
  'Transpose',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Cast',
]);

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Brings a graph back to real numbers, node by node in topological order. */
export class Stripper {
  /** How float tensors were quantised. */
  readonly grids: Map<Value, TrainedGrid>;
  readonly weights: Map<number, TrainedWeights>;
  readonly inputs: Map<string, IntegerPort>;
  readonly #editor: GraphEditor;
  readonly #reals = new Map<Value, RealTensor>();
  /** Nodes that read integer inputs of the model, before these became real numbers. */
  readonly #inputReaders = new Set<Node>();
  /** Integers behind a node that could not be visited. */
  readonly #lost = new Set<Value>();
  /** Values that are not below 0 because the quantisation at the model's boundary makes them so. */
  readonly #nonNegative = new Set<Value>();
  readonly #layers: LayerContext;

  constructor(editor: GraphEditor) {
    this.grids = new Map();
    this.weights = new Map();
    this.inputs = new Map();
    this.#editor = editor;
    this.#layers = {
      editor,
      realOf: (value) => this.#real(value),
      weights: (node, weights) => {
        this.#note(node, weights);
      },
    };
  }

  /** @returns why the node cannot be brought back to real numbers, if it cannot; nodes behind it are then passed over. */
  visit(node: Node): StripFault | undefined {
    if (node.inputs.some((input) => input !== undefined && this.#lost.has(input))) {
      this.#lose(node);
      return undefined;
    }
    try {
      this.#strip(node);
      return undefined;
    } catch (error) {
      if (!(error instanceof StripFault)) throw error;
      this.#lose(node);
      return error;
    }
  }

  /** Lets outputs that are integers deliver the real numbers instead. */
  realOutputs(): Map<string, IntegerPort> {
    const ports = new Map<string, IntegerPort>();
    for (const output of [...this.#editor.graph.outputs]) {
      const real = this.#reals.get(output.value);
      if (real === undefined) continue;
      ports.set(output.name, this.inputs.get(output.value.name) ?? { dtype: output.value.type.dtype, grid: real.grid });
      this.#editor.setOutput(output, real.value);
    }
    return ports;
  }

  #lose(node: Node): void {
    for (const output of node.outputs) this.#lost.add(output);
  }

  #strip(node: Node): void {
    const [source] = node.inputs;
    const [result] = node.outputs;
    if (source === undefined || result === undefined) return;
    switch (opName(node)) {
      case 'DynamicQuantizeLinear':
        throw new StripFault(
          'dynamic-quantisation',
          'DynamicQuantizeLinear chooses scales at run time, accepted: scales that are constants',
          'quantise the model statically, or give the float model and calibration data',
        );
      case 'QuantizeLinear':
        this.#quantise(node, result, source, gridAt(node, 1, result.type.dtype));
        return;
      case 'DequantizeLinear':
        this.#dequantise(node, source, result);
        return;
      case 'QLinearConv':
      case 'QLinearMatMul': {
        const label = this.#giveUpLabel(result);
        const real = (node.op === 'QLinearConv' ? stripQLinearConv : stripQLinearMatMul)(node, label, this.#layers);
        this.#quantise(node, result, real, gridAt(node, RESULT_GRID, result.type.dtype));
        return;
      }
      case 'ConvInteger':
      case 'MatMulInteger': {
        const label = this.#giveUpLabel(result);
        const { value, scale } = stripIntegerProduct(node, label, this.#layers);
        this.#reals.set(result, { value, grid: accumulatorGrid(scale), accumulator: true });
        return;
      }
      default:
        if (node.inputs.some((input) => input !== undefined && this.#readsIntegers(node, input)))
          this.#other(node, result);
        else if (isMover(node) || node.op === 'Identity') this.#moveInput(node, source);
    }
  }

  /** Whether a node reads a tensor as integers: an input that has become real numbers is read as them by others. */
  #readsIntegers(node: Node, input: Value): boolean {
    return this.#reals.has(input) && (input.producer !== undefined || this.#inputReaders.has(node));
  }

  /** An integer input that movers bring to what knows its scale. */
  #moveInput(node: Node, source: Value): void {
    const [result] = node.outputs;
    if (result !== undefined && !isFloat(source.type.dtype) && this.#real(source) !== undefined)
      this.#other(node, result);
  }

  #quantise(node: Node, result: Value, x: Value, grid: TrainedGrid): void {
    const value = this.#saturated(node, x, grid);
    const known = this.grids.get(value);
    this.grids.set(value, known === undefined || sameGrid(known, grid) ? grid : union(known, grid));
    this.#reals.set(result, { value, grid, accumulator: false });
  }

  /** The value, behind a Clip where the grid cuts off negative numbers that nothing else keeps away. */
  #saturated(node: Node, x: Value, grid: TrainedGrid): Value {
    const { min, max } = gridRange(grid);
    if (min !== 0) return x;
    if (rawInput(x).producer === undefined) {
      this.#nonNegative.add(x);
      return x;
    }
    if (isNonNegative(x, this.#nonNegative)) return x;
    const editor = this.#editor;
    const label = x.name;
    if (!isGraphOutput(editor.graph, x)) editor.rename(x, `${label}/unbounded`);
    const bounds = [numberConstant(editor, 0, `${label}/min`), numberConstant(editor, max, `${label}/max`)];
    return addReal(editor, node, 'Clip', [x, ...bounds], { label, like: x });
  }

  #dequantise(node: Node, source: Value, result: Value): void {
    if (isConstant(source)) {
      const weights = trainedWeights(source.constant, constantAt(node, 1, 'scale'), zeroPointAt(node, 2));
      for (const layer of layersBehind(result)) this.#note(layer, weights);
      return;
    }
    const real = this.#real(source);
    if (real === undefined) {
      throw new StripFault(
        'integer-operand',
        'DequantizeLinear reads integers that the model computes, accepted: what a QuantizeLinear or a layer of integers computes',
        'quantise the model statically, or give the float model',
      );
    }
    const grid = gridAt(node, 1, source.type.dtype);
    const value = valueOnGrid(this.#editor, node, real, grid.scale, grid.zeroPoint);
    if (value !== real.value && !real.accumulator) this.grids.set(value, grid);
    this.#editor.replaceAllUses(result, value);
  }

  /** An operator of which integers are an operand like real numbers are. */
  #other(node: Node, result: Value): void {
    const name = opName(node);
    const real = this.#realOperand(node);
    if (ORDER_OPERATORS.has(name)) this.#editor.setInput(node, 0, real.value);
    else if (name === 'Cast' && isFloat(result.type.dtype)) {
      this.#editor.replaceAllUses(result, valueOnGrid(this.#editor, node, real, 1, 0));
    } else if (name === 'Add' && real.accumulator) this.#addToSums(node, result, real);
    else if (!real.accumulator && (isMover(node) || name === 'Clip' || name === 'Identity')) this.#move(node, real);
    else {
      throw new StripFault(
        'integer-arithmetic',
        `${name} computes with quantised integers, accepted: layers, and operators that move integers`,
        'export the model with QuantizeLinear and DequantizeLinear around this operator, or give the float model',
      );
    }
  }

  #realOperand(node: Node): RealTensor {
    for (const input of node.inputs) {
      const real = input && this.#readsIntegers(node, input) ? this.#reals.get(input) : undefined;
      if (real !== undefined) return real;
    }
    throw new RangeError('the node reads no quantised integers');
  }

  #addToSums(node: Node, result: Value, { value, grid }: RealTensor): void {
    const addend = node.inputs.find((input) => input !== undefined && isConstant(input))?.constant;
    if (addend === undefined) {
      throw new StripFault(
        'integer-arithmetic',
        'Add of two sums of integers, accepted: a constant bias',
        'export the model with QuantizeLinear and DequantizeLinear around this operator, or give the float model',
      );
    }
    const label = this.#giveUpLabel(result);
    const real = this.#editor.constant(onGrid(addend, grid), `${label}/addend`);
    const sum = addReal(this.#editor, node, 'Add', [value, real], { label, like: result });
    this.#reals.set(result, { value: sum, grid, accumulator: true });
  }

  /** The same operator on real numbers; constants among the elements are brought to the grid of the others. */
  #move(node: Node, { grid }: RealTensor): void {
    const inputs = node.inputs.map((input, index) => {
      const carried = node.op === 'Clip' || node.op === 'Identity' || bringsElements(node.op, index);
      if (input === undefined || !carried) return input;
      if (isConstant(input)) return this.#editor.constant(onGrid(input.constant, grid), `${input.name}/real`);
      const real = this.#reals.get(input);
      if (real !== undefined && sameGrid(real.grid, grid)) return real.value;
      throw new StripFault(
        'integer-arithmetic',
        `${node.op} puts integers of different scales together, accepted: one scale`,
        'export the model with QuantizeLinear and DequantizeLinear around this operator, or give the float model',
      );
    });
    const labels = node.outputs.map((output) => (output.name === '' ? '' : this.#giveUpLabel(output)));
    const moved = this.#editor.addNode(
      {
        ...node,
        inputs,
        outputs: node.outputs.map(({ type }, i) => ({
          name: labels[i] ?? '',
          type: i === 0 ? { ...type, dtype: 'float32' } : type,
        })),
      },
      node,
    );
    for (const [i, output] of node.outputs.entries()) {
      const value = moved.outputs[i];
      if (value === undefined) continue;
      if (i === 0) this.#reals.set(output, { value, grid, accumulator: false });
      else this.#editor.replaceAllUses(output, value);
    }
  }

  /** What a tensor of integers stands for; an input of the model becomes real numbers when first asked for. */
  #real(value: Value): RealTensor | undefined {
    const known = this.#reals.get(value);
    if (known !== undefined || value.producer !== undefined || isConstant(value)) return known;
    if (isFloat(value.type.dtype) || !this.#editor.graph.inputs.includes(value)) return undefined;
    const grid = gridOfReader(value);
    if (grid === undefined) return undefined;
    const { dtype } = value.type;
    this.#editor.setType(value, { ...value.type, dtype: 'float32' });
    const real = { value, grid, accumulator: false };
    for (const { node } of value.uses) this.#inputReaders.add(node);
    this.#reals.set(value, real);
    this.inputs.set(value.name, { dtype, grid });
    this.grids.set(value, grid);
    if (gridRange(grid).min >= 0) this.#nonNegative.add(value);
    return real;
  }

  #note(layer: Node, weights: TrainedWeights): void {
    for (const { index } of layer.origins) this.weights.set(index, weights);
  }

  /** Leaves the label of integers, which is returned, to the real numbers that they stand for. */
  #giveUpLabel(value: Value): string {
    const { name } = value;
    this.#editor.rename(value, `${name}/integers`);
    return name;
  }
}

/** The grid that reaches as far as both of them. */
function union(a: TrainedGrid, b: TrainedGrid): TrainedGrid {
  const [own, other] = [gridRange(a), gridRange(b)];
  if (other.min >= own.min && other.max <= own.max) return a;
  if (own.min >= other.min && own.max <= other.max) return b;
  return coveringGrid({ min: Math.min(own.min, other.min), max: Math.max(own.max, other.max) }, a.lo, a.hi);
}

/** Constant integers as the real numbers that they are on a grid. */
const onGrid = (integers: Tensor, { scale, zeroPoint }: TrainedGrid): Tensor =>
  new Tensor(
    'float32',
    integers.dims,
    Float32Array.from(numberData(integers) ?? [], (q) => scale * (q - zeroPoint)),
  );

/** Scale and zero point with which the first reader behind movers reads an input. */
function gridOfReader(input: Value): TrainedGrid | undefined {
  const { dtype }: { dtype: DType } = input.type;
  const pending = [input];
  for (const value of pending) {
    for (const { node, index } of value.uses) {
      const name = opName(node);
      if (name === 'DequantizeLinear') return gridAt(node, 1, dtype);
      if (name === 'QLinearConv' || name === 'QLinearMatMul') return gridAt(node, index + 1, dtype);
      if (isMover(node) || name === 'Identity') pending.push(...node.outputs.slice(0, 1));
    }
  }
  return undefined;
}

/** The layers to which operators that only move elements bring a constant as their weights. */
function layersBehind(constant: Value): Node[] {
  const layers: Node[] = [];
  const pending = [constant];
  for (const value of pending) {
    for (const { node, index } of value.uses) {
      if (LAYERS.has(opName(node)) && index < 2) layers.push(node);
      else if (WEIGHT_MOVERS.has(opName(node))) pending.push(...node.outputs);
    }
  }
  return layers;
}
