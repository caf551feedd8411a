import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedPath } from '../support/fixtures.js';
import { compareCase } from './compare-case.js';
import { casesIn } from './compare-folders.js';
import { readCase, type Reference, type ReferenceCase } from './reference-case.js';
import { COLUMNS } from './report.js';

const FOLDER = 'golden/ti-ptq';
const paths = hasShared(FOLDER) ? casesIn(sharedPath(FOLDER)) : [];
const caseOf = (name: string): ReferenceCase => readCase(sharedPath(`${FOLDER}/${name}`), name);

describe.skipIf(paths.length === 0)('integers of the TI wrapper', () => {
  for (const path of paths) {
    const name = basename(path);
    it(`${name}: every difference is a tie or a documented defect`, async () => {
      expect((await compareCase(readCase(path, name))).problems).toEqual([]);
    });
  }
});

describe.skipIf(!hasShared(`${FOLDER}/cls_100_v1`))('the comparison', () => {
  const original = paths.length > 0 ? caseOf('cls_100_v1') : undefined;
  const changed = (change: (reference: Reference) => Partial<Reference>): ReferenceCase => {
    if (original === undefined || 'failure' in original.reference) throw new RangeError('the case has no reference');
    return { ...original, reference: { ...original.reference, ...change(original.reference) } };
  };
  /** Adds 1 to the first number of a field of the first layer of a kind. */
  const raise = (kind: string, field: 'offset' | 'mult' | 'shift') =>
    changed(({ layers }) => ({
      layers: layers.map((layer) =>
        layer.kind === kind ? { ...layer, [field]: layer[field]?.map((value, i) => value + (i === 0 ? 1 : 0)) } : layer,
      ),
    }));

  it('finds every number equal where nothing is defective', async () => {
    const report = await compareCase(changed(() => ({})));
    expect(report.defects).toEqual([]);
    for (const column of COLUMNS) {
      expect(report.tally(column).count('equal')).toBe(report.tally(column).total);
      expect(report.tally(column).total).toBeGreaterThan(0);
    }
  });

  it.each([
    ['Conv', 'offset', 'bias'],
    ['Conv', 'mult', 'mult'],
    ['Conv', 'shift', 'shift'],
    ['Linear', 'offset', 'bias'],
    ['ReduceSum', 'offset', 'pools'],
    ['ReduceSum', 'shift', 'pools'],
    ['InputNorm', 'offset', 'input'],
    ['InputNorm', 'mult', 'input mult'],
    ['InputNorm', 'shift', 'input shift'],
  ] as const)('finds another %s %s', async (kind, field, column) => {
    const report = await compareCase(raise(kind, field));
    expect(report.problems.length).toBeGreaterThan(0);
    expect(report.tally(column).count('differs')).toBeGreaterThan(0);
  });

  it('finds another weight', async () => {
    const report = await compareCase(
      changed(({ weightsOf }) => ({
        weightsOf: (layer) => Array.from(weightsOf(layer) ?? [], (weight, i) => weight + (i === 0 ? 1 : 0)),
      })),
    );
    expect(report.tally('weights').count('differs')).toBe(3);
  });

  it('finds other weights by their digest alone', async () => {
    const report = await compareCase(
      changed(({ layers }) => ({
        weightsOf: () => undefined,
        layers: layers.map((layer) => (layer.kind === 'Linear' ? { ...layer, weight_sha256: '' } : layer)),
      })),
    );
    expect(report.problems).toEqual(['Linear 5: the weights differ in some of 24']);
  });

  it('finds another output', async () => {
    const report = await compareCase(
      changed(({ outputs }) => ({ outputs: Array.from(outputs, (value, i) => value + (i === 7 ? 1 : 0)) })),
    );
    expect(report.problems).toHaveLength(1);
    expect(report.tally('outputs').count('differs')).toBe(1);
  });
});
