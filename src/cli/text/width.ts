const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const NOTHING = /^[\p{Mark}\p{Cf}]+$/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Text of a model or a path as it may be shown: what would steer a terminal is spelt out (`\x1b`, `\u202e`). */
export const printable = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeOf);

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Columns of a terminal that a line of printable text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += graphemeWidth(segment);
  return width;
}

const graphemeWidth = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : NOTHING.test(grapheme) ? 0 : 1);

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text;

/**
 * A name of at most `width` columns. Names of nodes are paths that differ at their end, so the beginning gives way to `…`;
 * the cut is made before a part of the path when that does not cost much.
 */
export function shorten(name: string, width: number): string {
  if (widthOf(name) <= width) return name;
  let tail = '';
  let room = width - 1;
  for (const { segment } of [...GRAPHEMES.segment(name)].reverse()) {
    room -= graphemeWidth(segment);
    if (room < 0) break;
    tail = segment + tail;
  }
  // A slash stays in front of what it leads to; a point or underscore goes with what it ends.
  const slash = tail.search(/[/:]/);
  const point = tail.search(/[._]/) + 1;
  const cut = [slash, point].find((at) => at > 0 && at <= tail.length / 3);
  return `…${tail.slice(cut ?? 0)}`;
}

/** Text of at most `width` columns, the end giving way to `…`. */
export function shortenEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let head = '';
  let room = width - 1;
  for (const { segment } of GRAPHEMES.segment(text)) {
    room -= graphemeWidth(segment);
    if (room < 0) break;
    head += segment;
  }
  return `${head}…`;
}

/** Lines of at most `width` columns, broken at spaces; a word that is longer stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
