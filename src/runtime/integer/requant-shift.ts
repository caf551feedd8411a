import type { Node } from '../../ir/graph.js';
import { activationType } from '../../ir/ops/quantised/operators.js';
import { sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../float/buffers.js';
import { ExecutionFault, type Kernel } from '../kernel.js';
import { places } from './input-norm.js';

/** Integers below this are exact in a double, and so is what a power of two leaves of them, rounded down. */
const EXACT = 2 ** 53;

/**
 * `q.RequantShift`: in doubles where the magnitudes show that nothing is rounded, else in integers of any size.
 * @throws ExecutionFault when a float32 operand holds something else than integers
 */
export const requantShift: Kernel = (node, inputs, arena) => {
  const [x, multiplier, addend] = inputs;
  const [lo, hi, shift] = [node.attrs.int('lo'), node.attrs.int('hi'), node.attrs.int('shift')];
  const result = arena.tensor(x!.dtype === 'float32' ? 'float32' : activationType(lo, hi), x!.dims);
  const from = numbersOf(x!);
  const into = numbersOf(result);
  const factors = integersOf(multiplier!, node, 'multiplier');
  const addends = integersOf(addend!, node, 'addend');
  const [factorAt, addendAt] = places(node, inputs);
  const sample = sizeOf(x!.dims.slice(1));
  const half = shift === 0 ? 0 : 2 ** (shift - 1);
  const unit = 2 ** -shift;
  for (let i = 0, at = 0; i < from.length; i++, at = at + 1 === sample ? 0 : at + 1) {
    const element = from[i]!;
    if (!Number.isInteger(element)) throw notInteger(element, node, 'input');
    const factor = factors.numbers[factorAt![at]!]!;
    const added = addends.numbers[addendAt![at]!]!;
    const product = element * factor;
    const value =
      Math.abs(product) + Math.abs(added) + half < EXACT
        ? Math.floor((product + added + half) * unit)
        : exactly(element, factors.exact[factorAt![at]!]!, addends.exact[addendAt![at]!]!, BigInt(shift));
    into[i] = value < lo ? lo : value > hi ? hi : value;
  }
  return [result];
};

function exactly(element: number, factor: bigint, added: bigint, shift: bigint): number {
  const half = shift === 0n ? 0n : 1n << (shift - 1n);
  return Number((BigInt(element) * factor + added + half) >> shift);
}

/** The elements exactly, and as the nearest doubles. */
interface Integers {
  readonly exact: readonly bigint[];
  readonly numbers: Float64Array;
}

function integersOf(tensor: Tensor, node: Node, what: string): Integers {
  const exact = Array.from(tensor.data as ArrayLike<number | bigint>, (element) => {
    if (typeof element === 'number' && !Number.isInteger(element)) throw notInteger(element, node, what);
    return BigInt(element);
  });
  return { exact, numbers: Float64Array.from(exact, Number) };
}

const notInteger = (element: number, { name }: Node, what: string): ExecutionFault =>
  new ExecutionFault(`the ${what} of RequantShift '${name}' holds ${element}, which is no integer`);
