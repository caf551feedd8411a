import { escapeMarkup } from './markup.js';
import { differenceText, explanationText, PATTERN_TEXTS, type VerifySummary } from './verify-report.js';

/** The result of `verify` as JUnit XML: a suite for each vector, a case for each tensor. */
export function junitXml({ model, vectors }: VerifySummary): string {
  const tests = vectors.reduce((sum, { tensors }) => sum + tensors.length, 0);
  const failures = vectors.reduce((sum, { tensors }) => sum + tensors.filter(({ equal }) => !equal).length, 0);
  const suites = vectors.flatMap(({ label, tensors, explanations }) => [
    `  <testsuite name="${escapeMarkup(label)}" tests="${tensors.length}" failures="${tensors.filter(({ equal }) => !equal).length}" errors="0">`,
    ...tensors.flatMap((tensor) => {
      const open = `    <testcase classname="${escapeMarkup(model)}" name="${escapeMarkup(tensor.name)}"`;
      if (tensor.equal) return [`${open}/>`];
      const notes = [...tensor.patterns.map((pattern) => PATTERN_TEXTS[pattern]), ...explanations.map(explanationText)];
      return [
        `${open}>`,
        `      <failure type="difference" message="${escapeMarkup(differenceText(tensor))}">${escapeMarkup(notes.join('\n'))}</failure>`,
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
