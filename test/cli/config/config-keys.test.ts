import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../../src/cli/arguments.js';
import { COMMAND_LINE_ONLY, CONFIG_KEYS, RECORDED } from '../../../src/cli/config/config-keys.js';
import type { CompileFlags } from '../../../src/cli/invocation.js';
import { InternalError } from '../../../src/ir/diagnostics.js';

function flagsOf(...argv: readonly string[]): CompileFlags {
  const invocation = parseArguments(['compile', 'm.onnx', ...argv], 80);
  if (invocation.command !== 'compile') throw new InternalError('compile is wanted');
  return invocation.flags;
}
const camelCase = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

describe('the keys of a configuration', () => {
  it.each(CONFIG_KEYS.map((key) => [key.name, key] as const))('%s is an option of compile', (name, { flag, kind }) => {
    expect([undefined, false, []]).toContainEqual(flagsOf()[flag]);
    const given = flagsOf(kind === 'flag' ? `--${name}` : `--${name}=1`)[flag];
    const many = kind === 'texts' || kind === 'paths' || kind === 'names';
    expect(given).toEqual(kind === 'flag' ? true : many ? ['1'] : '1');
  });

  it('are all options of compile but those of the command line alone', () => {
    const known = new Set<string>([...CONFIG_KEYS.map(({ flag }) => flag), ...[...COMMAND_LINE_ONLY].map(camelCase)]);
    expect(Object.keys(flagsOf()).filter((flag) => !known.has(flag))).toEqual([]);
  });

  it('are each told once, and none is of the command line alone', () => {
    const names = CONFIG_KEYS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(CONFIG_KEYS.map(({ flag }) => flag)).size).toBe(names.length);
    expect(names.filter((name) => COMMAND_LINE_ONLY.has(name) || name === RECORDED)).toEqual([]);
  });
});
