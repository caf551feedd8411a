import { describe, expect, it } from 'vitest';
import { findTarget, TARGETS } from '../../src/backends/targets.js';

describe('targets', () => {
  it('have each name and alias once, in lower case', () => {
    const names = TARGETS.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
    expect(names.filter((name) => findTarget(name) === undefined)).toEqual([]);
  });

  it.each([
    ['F28P55X', 'f28p55'],
    ['f28p550sj', 'f28p55'],
    ['am13e23019', 'am13e2'],
    ['Generic', 'generic'],
  ])('are found by %s', (name, found) => expect(findTarget(name)?.name).toBe(found));

  it.each(['', 'f28', 'constructor', '__proto__'])("do not include '%s'", (name) =>
    expect(findTarget(name)).toBeUndefined(),
  );

  it('take by default the backend of their accelerator, which is one of theirs', () => {
    for (const { name, accelerator, defaultBackend, backends } of TARGETS) {
      expect(backends, name).toContain(defaultBackend);
      expect(defaultBackend, name).toBe(accelerator === 'npu' ? 'tinpu' : 'generic');
    }
  });

  it('list NPU devices first', () => {
    const devices = TARGETS.filter(({ name }) => name !== 'tinpu' && name !== 'generic');
    const accelerated = devices.map(({ accelerator }) => accelerator === 'npu');
    expect(accelerated).toEqual([...accelerated].sort((a, b) => Number(b) - Number(a)));
    expect(accelerated.filter(Boolean)).toHaveLength(3);
  });

  it('restrict the abstract ones to their own backend', () => {
    expect(findTarget('tinpu')?.backends).toEqual(['tinpu']);
    expect(findTarget('generic')?.backends).toEqual(['generic']);
  });
});
