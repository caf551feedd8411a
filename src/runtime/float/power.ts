import { isInteger } from '../../ir/dtype.js';
import type { Kernel } from '../kernel.js';
import { power } from './binary-loops.js';
import { broadcastRows, mapRows, runRows } from './broadcast.js';
import { bigIntsOf, floatBuffer, floatsOf, storeBigInts, storeFloats, toBigInts } from './floats.js';
import { planned } from './plan.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';

/** The low 64 bits of base^exponent; a negative exponent gives the fraction 1 / base^|exponent| without its decimals. */
function integerPower(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) return base === 1n || (base === -1n && exponent % 2n === 0n) ? 1n : base === -1n ? -1n : 0n;
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

const plan = planned((node, inputs) => {
  const [dims] = resolveDims(specOf('Pow'), node, inputs);
  return { dims: dims!, rows: broadcastRows(dims!, [present(inputs, 0).dims, present(inputs, 1).dims]) };
});

/** Pow: exact modulo 2^bits for an integer base and exponent, else in float64 and converted once to the type of the base. */
export const powKernel: Kernel = (node, inputs, arena) => {
  const base = present(inputs, 0);
  const exponent = present(inputs, 1);
  const { dims, rows } = plan(node, inputs);
  const result = newResult(node, arena, dims);
  if (rows === undefined) return [result];
  if (isInteger(base.dtype) && isInteger(exponent.dtype)) {
    const wide = bigIntsOf(result) ?? new BigInt64Array(result.size);
    mapRows(integerPower, rows, toBigInts(base), toBigInts(exponent), (at, value) => (wide[at] = value));
    storeBigInts(result, wide);
  } else {
    const values = floatBuffer(result);
    runRows(power, rows, floatsOf(base), floatsOf(exponent), values);
    storeFloats(result, values);
  }
  return [result];
};
