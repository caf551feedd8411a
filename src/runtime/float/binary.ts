import type { Attributes } from '../../ir/attributes.js';
import { isInteger } from '../../ir/dtype.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import * as loops from './binary-loops.js';
import { broadcastRows, mapRows, runRows, type Rows } from './broadcast.js';
import { bigIntsOf, floatBuffer, floatsOf, storeFloats } from './floats.js';
import { planned } from './plan.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';

/** What a binary operator computes; operators whose result is boolean have `test` in place of `big`. */
interface BinaryDefinition {
  readonly loop: loops.BinaryLoop;
  /** For integers of at most 32 bits, where `loop` would round. */
  readonly integers?: loops.BinaryLoop;
  /** On 64-bit integers, where the operator accepts them; results wrap. */
  readonly big?: (a: bigint, b: bigint) => bigint;
  readonly test?: (a: bigint, b: bigint) => boolean;
}

function combine(definition: BinaryDefinition, rows: Rows, a: Tensor, b: Tensor, result: Tensor): void {
  const { loop, integers = loop, big, test } = definition;
  const wideA = bigIntsOf(a);
  const wideB = bigIntsOf(b);
  if (wideA === undefined || wideB === undefined) {
    const values = floatBuffer(result);
    runRows(isInteger(a.dtype) ? integers : loop, rows, floatsOf(a), floatsOf(b), values);
    storeFloats(result, values);
  } else if (test === undefined) {
    const wide = bigIntsOf(result)!;
    mapRows(big!, rows, wideA, wideB, (at, value) => (wide[at] = value));
  } else {
    const truths = numberData(result)!;
    mapRows(test, rows, wideA, wideB, (at, value) => (truths[at] = +value));
  }
}

/** Two operands broadcast against each other. */
function binaryKernel(name: string, define: (attrs: Attributes) => BinaryDefinition): Kernel {
  const spec = specOf(name);
  const plan = planned((node, inputs) => {
    const [dims] = resolveDims(spec, node, inputs);
    return { dims: dims!, rows: broadcastRows(dims!, [present(inputs, 0).dims, present(inputs, 1).dims]) };
  });
  return (node, inputs, arena) => {
    const { dims, rows } = plan(node, inputs);
    const result = newResult(node, arena, dims);
    if (rows !== undefined) combine(define(node.attrs), rows, present(inputs, 0), present(inputs, 1), result);
    return [result];
  };
}

/** One or more operands combined from the left; with `mean` divided by their number in the end. */
function variadicKernel(name: string, definition: BinaryDefinition, mean = false): Kernel {
  const spec = specOf(name);
  const plan = planned((node, inputs) => {
    const [dims] = resolveDims(spec, node, inputs);
    const steps = inputs.slice(1).map((_, i) => {
      const left = i === 0 ? present(inputs, 0).dims : dims!;
      return broadcastRows(dims!, [left, present(inputs, i + 1).dims]);
    });
    return { dims: dims!, steps };
  });
  return (node, inputs, arena) => {
    const first = present(inputs, 0);
    if (inputs.length === 1) return [first.reshape(first.dims)];
    const { dims, steps } = plan(node, inputs);
    const result = newResult(node, arena, dims);
    for (const [i, rows] of steps.entries()) {
      if (rows !== undefined) combine(definition, rows, i === 0 ? first : result, present(inputs, i + 1), result);
    }
    if (mean) {
      const values = floatsOf(result);
      for (let i = 0; i < values.length; i++) values[i]! /= inputs.length;
      storeFloats(result, values);
    }
    return [result];
  };
}

/** Quotient and remainder of integers, where division by zero gives 0. */
const quotient = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a / b);
const remainder = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : a % b);

function modulo(a: bigint, b: bigint): bigint {
  const rest = remainder(a, b);
  return rest * b < 0n ? rest + b : rest;
}

const C_REMAINDER: BinaryDefinition = { loop: loops.remainder, big: remainder };
const PYTHON_MODULO: BinaryDefinition = { loop: loops.modulo, big: modulo };
const LEFT: BinaryDefinition = { loop: loops.shiftLeft, big: (a, b) => (b < 64n ? a << b : 0n) };
const RIGHT: BinaryDefinition = { loop: loops.shiftRight, big: (a, b) => (b < 64n ? a >> b : 0n) };

const FIXED: readonly (readonly [string, BinaryDefinition])[] = [
  ['Add', { loop: loops.add, big: (a, b) => a + b }],
  ['Sub', { loop: loops.subtract, big: (a, b) => a - b }],
  ['Mul', { loop: loops.multiply, integers: loops.multiplyIntegers, big: (a, b) => a * b }],
  ['Div', { loop: loops.divide, big: quotient }],
  ['PRelu', { loop: loops.leak, integers: loops.leakIntegers, big: (x, slope) => (x < 0n ? x * slope : x) }],
  ['And', { loop: loops.bitAnd }],
  ['Or', { loop: loops.bitOr }],
  ['Xor', { loop: loops.bitXor }],
  ['BitwiseAnd', { loop: loops.bitAnd, big: (a, b) => a & b }],
  ['BitwiseOr', { loop: loops.bitOr, big: (a, b) => a | b }],
  ['BitwiseXor', { loop: loops.bitXor, big: (a, b) => a ^ b }],
  ['Equal', { loop: loops.equal, test: (a, b) => a === b }],
  ['Greater', { loop: loops.greater, test: (a, b) => a > b }],
  ['GreaterOrEqual', { loop: loops.greaterOrEqual, test: (a, b) => a >= b }],
  ['Less', { loop: loops.less, test: (a, b) => a < b }],
  ['LessOrEqual', { loop: loops.lessOrEqual, test: (a, b) => a <= b }],
];

const MIN: BinaryDefinition = { loop: loops.smaller, big: (a, b) => (a < b ? a : b) };
const MAX: BinaryDefinition = { loop: loops.larger, big: (a, b) => (a > b ? a : b) };
const SUM: BinaryDefinition = { loop: loops.add };

/** Kernels of the operators whose operands broadcast against each other. */
export const BINARY_KERNELS: readonly (readonly [string, Kernel])[] = [
  ...FIXED.map(([name, definition]): [string, Kernel] => [name, binaryKernel(name, () => definition)]),
  ['Mod', binaryKernel('Mod', (attrs) => (attrs.int('fmod', 0) === 1 ? C_REMAINDER : PYTHON_MODULO))],
  ['BitShift', binaryKernel('BitShift', (attrs) => (attrs.string('direction') === 'LEFT' ? LEFT : RIGHT))],
  ['Min', variadicKernel('Min', MIN)],
  ['Max', variadicKernel('Max', MAX)],
  ['Sum', variadicKernel('Sum', SUM)],
  ['Mean', variadicKernel('Mean', SUM, true)],
];
