import type { Draw } from '../support/random-model-draft.js';

const NUMBERS = [0, 1, -1, 2, 3, 4, 7, 8, 16, 31, 32, 100, 127, 255, 65535, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, NaN, 0.5];

/** A place in a message: what holds it, and under which key. */
interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
  readonly value: unknown;
}

const isLong = (value: object): boolean => 'low' in value && 'high' in value;

/** Every field and element of a decoded message, outermost first. */
function placesOf(message: object): Place[] {
  const places: Place[] = [];
  const open: object[] = [message];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    for (const [key, value] of Object.entries(holder) as [string, unknown][]) {
      if (value === null || value === undefined) continue;
      places.push({ holder: holder as Record<string, unknown>, key: Array.isArray(holder) ? Number(key) : key, value });
      if (typeof value === 'object' && !(value instanceof Uint8Array) && !isLong(value)) open.push(value);
    }
  }
  return places;
}

/**
 * One to three mutations of a decoded protobuf message, in place, that leave it one: other numbers, names of other things,
 * fields and elements that are missing, come twice or stand in each other's place.
 */
export function mutateMessage(message: object, draw: Draw): void {
  for (let i = 1 + draw.below(3); i > 0; i--) {
    const places = placesOf(message);
    if (places.length === 0) return;
    mutatePlace(draw.pick(places), places, draw);
  }
}

function mutatePlace({ holder, key, value }: Place, places: readonly Place[], draw: Draw): void {
  const put = (other: unknown): void => {
    (holder as Record<string | number, unknown>)[key] = other;
  };
  if (draw.chance(0.15)) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else put(undefined);
  } else if (typeof value === 'number') put(draw.pick(NUMBERS));
  else if (typeof value === 'string') put(otherText(value, places, draw));
  else if (value instanceof Uint8Array) put(value.slice(0, draw.below(value.length + 1)));
  else if (Array.isArray(value)) mutateList(value, draw);
  else if (typeof value === 'object' && value !== null && isLong(value))
    put(draw.pick(NUMBERS.filter(Number.isInteger)));
  else {
    const alike = places.filter((place) => place.key === key && typeof place.value === 'object');
    // A copy, as a message cannot lie within itself.
    put(structuredClone(draw.pick(alike).value));
  }
}

function otherText(text: string, places: readonly Place[], draw: Draw): string {
  const texts = places.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  return draw.chance(0.8) ? draw.pick(texts) : draw.pick(['', '__proto__', `${text}*`, 'If', 'Loop', '\u0000', '../x']);
}

function mutateList(list: unknown[], draw: Draw): void {
  const at = draw.below(list.length + 1);
  const kind = draw.below(3);
  if (kind === 0) list.splice(at, 1);
  else if (kind === 1 && list.length > 0) list.splice(at, 0, draw.pick(list));
  else list.reverse();
}
