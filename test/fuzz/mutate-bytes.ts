import type { Draw } from '../support/random-model-draft.js';

type ByteMutation = (bytes: Uint8Array, draw: Draw) => Uint8Array;

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x08, 0x22, 0x20];

const spliced = (bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array => {
  const result = new Uint8Array(bytes.length - removed + added.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(bytes.subarray(at + removed), at + added.length);
  return result;
};

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const result = bytes.slice();
  result[at] = value;
  return result;
};

const MUTATIONS: readonly ByteMutation[] = [
  (bytes, draw) => {
    const at = draw.below(bytes.length);
    return changed(bytes, at, (bytes[at] ?? 0) ^ (1 << draw.below(8)));
  },
  (bytes, draw) => changed(bytes, draw.below(bytes.length), draw.pick(INTERESTING)),
  (bytes, draw) => changed(bytes, draw.below(Math.min(bytes.length, 64)), draw.below(256)),
  (bytes, draw) => changed(bytes, bytes.length - 1 - draw.below(Math.min(bytes.length, 128)), draw.below(256)),
  (bytes, draw) => bytes.slice(0, draw.below(bytes.length)),
  (bytes, draw) => {
    const at = draw.below(bytes.length);
    return spliced(bytes, at, Math.min(bytes.length - at, 1 + draw.below(16)), new Uint8Array(0));
  },
  (bytes, draw) => {
    const from = draw.below(bytes.length);
    return spliced(bytes, draw.below(bytes.length), 0, bytes.slice(from, from + 1 + draw.below(64)));
  },
];

/** One to four mutations of bytes: bits, bytes, lengths, repeated and missing pieces. */
export function mutateBytes(bytes: Uint8Array, draw: Draw): Uint8Array {
  let result = bytes;
  for (let i = 1 + draw.below(4); i > 0; i--) if (result.length > 0) result = draw.pick(MUTATIONS)(result, draw);
  return result;
}
