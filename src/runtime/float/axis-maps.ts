import { copyRun, type Words } from './words.js';

/** For every position along an axis of the result, the position in the source, or -1 for none. */
export type AxisMap = Int32Array;

/** The map of an axis that stays as it is; undefined entries of `gatherByMaps` mean the same without the memory. */
const isIdentity = (map: AxisMap | undefined): boolean => map === undefined || map.every((from, i) => from === i);

/**
 * Writes to `target`, row-major, the source elements at mapped coordinates. A map left undefined keeps its axis.
 * Words for which any coordinate is -1 are left as they are. `dims` are the sizes of the source, in words.
 */
export function gatherByMaps(
  source: Words,
  dims: readonly number[],
  maps: readonly (AxisMap | undefined)[],
  target: Words,
): void {
  let inner = dims.length;
  let run = 1;
  while (inner > 0 && isIdentity(maps[inner - 1]) && (maps[inner - 1]?.length ?? dims[inner - 1]) === dims[inner - 1]) {
    inner--;
    run *= dims[inner]!;
  }
  if (target.length === 0) return;
  // Maps in words of the source instead of steps along the axis.
  const offsets: Float64Array[] = [];
  let stride = run;
  for (let axis = inner - 1; axis >= 0; axis--) {
    const size = dims[axis]!;
    const map = maps[axis];
    const scaled = new Float64Array(map?.length ?? size);
    for (let i = 0; i < scaled.length; i++) {
      const from = map === undefined ? i : map[i]!;
      scaled[i] = from < 0 ? -1 : from * stride;
    }
    offsets.unshift(scaled);
    stride *= size;
  }
  const last = offsets.pop() ?? Float64Array.of(0);
  const position = new Array<number>(offsets.length).fill(0);
  let t = 0;
  for (;;) {
    let base = 0;
    for (let axis = 0; axis < offsets.length && base >= 0; axis++) {
      const offset = offsets[axis]![position[axis]!]!;
      base = offset < 0 ? -1 : base + offset;
    }
    if (base < 0) t += last.length * run;
    else if (run === 1) {
      for (let i = 0; i < last.length; i++, t++) if (last[i]! >= 0) target[t] = source[base + last[i]!]!;
    } else {
      for (let i = 0; i < last.length; i++, t += run)
        if (last[i]! >= 0) copyRun(source, base + last[i]!, target, t, run);
    }
    let axis = offsets.length - 1;
    for (; axis >= 0; axis--) {
      if (++position[axis]! < offsets[axis]!.length) break;
      position[axis] = 0;
    }
    if (axis < 0) return;
  }
}
