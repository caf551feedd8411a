import type { Operator } from './operator.js';

/** Operators by qualified name, as `opName` writes it. */
export type OperatorTable = ReadonlyMap<string, Operator>;

/** @throws Error when two operators bear the same name, which is a mistake of the table. */
export function operatorTable(...families: readonly (readonly Operator[])[]): OperatorTable {
  const table = new Map<string, Operator>();
  for (const spec of families.flat()) {
    const key = spec.domain === '' ? spec.name : `${spec.domain}.${spec.name}`;
    if (table.has(key)) throw new Error(`operator ${key} is declared twice`);
    table.set(key, spec);
  }
  return table;
}
