import { describe, expect, it } from 'vitest';
import { constantInputs } from '../../../../src/backends/tinpu/report/constant-inputs.js';
import { assignRoles, type QuantisationPoint } from '../../../../src/backends/tinpu/split/roles.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import type { Range } from '../../../../src/passes/calibration/observers/observer.js';

const { points } = assignRoles(
  parseGraph(
    `graph "g"
    input %x: float32[N,1,4,4]
    input %z: float32[N,4]
    const %one: float32[1] = [1]
    const %w: float32[1,1,1,1] = [1]
    const %v: float32[4,4] = random 1
    %n = BatchNormalization(%x, %one, %one, %one, %one)
    %a = Conv(%n, %w)
    %b = Gemm(%z, %v)
    output "a" = %a
    output "b" = %b`,
    OPERATORS,
  ),
);

/** What is said when the tensors have these ranges, and [-1, 1] where none is given. */
const warnings = (ranges: Readonly<Record<string, Range>>) => {
  const known = new Map(Object.entries(ranges));
  return constantInputs(points, {
    rangeOf: ({ value }: QuantisationPoint) => known.get(value.name) ?? { min: -1, max: 1 },
  });
};

describe('constantInputs', () => {
  it('says nothing of inputs that change', () => {
    expect(warnings({})).toEqual([]);
  });

  it('warns of an input that never changes, whatever it is', () => {
    expect(warnings({ z: { min: 0.5, max: 0.5 } })).toEqual([
      {
        code: 'constant-input',
        severity: 'warning',
        message: "'z' is 0.5 throughout the calibration data; the ranges taken from it are not representative",
        at: { value: 'z' },
        hint: 'give typical inputs with --calib',
      },
    ]);
  });

  it('warns of each of several, behind the normalisation of an input as well', () => {
    const still = { min: 0, max: 0 };
    expect(
      warnings({ n: still, z: still })
        .map(({ at }) => at?.value)
        .sort(),
    ).toEqual(['n', 'z']);
  });

  it('says nothing of layers that never change', () => {
    expect(warnings({ a: { min: 0, max: 0 } })).toEqual([]);
  });
});
