// Prints the closing line of a test run: `N passed, N failed`, and `, N skipped` if some were.
// Takes the path of the JSON report that vitest wrote. A test file that could not run at all counts as one failure.

import { readFileSync } from 'node:fs';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('Give the path of the JSON report of vitest.');

/**
 * @type {{
 *   numPassedTests: number,
 *   numFailedTests: number,
 *   numPendingTests: number,
 *   numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[],
 * }}
 */
const report = JSON.parse(readFileSync(path, 'utf8'));

const broken = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
const skipped = report.numPendingTests + report.numTodoTests;

console.log(
  `${report.numPassedTests} passed, ${report.numFailedTests + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
);
