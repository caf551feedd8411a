import { describe, expect, it } from 'vitest';
import { mergeConfig } from '../../../src/cli/config/merge-config.js';
import type { ConfigValue } from '../../../src/cli/config/read-config.js';
import type { CompileFlags } from '../../../src/cli/invocation.js';
import { parseArguments } from '../../../src/cli/arguments.js';
import { InternalError } from '../../../src/ir/diagnostics.js';

const flagsOf = (...argv: readonly string[]): CompileFlags => {
  const invocation = parseArguments(['compile', 'm.onnx', ...argv], 80);
  if (invocation.command !== 'compile') throw new InternalError('compile is wanted');
  return invocation.flags;
};
const values = (settings: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, ConfigValue> =>
  new Map(Object.entries(settings).map(([name, texts], i) => [name, { texts, place: `q.yaml:${i + 1}:1` }]));

describe('mergeConfig', () => {
  it('takes from the file what the command line leaves open', () => {
    const file = values({ target: ['f28p55'], calib: ['a.npy', 'b.npy'], 'weight-bits': ['4'], legalise: ['true'] });
    const { flags, places } = mergeConfig(flagsOf('-o', 'out.onnx'), { values: file });
    expect(flags).toEqual({
      ...flagsOf('-o', 'out.onnx'),
      target: 'f28p55',
      calib: ['a.npy', 'b.npy'],
      weightBits: '4',
      legalise: true,
    });
    expect([...places]).toEqual([
      ['target', 'q.yaml:1:1'],
      ['calib', 'q.yaml:2:1'],
      ['weight-bits', 'q.yaml:3:1'],
      ['legalise', 'q.yaml:4:1'],
    ]);
  });

  it('leaves to the command line what it gives, lists as a whole', () => {
    const file = values({ target: ['f28p55'], bits: ['/a=4', '/b=4'], legalise: [], 'weight-bits': ['2'] });
    const given = flagsOf('-t', 'tinpu', '--bits', '/c=8', '--legalise');
    const { flags, places } = mergeConfig(given, { values: file });
    expect(flags).toEqual({ ...given, weightBits: '2' });
    expect([...places.keys()]).toEqual(['weight-bits']);
  });

  it('takes a flag that the file denies for one that is not given', () => {
    expect(mergeConfig(flagsOf(), { values: values({ legalise: [] }) }).flags.legalise).toBe(false);
  });
});
