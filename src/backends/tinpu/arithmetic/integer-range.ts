import { integerRange } from '../../../ir/dtype.js';
import type { Node, Value } from '../../../ir/graph.js';
import { numberData } from '../../../ir/tensor.js';
import { isMover, movedInputs } from '../../split/movers.js';

/** Integers lo … hi. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/**
 * Integers a tensor of the quantised dialect can hold: those its producer clips to, those of all that a mover brings
 * together, those of a constant, else those of its type.
 */
export function rangeOf(value: Value): Interval {
  const seen = new Set<Value>([value]);
  let lo = Infinity;
  let hi = -Infinity;
  const include = (range: Interval): void => {
    lo = Math.min(lo, range.lo);
    hi = Math.max(hi, range.hi);
  };
  for (const next of seen) {
    const { producer } = next;
    if (producer !== undefined && isMover(producer)) {
      for (const input of movedInputs(producer)) seen.add(input);
      if (padsWithZeros(producer)) include({ lo: 0, hi: 0 });
    } else include(ownRange(next));
  }
  return { lo, hi };
}

const padsWithZeros = ({ op, inputs, attrs }: Node): boolean =>
  op === 'Pad' && inputs[2] === undefined && attrs.string('mode', 'constant') === 'constant';

/**
 * Whether a value is an input of the model, declared float32, that lifting states to be integers. They are of 8 bits,
 * signed or not: the file does not say which.
 */
export function isStatedInput({ producer }: Value): boolean {
  const [source] = producer?.inputs ?? [];
  return (
    producer?.op === 'Cast' &&
    producer.origins.length === 0 &&
    source?.type.dtype === 'float32' &&
    source.producer === undefined &&
    source.constant === undefined
  );
}

function ownRange(value: Value): Interval {
  if (isStatedInput(value)) return { lo: -128, hi: 255 };
  const { producer, constant, type } = value;
  const data = constant && numberData(constant);
  if (data !== undefined && data.length > 0) {
    let lo = Infinity;
    let hi = -Infinity;
    for (const item of data) {
      lo = Math.min(lo, item);
      hi = Math.max(hi, item);
    }
    return { lo, hi };
  }
  if (producer?.attrs.has('lo') === true) return { lo: producer.attrs.int('lo'), hi: producer.attrs.int('hi') };
  return integerRange(type.dtype);
}
