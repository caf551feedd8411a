import { isFloat, type DType } from '../../ir/dtype.js';
import type { GraphEditor } from '../../ir/editor.js';
import { isConstant, opName, type Node, type Value } from '../../ir/graph.js';
import { isMover } from '../split/movers.js';
import { gridAt, type RealTensor } from './real-tensors.js';
import type { IntegerPort } from './stripped-model.js';
import { gridRange, type TrainedGrid } from './trained-grid.js';

/** The real numbers that tensors of integers stand for, while a graph is brought back to them. */
export class RealValues {
  /** Inputs of the model that were integers. */
  readonly inputs: Map<string, IntegerPort>;
  /** Values that are not below 0 because the quantisation at the model's boundary makes them so. */
  readonly nonNegative: Set<Value>;
  readonly #editor: GraphEditor;
  readonly #inputGrid: (input: Value, grid: TrainedGrid) => void;
  readonly #reals = new Map<Value, RealTensor>();
  /** Nodes that read integer inputs of the model, before these became real numbers. */
  readonly #inputReaders = new Set<Node>();

  /** @param inputGrid told of the grid of each input that becomes real numbers */
  constructor(editor: GraphEditor, inputGrid: (input: Value, grid: TrainedGrid) => void) {
    this.inputs = new Map();
    this.nonNegative = new Set();
    this.#editor = editor;
    this.#inputGrid = inputGrid;
  }

  set(integers: Value, real: RealTensor): void {
    this.#reals.set(integers, real);
  }

  /** What a tensor of integers is known to stand for. */
  known(value: Value): RealTensor | undefined {
    return this.#reals.get(value);
  }

  /** What a tensor of integers stands for; an input of the model becomes real numbers when first asked for. */
  of(value: Value): RealTensor | undefined {
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
    this.#inputGrid(value, grid);
    if (gridRange(grid).min >= 0) this.nonNegative.add(value);
    return real;
  }

  /** What the first operand of a node that is integers stands for; undefined where none is. */
  operandOf(node: Node): RealTensor | undefined {
    const integers = node.inputs.find((input) => input !== undefined && this.#readsIntegers(node, input));
    return integers && this.#reals.get(integers);
  }

  /** Whether a node reads a tensor as integers: an input that has become real numbers is read as them by others. */
  #readsIntegers(node: Node, input: Value): boolean {
    return this.#reals.has(input) && (input.producer !== undefined || this.#inputReaders.has(node));
  }

  /** Leaves the label of integers, which is returned, to the real numbers that they stand for. */
  giveUpLabel(value: Value): string {
    const { name } = value;
    this.#editor.rename(value, `${name}/integers`);
    return name;
  }
}

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
