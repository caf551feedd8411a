import { ModelFault } from './fault.js';
import { SCHEMA, type FieldKind, type MessageName, type MessageSchema } from './wire-schema.js';

/** Deepest nesting of messages that is read; the generated decoder recurses once a level. */
const DEEPEST = 100;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/**
 * Walks the framing of a protobuf message without recursion: every length lies within its parent, wire types are those
 * of the schema, packed fields end on an element and messages nest at most 100 deep.
 * @throws ModelFault (`damaged-file`) at the first byte that is not so.
 */
export function checkFraming(bytes: Uint8Array, root: MessageName): void {
  const ends: number[] = [bytes.length];
  const schemas: MessageSchema[] = [SCHEMA[root]];
  const cursor = new Cursor(bytes);
  for (;;) {
    const schema = schemas.at(-1);
    const end = ends.at(-1);
    if (schema === undefined || end === undefined) return;
    if (cursor.at === end) {
      schemas.pop();
      ends.pop();
      continue;
    }
    const child = cursor.field(schema, end);
    if (child === undefined) continue;
    if (schemas.length >= DEEPEST) {
      throw new ModelFault('damaged-file', `messages nest deeper than ${DEEPEST} levels at byte ${cursor.at}`);
    }
    schemas.push(SCHEMA[child.message]);
    ends.push(child.end);
  }
}

class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Reads a tag and passes over the field; returns the message to descend into, if the field holds one. */
  field(schema: MessageSchema, end: number): { message: MessageName; end: number } | undefined {
    const start = this.at;
    const tag = this.#varint(end);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0 || number >= 2 ** 29) throw damaged(start, 'there is no field of that number');
    const kind = schema.get(number);
    if (kind !== undefined && !fits(kind, wire)) throw damaged(start, `field ${number} has wire type ${wire}`);
    if (wire === VARINT) this.#varint(end);
    else if (wire === FIXED64) this.#skip(8, end);
    else if (wire === FIXED32) this.#skip(4, end);
    else if (wire === DELIMITED) {
      const length = this.#varint(end);
      const body = this.at;
      if (length > end - body) throw damaged(start, `a field of ${length} bytes is cut off after ${end - body}`);
      if (typeof kind === 'object') return { message: kind.message, end: body + length };
      this.#checkPacked(kind, body, length);
      this.at = body + length;
    } else throw damaged(start, `there is no wire type ${wire}`);
    return undefined;
  }

  #checkPacked(kind: FieldKind | undefined, body: number, length: number): void {
    const whole =
      kind === 'floats'
        ? length % 4 === 0
        : kind === 'doubles'
          ? length % 8 === 0
          : kind !== 'varints' || length === 0 || (this.#bytes[body + length - 1] ?? 0) < 0x80;
    if (!whole) throw damaged(body, 'a packed field ends within an element');
  }

  #skip(length: number, end: number): void {
    if (length > end - this.at) throw damaged(this.at, 'the data end within a field');
    this.at += length;
  }

  /** A varint as a number; the bits above 2^53 only matter where they make a length too large. */
  #varint(end: number): number {
    const start = this.at;
    let value = 0;
    for (let i = 0; i < 10; i++) {
      if (this.at >= end) throw damaged(start, 'the data end within a number');
      const byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw damaged(start, 'a number is longer than 64 bits');
  }
}

function fits(kind: FieldKind, wire: number): boolean {
  if (wire === DELIMITED) return kind !== 'varint' && kind !== 'fixed32';
  if (wire === VARINT) return kind === 'varint' || kind === 'varints';
  if (wire === FIXED32) return kind === 'fixed32' || kind === 'floats';
  return wire === FIXED64 && kind === 'doubles';
}

const damaged = (at: number, what: string): ModelFault =>
  new ModelFault('damaged-file', `the protobuf data are damaged or cut off at byte ${at}: ${what}`);
