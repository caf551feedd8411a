import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { quantcMetadata, readQuantcMetadata } from '../../src/backends/quantc-metadata.js';
import type { TensorSummary } from '../../src/backends/summary.js';
import { VERSION } from '../../src/backends/version.js';

const SOURCE = Uint8Array.of(1, 2, 3);
const PROVENANCE = { source: SOURCE, target: 'f28p55', backend: 'tinpu', recipe: 'quantc' };
const X: TensorSummary = { name: 'x', shape: ['N', 4], scale: 0.25, zeroPoint: 3, bits: 8, signed: false };
const Y: TensorSummary = { name: 'y', shape: ['N', 2], scale: 2 ** -7, zeroPoint: 0, bits: 4, signed: true };
const FACTS_OF_X = { scale: 0.25, zeroPoint: 3, bits: 8, signed: false };
const FACTS_OF_Y = { scale: 2 ** -7, zeroPoint: 0, bits: 4, signed: true };

const read = (document: unknown) =>
  readQuantcMetadata(new Map([['quantc', typeof document === 'string' ? document : JSON.stringify(document)]]));

describe('quantcMetadata', () => {
  it('is one entry that says how the model was made, and of what bytes', () => {
    const [[key, value] = ['', ''], ...others] = quantcMetadata(PROVENANCE, { inputs: [X], outputs: [Y] });
    expect(others).toEqual([]);
    expect(key).toBe('quantc');
    expect(JSON.parse(value)).toEqual({
      version: VERSION,
      target: 'f28p55',
      backend: 'tinpu',
      recipe: 'quantc',
      inputs: [{ name: 'x', ...FACTS_OF_X }],
      outputs: [{ name: 'y', ...FACTS_OF_Y }],
      sourceSha256: createHash('sha256').update(SOURCE).digest('hex'),
    });
  });
});

describe('readQuantcMetadata', () => {
  it.each([
    ['with', [Y]],
    ['without', undefined],
  ])('reads what was written %s inner tensors', (_, inner) => {
    const metadata = new Map(quantcMetadata(PROVENANCE, { inputs: [X], outputs: [Y] }, inner));
    expect(readQuantcMetadata(metadata)).toEqual({
      target: 'f28p55',
      backend: 'tinpu',
      recipe: 'quantc',
      inputs: new Map([['x', FACTS_OF_X]]),
      outputs: new Map([['y', FACTS_OF_Y]]),
      tensors: new Map(inner === undefined ? [] : [['y', FACTS_OF_Y]]),
    });
  });

  it('finds nothing in a model of somebody else', () => {
    expect(readQuantcMetadata(new Map([['author', 'somebody']]))).toBeUndefined();
  });

  it.each([
    ['no JSON', '{'],
    ['a number', 5],
    ['null', 'null'],
    ['a list', []],
    ['no backend', { target: 'f28p55', recipe: 'quantc' }],
    ['a target that is no name', { target: 1, backend: 'tinpu', recipe: 'quantc' }],
  ])('takes %s for none of its own', (_, document) => {
    expect(read(document)).toBeUndefined();
  });

  it('leaves out tensors that are not described, and has older ones around zero', () => {
    const inputs = [{ name: 'x', scale: 1, bits: 8 }, { name: 'y', bits: 8 }, { scale: 1, bits: 8 }, 'z', null];
    expect(read({ target: 't', backend: 'b', recipe: 'r', inputs, outputs: { name: 'y' } })).toMatchObject({
      inputs: new Map([['x', { scale: 1, zeroPoint: 0, bits: 8, signed: false }]]),
      outputs: new Map(),
      tensors: new Map(),
    });
  });
});
