import { resolve } from 'node:path';
import type { Tensor } from '../ir/tensor.js';
import { joinRows } from '../passes/calibration/rebatch.js';
import { mistake, refuseAll, withFile } from './faults.js';
import type { CliIo } from './io.js';
import { storedFile } from './stored-file.js';

/** Rows of labels that are read at once. */
const ROWS = 65_536;

/**
 * The one array of a file, whole.
 * @throws UserError when the file cannot be read or holds another number of arrays
 */
export async function readLabels(name: string, io: CliIo): Promise<Tensor> {
  const path = resolve(io.cwd, name);
  const facts = await withFile(`'${name}' cannot be read`, () => io.files.stat(path));
  const file = await storedFile(path, { origin: name, bytes: facts?.bytes ?? 0, keep: true });
  const [read, ...others] = await file.open();
  if (read === undefined || others.length > 0) {
    const found = file.arrays.map((array) => `'${array.name ?? ''}'`).join(', ');
    refuseAll([mistake('labels', `'${name}' holds ${file.arrays.length} arrays (${found}), one is accepted`)]);
  }
  const blocks: Tensor[] = [];
  for await (const block of read?.(ROWS) ?? []) blocks.push(block);
  const [first] = blocks;
  if (first === undefined || first.rank === 0) {
    refuseAll([mistake('labels', `'${name}' holds no labels`, 'give an array with one row for each sample')]);
  }
  return blocks.length === 1 && first !== undefined ? first : joinRows(first?.dtype ?? 'float32', blocks);
}
