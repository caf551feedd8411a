import { styleText } from 'node:util';
import type { CliIo, OutputStream } from '../io.js';

type Format = Parameters<typeof styleText>[0];

/** Marks up text for one stream, or leaves it as it is. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

const styleOf = (paint: (format: Format, text: string) => string): Style => ({
  bold: (text) => paint('bold', text),
  dim: (text) => paint('dim', text),
  good: (text) => paint('green', text),
  warn: (text) => paint('yellow', text),
  bad: (text) => paint(['bold', 'red'], text),
});

export const PLAIN: Style = styleOf((_format, text) => text);

const COLOURED: Style = styleOf((format, text) => styleText(format, text, { validateStream: false }));

/** Colours on terminals, unless --no-color, a non-empty NO_COLOR or TERM=dumb says otherwise. */
export function streamStyle(stream: OutputStream, env: CliIo['env'], wanted: boolean): Style {
  const refused = !wanted || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return stream.isTTY && !refused ? COLOURED : PLAIN;
}
