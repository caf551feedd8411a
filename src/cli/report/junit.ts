import { differenceText, explanationText, PATTERN_TEXTS, type VerifySummary } from './verify-report.js';

/** The result of `verify` as JUnit XML: a suite for each vector, a case for each tensor. */
export function junitXml({ model, vectors }: VerifySummary): string {
  const tests = vectors.reduce((sum, { tensors }) => sum + tensors.length, 0);
  const failures = vectors.reduce((sum, { tensors }) => sum + tensors.filter(({ equal }) => !equal).length, 0);
  const suites = vectors.flatMap(({ label, tensors, explanations }) => [
    `  <testsuite name="${escaped(label)}" tests="${tensors.length}" failures="${tensors.filter(({ equal }) => !equal).length}" errors="0">`,
    ...tensors.flatMap((tensor) => {
      const open = `    <testcase classname="${escaped(model)}" name="${escaped(tensor.name)}"`;
      if (tensor.equal) return [`${open}/>`];
      const notes = [...tensor.patterns.map((pattern) => PATTERN_TEXTS[pattern]), ...explanations.map(explanationText)];
      return [
        `${open}>`,
        `      <failure type="difference" message="${escaped(differenceText(tensor))}">${escaped(notes.join('\n'))}</failure>`,
        '    </testcase>',
      ];
    }),
    '  </testsuite>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="quantc verify" tests="${tests}" failures="${failures}" errors="0">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

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

/** Text in XML 1.0; characters that it cannot hold become U+FFFD. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"'\n\t\r]/g, (character) => ENTITIES.get(character) ?? character)
    .replace(/(?![\n\t\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
