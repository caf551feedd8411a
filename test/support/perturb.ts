import { isFloat } from '../../src/ir/dtype.js';
import { GraphEditor } from '../../src/ir/editor.js';
import { constantsOf, type ConstantValue, type Graph } from '../../src/ir/graph.js';
import { Tensor } from '../../src/ir/tensor.js';

/** Elements nudged of each constant, spread over it. */
const NUDGES = 4;

/** Floats, and the integers of the quantised dialect; other integers, and the scales of Resize, are shapes and the like. */
const isComputedWith = (value: ConstantValue): boolean => {
  const readers = [...value.uses].map(({ node }) => node);
  if (!isFloat(value.constant.dtype)) return readers.some(({ domain }) => domain === 'q');
  return !readers.some(({ op, inputs }) => op === 'Resize' && inputs[2] === value);
};

/**
 * Nudges elements of each constant that is computed with, in turn, and counts the constants for which `differs` notices.
 * @param fresh makes the graph anew for every nudge
 */
export function perturbConstants(
  fresh: () => Graph,
  differs: (graph: Graph) => string | undefined,
): { readonly tried: number; readonly caught: number } {
  let tried = 0;
  let caught = 0;
  for (const [place, perturbed] of constantsOf(fresh()).entries()) {
    const { constant } = perturbed;
    if (!isComputedWith(perturbed) || constant.size === 0) continue;
    tried++;
    const elements = Array.from({ length: NUDGES }, (_, i) => Math.floor((i * constant.size) / NUDGES));
    const noticed = [...new Set(elements)].some((element) => {
      const graph = fresh();
      const value = constantsOf(graph)[place];
      if (value !== undefined) nudge(graph, value, element);
      return differs(graph) !== undefined;
    });
    if (noticed) caught++;
  }
  return { tried, caught };
}

/** The same results with one element of the result `name` nudged; undefined when it has no elements. */
export function nudgeResult(results: ReadonlyMap<string, Tensor>, name: string): Map<string, Tensor> | undefined {
  const tensor = results.get(name);
  if (tensor === undefined || tensor.size === 0) return undefined;
  return new Map(results).set(name, nudged(tensor, tensor.size >> 1));
}

function nudge(graph: Graph, value: ConstantValue, element: number): void {
  const editor = new GraphEditor(graph);
  editor.replaceAllUses(value, editor.constant(nudged(value.constant, element), value.name));
}

function nudged({ dtype, dims, data }: Tensor, element: number): Tensor {
  const copy = data.slice();
  if (copy instanceof BigInt64Array || copy instanceof BigUint64Array) copy[element] = (copy[element] ?? 0n) ^ 1n;
  else if (isFloat(dtype)) {
    const old = copy[element] ?? 0;
    copy[element] = Number.isFinite(old) ? old - (1 + Math.abs(old)) / 2 : 0;
  } else copy[element] = (copy[element] ?? 0) ^ 1;
  return new Tensor(dtype, dims, copy);
}
