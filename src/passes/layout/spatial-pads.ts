import { isConstant, type Node } from '../../ir/graph.js';
import { axisPads } from '../../ir/ops/pad.js';
import { callOf } from '../call-of.js';
import { decline, type Decline } from '../rule.js';

/** What a Pad adds around [N, C, ...]. */
export interface SpatialPads {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly value: number;
}

/** Reads a Pad that adds elements of one value along spatial axes. */
export function spatialPads(pad: Node): SpatialPads | Decline {
  const mode = pad.attrs.string('mode', 'constant');
  if (mode !== 'constant') return decline(`the Pad is in ${mode} mode`, pad);
  const [, , fill] = pad.inputs;
  if (fill !== undefined && !isConstant(fill)) return decline('the value that Pad adds is computed', pad);
  const begin: number[] = [];
  const end: number[] = [];
  for (const [axis, pads] of axisPads(callOf(pad)).entries()) {
    if (typeof pads?.before !== 'number' || typeof pads.after !== 'number') {
      return decline('the pads are computed', pad);
    }
    if (pads.before < 0 || pads.after < 0) return decline('negative pads take elements away', pad);
    if (axis < 2 && pads.before + pads.after > 0) return decline('the Pad adds to the batch or channel axis', pad);
    if (axis < 2) continue;
    begin.push(pads.before);
    end.push(pads.after);
  }
  return { begin, end, value: fill?.constant.toNumbers()[0] ?? 0 };
}
