import type { Node, Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/dtype.js';
import { decline, type Builder, type Decline, type ResultOptions } from '../../../passes/rule.js';
import { bringsElements, isMover } from '../../split/movers.js';
import { scalar } from './quantisation-target.js';

/** Why a mover cannot take integers; undefined when it can. */
export function moverObstacle(mover: Node): Decline | undefined {
  if (!isMover(mover)) return decline(`${mover.op} interpolates`, mover);
  if (mover.outputs.length > 1) return decline(`${mover.op} returns more than one result`, mover);
  return undefined;
}

/**
 * The mover on integers.
 * @param integersOf what stands for the elements that an input brings
 * @param zero what stands for 0.0, with which a Pad without value pads
 */
export function moveIntegers(
  mover: Node,
  to: Builder,
  dtype: DType,
  zero: number,
  integersOf: (value: Value) => Value,
  result: ResultOptions,
): Value {
  const inputs = mover.inputs.map((input, index) =>
    input !== undefined && bringsElements(mover.op, index) ? integersOf(input) : input,
  );
  if (mover.op === 'Pad' && inputs[2] === undefined && mover.attrs.string('mode', 'constant') === 'constant') {
    while (inputs.length < 3) inputs.push(undefined);
    inputs[2] = to.constant(scalar(dtype, zero), 'padding');
  }
  return to.op(mover.op, inputs, mover.attrs, result);
}
