import type { Attributes } from '../../ir/attributes.js';
import type { Kernel } from '../kernel.js';
import { ACTIVATIONS } from './activations.js';
import { bigIntsOf, floatBuffer, floatsOf, storeFloats, type FloatArray } from './floats.js';
import { MATH_FUNCTIONS } from './math-functions.js';
import { present } from './resolve.js';
import { newResult } from './results.js';

/** Maps all of `x` to `y`; `p` and `q` are parameters of the function, 0 when it has none. */
export type UnaryLoop = (x: FloatArray, y: FloatArray, p: number, q: number) => void;

export interface UnaryDefinition {
  readonly loop: UnaryLoop;
  /** The function on 64-bit integers, where the operator accepts them; results wrap. */
  readonly big?: (value: bigint) => bigint;
  /** At most two parameters of the loop. */
  readonly parameters?: (attrs: Attributes) => readonly number[];
}

function unaryKernel({ loop, big, parameters }: UnaryDefinition): Kernel {
  return (node, inputs, arena) => {
    const x = present(inputs, 0);
    const result = newResult(node, arena, x.dims);
    const wide = bigIntsOf(x);
    if (wide !== undefined && big !== undefined) {
      const target = bigIntsOf(result)!;
      for (let i = 0; i < wide.length; i++) target[i] = big(wide[i]!);
      return [result];
    }
    const [p = 0, q = 0] = parameters?.(node.attrs) ?? [];
    const values = floatBuffer(result);
    loop(floatsOf(x), values, p, q);
    storeFloats(result, values);
    return [result];
  };
}

/** Kernels of the operators that map each element of their only input. */
export const UNARY_KERNELS: readonly (readonly [string, Kernel])[] = [...ACTIVATIONS, ...MATH_FUNCTIONS].map(
  ([name, definition]) => [name, unaryKernel(definition)],
);
