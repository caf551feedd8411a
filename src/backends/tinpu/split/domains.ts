import { isConstant, opName, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { cutDomains } from '../../split/cut-domains.js';
import { inputAffineOf } from '../arithmetic/input-constants.js';
import { integerForm } from './integer-form.js';
import { LAYOUT_OPERATORS } from '../../split/layout-operators.js';

/** Which nodes compute on integers; all others compute on real numbers, on the CPU. */
export interface Domains {
  readonly integer: ReadonlySet<Node>;
  /** BatchNormalizations on a graph input, which become part of its quantisation (T2). */
  readonly inputAffines: ReadonlySet<Node>;
}

/**
 * Splits a canonical graph into integers and islands of float (T20) with as few boundaries as possible: tensors that are
 * quantised or dequantised. Layers are integers, operators without an integer form are float; all others, which exist in
 * both, go where a minimum cut puts them, in doubt to the integers, except for a Clip that is no part of a layer. Graph
 * inputs are float; outputs as `output` says.
 */
export function assignDomains(graph: Graph, output: 'int' | 'float'): Domains {
  const integer = cutDomains(graph, {
    formOf: (node) => {
      const { kind } = integerForm(node);
      if (kind === 'layer' || kind === 'pool') return 'integer';
      if (kind === 'float') return 'float';
      return kind === 'clip' && !belongsToLayer(graph, node) ? 'rather-float' : 'rather-integer';
    },
    integerOutputs: output === 'int',
  });
  return {
    integer,
    inputAffines: new Set(graph.nodes.filter((node) => isInputAffine(graph, node))),
  };
}

/** Whether a Clip bounds what a layer, a pool or an addition computes for it alone, whose requantisation it becomes. */
function belongsToLayer(graph: Graph, clip: Node): boolean {
  const [source] = clip.inputs;
  if (source?.producer === undefined || soleUser(graph, source) !== clip) return false;
  const { kind } = integerForm(source.producer);
  return kind === 'layer' || kind === 'pool' || kind === 'add';
}

/** Layouts between the input and its BatchNormalization do not matter: the input sequence moves to the boundary. */
function isInputAffine(graph: Graph, node: Node): boolean {
  const [source, ...parameters] = node.inputs;
  if (opName(node) !== 'BatchNormalization' || source === undefined) return false;
  if (!graph.inputs.includes(rawInput(source))) return false;
  if (!parameters.every((value) => value !== undefined && isConstant(value))) return false;
  const { factor, center, offset } = inputAffineOf(node);
  return [...factor, ...center, ...offset].every(Number.isFinite);
}

/** The tensor a value is a mere rearrangement of. */
export function rawInput(value: Value): Value {
  let origin = value;
  while (origin.producer !== undefined && LAYOUT_OPERATORS.has(origin.producer.op)) {
    const [source] = origin.producer.inputs;
    if (source === undefined) break;
    origin = source;
  }
  return origin;
}
