import { COLUMNS, type Report } from './report.js';
import { Tally } from './tally.js';

/** The table of match rates: a line a case, one for the sum, then what the defects are and what nothing explains. */
export function formatTable(reports: readonly Report[]): string {
  const sums = COLUMNS.map((column) => {
    const sum = new Tally();
    for (const report of reports) sum.addAll(report.tally(column));
    return String(sum);
  });
  const rows = [
    ['case', ...COLUMNS],
    ...reports.map((report) => [report.name, ...COLUMNS.map((column) => String(report.tally(column)))]),
    [`${reports.length} cases, ${reports.filter(({ refused }) => refused).length} refused`, ...sums],
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const notes = reports.flatMap(({ name, defects, remarks, problems }) => [
    `${name}: ${remarks.join('; ')}`,
    ...defects.map((defect) => `  defect of the wrapper: ${defect}`),
    ...problems.map((problem) => `  UNEXPLAINED: ${problem}`),
  ]);
  return [...lines, '', ...notes].join('\n');
}
