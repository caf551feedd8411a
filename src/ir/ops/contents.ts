import type { DType } from '../dtype.js';
import type { Dim } from '../shape.js';
import { boundedContents, integersOf, MAX_CONTENTS } from './facts.js';
import type { InputFacts } from './operator.js';

/** The integers (or truth values as 0 and 1) of an input, when there are few of them and JavaScript has rounded none. */
export function smallContents(facts: InputFacts): readonly Dim[] | undefined {
  const { constant } = facts;
  if (facts.contents === undefined && constant !== undefined) {
    if (constant.size > MAX_CONTENTS) return undefined;
    if (constant.dtype === 'bool') return constant.toNumbers();
  }
  const known = boundedContents(integersOf(facts));
  return known?.every((dim) => typeof dim === 'string' || Number.isSafeInteger(dim)) === true ? known : undefined;
}

/**
 * Contents of an elementwise result of rank 0 or 1: `rule` over the elements of the operands, broadcast.
 * Undefined unless the contents of all operands are known and every element follows.
 */
export function combineContents(
  inputs: readonly InputFacts[],
  rule: (operands: readonly Dim[]) => Dim | undefined,
): readonly Dim[] | undefined {
  const operands: (readonly Dim[])[] = [];
  for (const facts of inputs) {
    const contents = facts.type.shape.length <= 1 ? smallContents(facts) : undefined;
    if (contents === undefined) return undefined;
    operands.push(contents);
  }
  const lengths = operands.map((contents) => contents.length);
  const length = lengths.find((n) => n !== 1) ?? 1;
  if (lengths.some((n) => n !== 1 && n !== length)) return undefined;
  const result: Dim[] = [];
  for (let i = 0; i < length; i++) {
    const element = rule(operands.map((contents) => contents[contents.length === 1 ? 0 : i] ?? 0));
    if (element === undefined) return undefined;
    result.push(element);
  }
  return result;
}

/** The element, unless the type would wrap it or JavaScript has rounded it; symbols are sizes and always fit. */
export function fits(dtype: DType, dim: Dim | undefined): Dim | undefined {
  if (typeof dim !== 'number') return dim;
  const limit = dtype === 'int64' ? Number.MAX_SAFE_INTEGER : dtype === 'int32' ? 2 ** 31 - 1 : -1;
  if (Math.abs(dim) > limit) return undefined;
  return dim === 0 ? 0 : dim;
}

export function addDims(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  return b === 0 ? a : undefined;
}

export function subtractDims(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === b) return 0;
  return b === 0 ? a : undefined;
}

export function multiplyDims(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (a === 0 || b === 0) return 0;
  if (a === 1) return b;
  return b === 1 ? a : undefined;
}

/** Division of integers, which truncates toward zero. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return b === 0 ? undefined : Math.trunc(a / b);
  return b === 1 ? a : undefined;
}

/** A symbol is a size, hence not below zero. */
export function largerDim(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
  if (a === b) return a;
  if (typeof a === 'number') return a <= 0 ? b : undefined;
  return typeof b === 'number' && b <= 0 ? a : undefined;
}

export function smallerDim(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') return Math.min(a, b);
  if (a === b) return a;
  if (typeof a === 'number') return a <= 0 ? a : undefined;
  return typeof b === 'number' && b <= 0 ? b : undefined;
}

/** 1 when surely equal, 0 when surely different. */
export function equalDims(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1;
  if (typeof a === 'number' && typeof b === 'number') return 0;
  const known = typeof a === 'number' ? a : typeof b === 'number' ? b : 0;
  return known < 0 ? 0 : undefined;
}
