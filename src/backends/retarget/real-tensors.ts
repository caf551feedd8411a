import { Attributes } from '../../ir/attributes.js';
import { integerRange, isFloat, type DType } from '../../ir/dtype.js';
import type { GraphEditor } from '../../ir/editor.js';
import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { gridOf, type TrainedGrid } from './trained-grid.js';

/** A quantised tensor as real numbers: its integers are value / scale + zeroPoint. */
export interface RealTensor {
  readonly value: Value;
  readonly grid: TrainedGrid;
  /** Sums of 32 bits, which no grid bounds. */
  readonly accumulator: boolean;
}

/** Why a node keeps a graph from being brought back to real numbers. */
export class StripFault extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** A float32 scalar. */
export const numberConstant = (editor: GraphEditor, number: number, label: string): Value =>
  editor.constant(Tensor.float32([], [number]), label);

/** Adds a node in front of `before` that stands for the same source nodes and computes one tensor like `shape`. */
export function addReal(
  editor: GraphEditor,
  before: Node,
  op: string,
  inputs: readonly (Value | undefined)[],
  { label, like, attrs = Attributes.none }: { label: string; like: Value; attrs?: Attributes },
): Value {
  const [result] = editor.addNode(
    {
      op,
      name: before.name,
      inputs,
      attrs,
      origins: before.origins,
      outputs: [
        {
          name: label,
          type: { dtype: isFloat(like.type.dtype) ? like.type.dtype : 'float32', shape: like.type.shape },
        },
      ],
    },
    before,
  ).outputs;
  if (result === undefined) throw new RangeError('a node has a result');
  return result;
}

/**
 * The grid of scale and zero point at inputs `at` and `at + 1`.
 * @throws StripFault unless they are constants, scales are positive and the grid is one of integers
 */
export function gridAt(node: Node, at: number, dtype: DType): TrainedGrid {
  if (isFloat(dtype)) {
    throw new StripFault(
      'quantised-floats',
      `${node.op} stands for real numbers as ${dtype}, accepted: integers of 2 to 16 bits`,
      'quantise the model to integers, or give the float model and calibration data',
    );
  }
  const grid = gridOf(dtype, constantAt(node, at, 'scale'), zeroPointAt(node, at + 1));
  if (grid !== undefined) return grid;
  throw new StripFault(
    'quantisation-scale',
    `a scale of ${node.op} is 0, negative or no number, accepted: positive numbers`,
    'export the model again; these scales mean nothing',
  );
}

export const zeroPointAt = (node: Node, index: number): Tensor | undefined =>
  node.inputs[index] === undefined ? undefined : constantAt(node, index, 'zero point');

/** @throws StripFault unless the input is a constant */
export function constantAt(node: Node, index: number, what: string): Tensor {
  const value = node.inputs[index];
  if (value !== undefined && isConstant(value)) return value.constant;
  throw new StripFault(
    'computed-quantisation',
    `the ${what} of ${node.op} is computed at run time, accepted: constants`,
    'quantise the model statically, or give the float model',
  );
}

/** The numbers that a tensor's integers stand for under another scale and zero point; the same value under the same ones. */
export function valueOnGrid(
  editor: GraphEditor,
  node: Node,
  { value, grid }: RealTensor,
  scale: number,
  zeroPoint: number,
): Value {
  let result = value;
  const label = node.outputs[0]?.name ?? node.name;
  const factor = scale / grid.scale;
  if (factor !== 1) {
    result = addReal(editor, node, 'Mul', [result, numberConstant(editor, factor, `${label}/factor`)], {
      label: `${label}/rescaled`,
      like: value,
    });
  }
  if (zeroPoint !== grid.zeroPoint) {
    const shift = numberConstant(editor, scale * (grid.zeroPoint - zeroPoint), `${label}/shift`);
    result = addReal(editor, node, 'Add', [result, shift], { label: `${label}/shifted`, like: value });
  }
  return result;
}

/** Sums of products as they are: integers of 32 bits. */
export const accumulatorGrid = (scale: number): TrainedGrid => ({ scale, zeroPoint: 0, ...integerRange('int32') });
