import { isFloat } from '../../ir/dtype.js';
import type { GraphEditor } from '../../ir/editor.js';
import { isConstant, opName, type Node, type Value } from '../../ir/graph.js';
import { isMover } from '../split/movers.js';
import { layersBehind } from './layers-behind.js';
import { accumulatorGrid, constantAt, gridAt, StripFault, valueOnGrid, zeroPointAt } from './real-tensors.js';
import { RealValues } from './real-values.js';
import { saturated } from './saturated.js';
import { stripIntegerOperator } from './strip-integer-operator.js';
import {
  RESULT_GRID,
  stripIntegerProduct,
  stripQLinearConv,
  stripQLinearMatMul,
  type LayerContext,
} from './strip-layers.js';
import type { IntegerPort } from './stripped-model.js';
import { sameGrid, trainedWeights, unionGrid, type TrainedGrid, type TrainedWeights } from './trained-grid.js';

/** Brings a graph back to real numbers, node by node in topological order. */
export class Stripper {
  /** How float tensors were quantised. */
  readonly grids: Map<Value, TrainedGrid>;
  readonly weights: Map<number, TrainedWeights>;
  readonly #editor: GraphEditor;
  readonly #reals: RealValues;
  /** Integers behind a node that could not be visited. */
  readonly #lost = new Set<Value>();
  readonly #layers: LayerContext;

  constructor(editor: GraphEditor) {
    this.grids = new Map();
    this.weights = new Map();
    this.#editor = editor;
    this.#reals = new RealValues(editor, (input, grid) => this.grids.set(input, grid));
    this.#layers = {
      editor,
      realOf: (value) => this.#reals.of(value),
      weights: (node, weights) => {
        this.#note(node, weights);
      },
    };
  }

  /** Inputs of the model that were integers, as far as visited nodes read them. */
  get inputs(): ReadonlyMap<string, IntegerPort> {
    return this.#reals.inputs;
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
      const real = this.#reals.known(output.value);
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
        const label = this.#reals.giveUpLabel(result);
        const real = (node.op === 'QLinearConv' ? stripQLinearConv : stripQLinearMatMul)(node, label, this.#layers);
        this.#quantise(node, result, real, gridAt(node, RESULT_GRID, result.type.dtype));
        return;
      }
      case 'ConvInteger':
      case 'MatMulInteger': {
        const label = this.#reals.giveUpLabel(result);
        const { value, scale } = stripIntegerProduct(node, label, this.#layers);
        this.#reals.set(result, { value, grid: accumulatorGrid(scale), accumulator: true });
        return;
      }
      default: {
        const real = this.#reals.operandOf(node) ?? this.#movedInput(node, source);
        if (real !== undefined) stripIntegerOperator(this.#editor, node, real, this.#reals);
      }
    }
  }

  /** What an integer input stands for that movers bring to what knows its scale. */
  #movedInput(node: Node, source: Value): ReturnType<RealValues['of']> {
    const moves = isMover(node) || node.op === 'Identity';
    return moves && !isFloat(source.type.dtype) ? this.#reals.of(source) : undefined;
  }

  #quantise(node: Node, result: Value, x: Value, grid: TrainedGrid): void {
    const value = saturated(this.#editor, node, x, grid, this.#reals.nonNegative);
    const known = this.grids.get(value);
    this.grids.set(value, known === undefined || sameGrid(known, grid) ? grid : unionGrid(known, grid));
    this.#reals.set(result, { value, grid, accumulator: false });
  }

  #dequantise(node: Node, source: Value, result: Value): void {
    if (isConstant(source)) {
      const weights = trainedWeights(source.constant, constantAt(node, 1, 'scale'), zeroPointAt(node, 2));
      for (const layer of layersBehind(result)) this.#note(layer, weights);
      return;
    }
    const real = this.#reals.of(source);
    if (real === undefined) {
      throw new StripFault(
        'integer-operand',
        'DequantizeLinear reads integers that the model computes, accepted: what a QuantizeLinear or a layer of integers computes',
        'quantise the model statically, or give the float model',
      );
    }
    // An input of the model has become real numbers by now.
    const { dtype } = (source.producer === undefined ? this.inputs.get(source.name) : undefined) ?? source.type;
    const grid = gridAt(node, 1, dtype);
    const value = valueOnGrid(this.#editor, node, real, grid.scale, grid.zeroPoint);
    if (value !== real.value && !real.accumulator) this.grids.set(value, grid);
    this.#editor.replaceAllUses(result, value);
  }

  #note(layer: Node, weights: TrainedWeights): void {
    for (const { index } of layer.origins) this.weights.set(index, weights);
  }
}
