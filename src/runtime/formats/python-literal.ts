/** The Python literals that headers of .npy files are made of; None is null, tuples and lists are arrays. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[];

interface Token {
  readonly kind: 'string' | 'number' | 'name' | 'mark' | 'end';
  readonly text: string;
}

/** Deeper nesting than record types need is refused. */
const MAX_DEPTH = 8;

const TOKEN = /[ \t\r\n]*(?:'([^'\\\n]*)'|"([^"\\\n]*)"|([+-]?\d{1,20})L?|([A-Za-z_]+)|([{}()[\]:,])|$)/y;

class LiteralError extends Error {}

/** Reads tokens one at a time; a number keeps its sign and loses the suffix L of Python 2. */
class Tokens {
  #position = 0;
  #next: Token;

  constructor(private readonly text: string) {
    this.#next = this.#read();
  }

  get next(): Token {
    return this.#next;
  }

  take(): Token {
    const token = this.#next;
    if (token.kind !== 'end') this.#next = this.#read();
    return token;
  }

  /** Takes the mark when it is next. */
  skip(mark: string): boolean {
    if (this.#next.kind !== 'mark' || this.#next.text !== mark) return false;
    this.take();
    return true;
  }

  expect(mark: string): void {
    if (!this.skip(mark)) throw new LiteralError();
  }

  #read(): Token {
    TOKEN.lastIndex = this.#position;
    const match = TOKEN.exec(this.text);
    if (match === null) throw new LiteralError();
    this.#position = TOKEN.lastIndex;
    const [, single, double, number, name, mark] = match;
    if (number !== undefined) return { kind: 'number', text: number };
    if (name !== undefined) return { kind: 'name', text: name };
    if (mark !== undefined) return { kind: 'mark', text: mark };
    const string = single ?? double;
    return string === undefined ? { kind: 'end', text: '' } : { kind: 'string', text: string };
  }
}

const CONSTANTS: ReadonlyMap<string, PythonValue> = new Map<string, PythonValue>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
]);

/** `depth` counts the brackets around the value, which bounds the recursion. */
function readValue(tokens: Tokens, depth: number): PythonValue {
  const { kind, text } = tokens.take();
  if (kind === 'string') return text;
  if (kind === 'number') return Number(text);
  if (kind === 'name') {
    const constant = CONSTANTS.get(text);
    if (constant !== undefined) return constant;
  }
  const closing = CLOSING.get(kind === 'mark' ? text : '');
  if (closing === undefined || depth >= MAX_DEPTH) throw new LiteralError();
  const items: PythonValue[] = [];
  let separated = false;
  while (!tokens.skip(closing)) {
    if (items.length > 0 && !separated) throw new LiteralError();
    items.push(readValue(tokens, depth + 1));
    separated = tokens.skip(',');
  }
  // A parenthesised value without a comma is the value itself.
  const [only] = items;
  return closing === ')' && items.length === 1 && !separated && only !== undefined ? only : items;
}

/**
 * Reads a Python dictionary with string keys and plain values: nothing is evaluated, no escapes, no repeated keys,
 * nothing but white space after it. Undefined when the text is anything else.
 */
export function readPythonDict(text: string): Map<string, PythonValue> | undefined {
  try {
    const tokens = new Tokens(text);
    const entries = new Map<string, PythonValue>();
    tokens.expect('{');
    let separated = true;
    while (!tokens.skip('}')) {
      const key = tokens.take();
      if (!separated || key.kind !== 'string' || entries.has(key.text)) return undefined;
      tokens.expect(':');
      entries.set(key.text, readValue(tokens, 0));
      separated = tokens.skip(',');
    }
    return tokens.next.kind === 'end' ? entries : undefined;
  } catch (error) {
    if (error instanceof LiteralError) return undefined;
    throw error;
  }
}
