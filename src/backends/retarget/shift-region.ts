import { isGraphOutput, opName, type Graph, type Node, type Use, type Value } from '../../ir/graph.js';
import { windowAttributes } from '../../ir/ops/window.js';
import { dataInputs } from '../split/data-inputs.js';
import { rawInput } from '../tinpu/split/domains.js';
import { integerForm } from '../tinpu/split/integer-form.js';

/** Tensors of a canonical float graph that can only be shifted together, and what a shift of them folds into. */
export interface ShiftRegion {
  /** In the order in which they were found. */
  readonly values: readonly Value[];
  /** Layers that read them, each as its data. */
  readonly readers: readonly Node[];
  /** What else reads them, in float. */
  readonly floatUses: readonly Use[];
}

/** Why tensors cannot be shifted, to follow "because". */
export interface ShiftObstacle {
  readonly obstacle: string;
}

/**
 * The tensors that operators which commute with a shift tie to one of them: movers, and pools whose every result is a mean
 * over as many elements. A shift of them folds into the biases of the layers in front and behind where every result behind
 * is a sum over all weights of its channel, which one at a padded border is not. Float operators undo it.
 * @param realOutputs whether outputs of the graph are real numbers, which are shifted back; integers cannot be
 */
export function shiftRegion(graph: Graph, start: Value, realOutputs: boolean): ShiftRegion | ShiftObstacle {
  const values = [start];
  const seen = new Set(values);
  const join = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    values.push(value);
  };
  const readers = new Set<Node>();
  const floatUses: Use[] = [];
  for (const value of values) {
    if (isGraphOutput(graph, value) && !realOutputs) return { obstacle: `'${value.name}' is an output of the model` };
    const { producer } = value;
    if (producer !== undefined && commutes(producer)) dataInputs(producer).forEach(join);
    else if (!isSource(graph, value)) return { obstacle: `${nameOf(producer)} has no bias` };
    for (const use of value.uses) {
      const { node, index } = use;
      const { kind } = integerForm(node);
      if (kind === 'float') floatUses.push(use);
      else if (commutes(node)) node.outputs.forEach(join);
      else if (kind !== 'layer' || index !== 0) return { obstacle: `${nameOf(node)} has no bias` };
      else if (!seesAllWeights(node)) return { obstacle: `${nameOf(node)} pads with 0` };
      else readers.add(node);
    }
  }
  const isRead = readers.size > 0 || values.some((value) => isGraphOutput(graph, value));
  return isRead ? { values, readers: [...readers], floatUses } : { obstacle: 'float operators alone read it' };
}

const nameOf = (node: Node | undefined): string =>
  node === undefined ? 'the input' : `${opName(node)} '${node.name}'`;

/** Most channels of an input that get a shift each, as those of an input sequence do. */
const MOST_CHANNELS = 1024;

/** Whether a BatchNormalization is a part of the input sequence. */
const isInputAffine = (graph: Graph, { inputs: [x] }: Node): boolean =>
  x !== undefined && graph.inputs.includes(rawInput(x));

/** Whether something in front of a tensor can be given the shift: the input sequence, a bias, or float arithmetic. */
function isSource(graph: Graph, { producer, type: { shape } }: Value): boolean {
  if (producer === undefined) return typeof shape[1] === 'number' && shape[1] <= MOST_CHANNELS;
  if (shiftsBias(graph, producer)) return true;
  return integerForm(producer).kind === 'float';
}

/** Whether input 2 of a node is a constant, or could be one, that is added to every result. */
export function shiftsBias(graph: Graph, node: Node): boolean {
  if (opName(node) !== 'BatchNormalization') return integerForm(node).kind === 'layer';
  return isInputAffine(graph, node) && node.inputs[2]?.constant !== undefined;
}

/** Whether a node's result is shifted by what its operands are shifted by. */
export function commutes(node: Node): boolean {
  const { kind } = integerForm(node);
  if (kind === 'mover') return opName(node) !== 'Pad';
  return kind === 'pool' && (opName(node) === 'GlobalAveragePool' || isUnpadded(node, 2));
}

function seesAllWeights(layer: Node): boolean {
  if (opName(layer) === 'Gemm') return true;
  const kernel = layer.inputs[1]?.constant?.dims.slice(2) ?? [];
  if (!isUnpadded(layer, kernel.length)) return false;
  if (opName(layer) === 'Conv') return true;
  const { strides } = windowAttributes(layer, kernel.length);
  return [...kernel, ...strides].every((size) => size === 1) && !layer.attrs.has('output_padding');
}

function isUnpadded(node: Node, rank: number): boolean {
  const { padsBegin, padsEnd, autoPad, ceilMode } = windowAttributes(node, rank);
  return !autoPad.startsWith('SAME') && !ceilMode && [...padsBegin, ...padsEnd].every((pad) => pad === 0);
}
