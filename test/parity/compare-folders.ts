import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareCase } from './compare-case.js';
import { isCase, readCase } from './reference-case.js';
import type { Report } from './report.js';

export { formatTable } from './table.js';

/** Paths of the cases in a folder, which may be one itself. */
export function casesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  if (isCase(folder)) return [folder];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter(isCase);
}

/** Compares all cases of the folders, one after the other. */
export async function compareFolders(folders: readonly string[]): Promise<Report[]> {
  const reports: Report[] = [];
  for (const path of folders.flatMap(casesIn)) reports.push(await compareCase(readCase(path, basename(path))));
  return reports;
}
