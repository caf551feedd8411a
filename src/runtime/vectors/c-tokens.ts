/** A token of C; `other` is whatever stands alone. */
export interface CToken {
  readonly kind: 'number' | 'word' | 'other' | 'end';
  readonly text: string;
  readonly offset: number;
}

const NUMBER =
  '(?:0[xX](?:[\\da-fA-F]+\\.?[\\da-fA-F]*|\\.[\\da-fA-F]+)(?:[pP][+-]?\\d+)?|(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)[fFlLuU]*';
const TOKEN = new RegExp(
  `(\\s+)|(\\/\\/)|(\\/\\*)|(\\*\\/)|(${NUMBER})|([A-Za-z_]\\w*)|(#)|"(?:[^"\\\\\\n]|\\\\.)*"|[^]`,
  'y',
);

/**
 * Reads C token by token. Code within block comments is read as well, since all but one of the sets of a test_vector.c
 * stand in one; within an array they are comments. Line comments are handed to `comment`, definitions to `define`.
 */
export class CTokens {
  /** Whether the last token stands within a block comment. */
  commented = false;
  #position = 0;

  constructor(
    private readonly text: string,
    private readonly on: { comment: (text: string) => void; define: (name: string, value: string) => void },
  ) {}

  /** @param plain block comments that begin here are only comments */
  next(plain = false): CToken {
    for (;;) {
      TOKEN.lastIndex = this.#position;
      const match = TOKEN.exec(this.text);
      if (match === null) return { kind: 'end', text: '', offset: this.text.length };
      const offset = this.#position;
      this.#position = TOKEN.lastIndex;
      const [text, space, line, open, close, number, word, hash] = match;
      if (space !== undefined) continue;
      if (line !== undefined) this.on.comment(this.#restOfLine());
      else if (hash !== undefined && !this.commented) this.#directive();
      else if (open !== undefined && !this.commented) {
        if (plain) this.#skipComment();
        else this.commented = true;
      } else if (close !== undefined && this.commented) {
        this.commented = false;
        return { kind: 'other', text: '*/', offset };
      } else if (number !== undefined) return { kind: 'number', text, offset };
      else if (word !== undefined) return { kind: 'word', text, offset };
      else return { kind: 'other', text, offset };
    }
  }

  lineOf(offset: number): number {
    let line = 1;
    for (let at = this.text.indexOf('\n'); at >= 0 && at < offset; at = this.text.indexOf('\n', at + 1)) line++;
    return line;
  }

  /** Up to the end of the line, or of the block comment that it stands in. */
  #restOfLine(): string {
    const start = this.#position;
    let end = this.#find('\n', start);
    if (this.commented) {
      const close = this.text.slice(start, end).indexOf('*/');
      if (close >= 0) end = start + close;
    }
    this.#position = end;
    return this.text.slice(start, end);
  }

  #skipComment(): void {
    this.#position = Math.min(this.text.length, this.#find('*/', this.#position) + 2);
  }

  #directive(): void {
    const start = this.#position;
    let end = this.#find('\n', start);
    while (end < this.text.length && /\\\r?$/.test(this.text.slice(Math.max(start, end - 2), end))) {
      end = this.#find('\n', end + 1);
    }
    // A block comment may begin behind a directive and go on below it.
    const line = this.text.slice(start, end);
    const comment = line.indexOf('/*');
    this.#position = comment < 0 ? end : start + comment;
    const [, name, value] = /^\s*define\s+([A-Za-z_]\w*)\s+\(?\s*(-?\w+)\s*\)?/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) this.on.define(name, value);
  }

  #find(what: string, from: number): number {
    const at = this.text.indexOf(what, from);
    return at < 0 ? this.text.length : at;
  }
}
