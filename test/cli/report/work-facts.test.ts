import { describe, expect, it } from 'vitest';
import { estimateFacts, islandFacts } from '../../../src/cli/report/work-facts.js';

describe('islandFacts', () => {
  it('lists the operators of each island', () => {
    const islands = [
      { number: 1, operators: ['Softmax'], boundaries: 1 },
      { number: 2, operators: ['Sigmoid', 'Mul'], boundaries: 2 },
    ];
    expect(islandFacts(islands)).toEqual([['islands', '2 in float (Softmax; Sigmoid, Mul), 3 boundaries']]);
    expect(islandFacts(islands.slice(0, 1))).toEqual([['islands', '1 in float (Softmax), 1 boundary']]);
  });

  it('says nothing of none', () => {
    expect(islandFacts([])).toEqual([]);
  });
});

describe('estimateFacts', () => {
  it.each([
    [{ cycles: 236_149, milliseconds: 1.574, basis: 'B' }, 'about 1.6 ms (236.1k cycles): B'],
    [{ cycles: 236_149, milliseconds: null, basis: 'B' }, 'about 236.1k cycles: B'],
    [{ cycles: null, milliseconds: null, basis: 'B' }, 'none: B'],
  ])('tells time, cycles and what they rest on', (estimate, text) => {
    expect(estimateFacts(estimate)).toEqual([['estimate', text]]);
  });
});
