import type { Draw } from '../support/random-model-draft.js';

const TOKEN = /-?\d[\w.+-]*|[A-Za-z_]\w*|"[^"\n]*"|\s+|[^]/g;

/** What may stand where something else stood. */
const PIECES = [
  ...['', '0', '-1', '1e999', 'NaN', '"NaN"', '-0', '0x80', '99999999999999999999', '1.5', '128', '-129', '256'],
  ...[
    '{',
    '}',
    '[',
    ']',
    '[[[[[[',
    '(',
    ')',
    ',',
    ';',
    '=',
    '"',
    '\\',
    '/*',
    '*/',
    '//',
    '// SET 7\n',
    '#define A 3\n',
  ],
  ...['null', 'true', '{}', '[]', '"__proto__"', 'constructor', 'float', 'int8_t', 'golden_output', 'model_test_input'],
  ...['"sets"', '"tensors"', 'tvmgen_default_shift_data', '\u0000', '\ufeff', '\u202e', '\ud800'],
];

/** One to four mutations of text, token by token: other numbers and brackets, words in other places, missing pieces. */
export function mutateText(text: string, draw: Draw): string {
  const tokens = text.match(TOKEN) ?? [''];
  for (let i = 1 + draw.below(4); i > 0; i--) {
    const at = draw.below(tokens.length);
    const kind = draw.below(5);
    if (kind === 0) tokens[at] = draw.pick(PIECES);
    else if (kind === 1) tokens.splice(at, 0, draw.pick(PIECES));
    else if (kind === 2) tokens.splice(at, 1 + draw.below(20));
    else if (kind === 3) tokens[at] = draw.pick(tokens);
    else tokens.splice(at, 0, ...tokens.slice(draw.below(tokens.length)).slice(0, 1 + draw.below(60)));
    if (tokens.length === 0) tokens.push('');
  }
  return tokens.join('');
}
