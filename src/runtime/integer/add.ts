import { add as addOperator, activationType } from '../../ir/ops/quantised/operators.js';
import { broadcastRows } from '../float/broadcast.js';
import { numbersOf } from '../float/buffers.js';
import { planned } from '../float/plan.js';
import { resolveDims } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';

const planDims = planned((node, inputs) => resolveDims(addOperator, node, inputs)[0]!);

/** `q.Add`: sums of two 16-bit integers are exact in doubles. */
export const add: Kernel = (node, inputs, arena) => {
  const dims = planDims(node, inputs);
  const lo = node.attrs.int('lo');
  const hi = node.attrs.int('hi');
  const result = arena.tensor(activationType(lo, hi), dims);
  const [a, b] = inputs;
  const rows = broadcastRows(dims, [a!.dims, b!.dims]);
  if (rows === undefined) return [result];
  const left = numbersOf(a!);
  const right = numbersOf(b!);
  const into = numbersOf(result);
  const { length, walk } = rows;
  const [aStep, bStep] = rows.steps as readonly [number, number];
  let at = 0;
  do {
    const aStart = walk.offsets[0]!;
    const bStart = walk.offsets[1]!;
    for (let i = 0; i < length; i++) {
      const sum = left[aStart + i * aStep]! + right[bStart + i * bStep]!;
      into[at++] = sum < lo ? lo : sum > hi ? hi : sum;
    }
  } while (walk.next());
  return [result];
};
