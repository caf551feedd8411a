/** Tokens of the text form. */
export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'label' | 'punctuation' | 'end';
  /** The unquoted content. */
  readonly text: string;
  readonly line: number;
}

/** The text form is malformed; `message` names the line. */
export class ParseError extends Error {
  override readonly name = 'ParseError';

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
  }
}

const PATTERN =
  /(?<space>[ \t\r]+|\/\/[^\n]*)|(?<newline>\n)|(?<label>%(?:[A-Za-z_][\w.]*|"(?:[^"\\\n]|\\.)*"))|(?<string>"(?:[^"\\\n]|\\.)*")|(?<number>-?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf\b)|nan\b)|(?<name>[A-Za-z_][\w.]*)|(?<punctuation>[[\](){}<>:,=@])/y;

/** Splits the text form into tokens; `//` starts a comment. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < text.length) {
    const at = PATTERN.lastIndex;
    const groups = PATTERN.exec(text)?.groups;
    if (groups === undefined) throw new ParseError(line, `unexpected ${JSON.stringify(text.slice(at, at + 12))}`);
    if (groups['newline'] !== undefined) line++;
    else if (groups['label'] !== undefined)
      tokens.push({ kind: 'label', text: unquote(groups['label'].slice(1), line), line });
    else if (groups['string'] !== undefined)
      tokens.push({ kind: 'string', text: unquote(groups['string'], line), line });
    else if (groups['number'] !== undefined) tokens.push({ kind: 'number', text: groups['number'], line });
    else if (groups['name'] !== undefined) tokens.push({ kind: 'name', text: groups['name'], line });
    else if (groups['punctuation'] !== undefined)
      tokens.push({ kind: 'punctuation', text: groups['punctuation'], line });
  }
  tokens.push({ kind: 'end', text: 'the end', line });
  return tokens;
}

function unquote(text: string, line: number): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    throw new ParseError(line, `malformed string ${text}`);
  }
}
