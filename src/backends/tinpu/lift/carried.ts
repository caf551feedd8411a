import { isInteger, bitsOf } from '../../../ir/dtype.js';
import type { Node, Value } from '../../../ir/graph.js';
import { codeOfDType } from '../../../ir/onnx/data-type.js';
import { any, isMismatch, op, type Pattern } from '../../../passes/pattern.js';
import type { Builder } from '../../../passes/rule.js';
import { isMover, movedTensors } from '../../split/movers.js';

const FLOAT32 = codeOfDType('float32');

const cast = op('Cast', [any('x')], { as: 'cast' });

/**
 * Integers as the float operators around them see them: what is lifted ends in a Cast to float32, and what follows is
 * recognised by that Cast. A Cast of the model itself carries integers when a graph input brought them; one that belongs
 * to arithmetic in float does not.
 */
export const carried: Pattern<{ readonly x: Value; readonly cast: Node }> = {
  match: (value, graph, before) => {
    const match = cast.match(value, graph, before);
    if (isMismatch(match) || (value !== undefined && integersBehind(value) !== undefined)) return match;
    const reason = 'the tensor holds no integers of the quantised dialect';
    return { reason, node: value?.producer, depth: match.nodes.length };
  },
};

/** Shows integers to the float operators behind them. They should be the heir of the label the tensor has in the file. */
export const carry = (to: Builder, integers: Value): Value =>
  to.op('Cast', [integers], { to: FLOAT32 }, { part: 'float', bare: true });

/** The integers behind a carrying Cast; undefined for a float tensor. */
export function integersBehind({ producer }: Value): Value | undefined {
  return producer !== undefined && isCarrying(producer) ? producer.inputs[0] : undefined;
}

function isCarrying({ op: name, domain, attrs, origins, inputs: [source] }: Node): boolean {
  if (name !== 'Cast' || domain !== '' || source === undefined || attrs.int('to') !== FLOAT32) return false;
  if (!isInteger(source.type.dtype) || bitsOf(source.type.dtype) > 32) return false;
  return origins.length === 0 || isGiven(source);
}

/** Whether a value is a graph input, or that rearranged. */
function isGiven(value: Value): boolean {
  let tensor = value;
  while (tensor.producer !== undefined && isMover(tensor.producer)) {
    const [source, other] = movedTensors(tensor.producer);
    if (source === undefined || other !== undefined) return false;
    tensor = source;
  }
  return tensor.producer === undefined && tensor.constant === undefined;
}
