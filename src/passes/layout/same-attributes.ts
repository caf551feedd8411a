import type { Attribute, Attributes } from '../../ir/attributes.js';
import { tensorsEqual } from '../../ir/tensor.js';

/** Whether two nodes bear the same attributes, in whatever order. */
export const sameAttributes = (a: Attributes, b: Attributes): boolean =>
  a.size === b.size && [...a].every(([name, attribute]) => sameAttribute(attribute, b.get(name)));

function sameAttribute(a: Attribute, b: Attribute | undefined): boolean {
  if (a.kind === 'tensor') return b?.kind === 'tensor' && tensorsEqual(a.value, b.value);
  if (a.kind !== b?.kind) return false;
  if (!Array.isArray(a.value) || !Array.isArray(b.value)) return Object.is(a.value, b.value);
  const other: readonly unknown[] = b.value;
  return a.value.length === other.length && a.value.every((item, i) => Object.is(item, other[i]));
}
