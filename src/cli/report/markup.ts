const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
  ['\n', '&#10;'],
  ['\t', '&#9;'],
  ['\r', '&#13;'],
]);

/** Text in XML 1.0 or HTML, attributes included; characters that XML cannot hold become U+FFFD. */
export const escapeMarkup = (text: string): string =>
  text
    .replace(/[&<>"'\n\t\r]/g, (character) => ENTITIES.get(character) ?? character)
    .replace(/(?![\n\t\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
