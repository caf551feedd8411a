import { conventionalName } from '../../runtime/vectors/conventional-names.js';
import type { VectorArray, VectorSet } from '../../runtime/vectors/vector-set.js';
import { ModelNames, type NamedGraphs } from './model-names.js';

const NUMBER_BEHIND = /[._-]?(\d{1,9})$/;

/**
 * The sets that a set holds whose arrays are numbered (`input_0`, `output_0`, `input_1`, …) for a model of one input and one
 * output, which has no other use for numbers. Arrays without a number are of the set 0, those of tensors have the number behind
 * their names.
 */
export function splitNumbered(model: NamedGraphs, set: VectorSet): readonly VectorSet[] {
  const { inputs, outputs } = model.graph;
  if (inputs.length !== 1 || outputs.length !== 1) return [set];
  const names = new ModelNames(model);
  const conventional = set.arrays.map((array) =>
    array.role !== undefined || names.has(array.name) ? undefined : conventionalName(array.name),
  );
  const numbers = new Set(conventional.flatMap((found) => found?.index ?? []));
  if ([...numbers].every((number) => number === 0)) return [set];
  const sets = new Map<number, VectorArray[]>();
  for (const [i, array] of set.arrays.entries()) {
    const found = conventional[i];
    const [number, own] =
      found === undefined
        ? tensorOf(array, numbers, names)
        : [found.index ?? 0, { ...array, role: found.role, index: 0 }];
    sets.set(number, [...(sets.get(number) ?? []), own]);
  }
  return [...sets]
    .sort(([a], [b]) => a - b)
    .map(([number, arrays]) => ({ label: `${set.label}, number ${number}`, arrays }));
}

/** A tensor of the model, and the set that the number behind its name tells. */
function tensorOf(array: VectorArray, numbers: ReadonlySet<number>, names: ModelNames): [number, VectorArray] {
  const name = array.name.replace(NUMBER_BEHIND, '');
  const number = Number(NUMBER_BEHIND.exec(array.name)?.[1] ?? NaN);
  const own = array.role !== undefined || names.has(array.name) || names.meantBy(array.name) !== undefined;
  if (own || !numbers.has(number) || !(names.has(name) || names.meantBy(name) !== undefined)) return [0, array];
  return [number, { ...array, name }];
}
