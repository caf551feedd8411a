import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../../src/backends/summary.js';
import { reportPage } from '../../../src/cli/report/report-page.js';
import { Folder, modelOf, quantc, TINY } from '../../support/cli.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder.remove());

async function made(text: string): Promise<{ page: string; summary: Summary }> {
  folder.write('tiny.onnx', modelOf(text));
  const argv = ['tiny.onnx', '-t', 'f28p55', '--report', 'r.html', '--json'];
  const { status, stdout } = await quantc(argv, { cwd: folder.path });
  expect(status).toBe(0);
  return { page: readFileSync(join(folder.path, 'r.html'), 'utf8'), summary: JSON.parse(stdout) as Summary };
}

/** Text of the cells, row by row, of the table under a heading. */
function rowsUnder(page: string, heading: string): string[][] {
  const table = page.split(`<h2>${heading}</h2>`)[1]?.split('</table>')[0] ?? '';
  const body = table.split('<tbody>')[1] ?? '';
  return [...body.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => cell.replace(/<div.*$/, '')),
  );
}

describe('a report as a page', () => {
  it('has a row for every layer, activation and diagnostic, and needs nothing else', async () => {
    const { page, summary } = await made(TINY);
    expect(rowsUnder(page, 'Layers').map(([, name]) => name)).toEqual(summary.layers.map(({ name }) => name));
    expect(rowsUnder(page, 'Activations').map(([name]) => name)).toEqual(summary.activations.map(({ name }) => name));
    expect(rowsUnder(page, 'Diagnostics').map(([, code]) => code)).toEqual(summary.diagnostics.map(({ code }) => code));
    expect(rowsUnder(page, 'Memory')).toHaveLength(2);
    expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(|https?:/);
    expect(page.startsWith('<!doctype html>\n')).toBe(true);
  });

  it('closes every element that it opens', async () => {
    const { page } = await made(TINY);
    const open: string[] = [];
    for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z]\w*)[^>]*>/g)) {
      if (name === 'meta') continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it('takes names of a model for text', async () => {
    const { page } = await made(TINY.replaceAll('"/fc"', '"</td><script>alert(1)</script>\'&"'));
    expect(page).toContain('&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&apos;&amp;');
    expect(page).not.toContain('<script');
  });

  it('is the same for the same summary', async () => {
    const { summary } = await made(TINY);
    expect(reportPage(summary)).toBe(reportPage(structuredClone(summary)));
  });
});
