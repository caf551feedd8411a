import { describe, expect, it } from 'vitest';
import { saturationComplaint } from '../../../../src/backends/tinpu/scales/saturation.js';

const unsigned = (scale: number) => ({ scale, bits: 8, signed: false });
const signed = (scale: number) => ({ scale, bits: 8, signed: true });

describe('saturationComplaint', () => {
  it('has nothing against a Relu, whatever the scale', () => {
    expect(saturationComplaint({ min: 0, max: Infinity }, unsigned(0.3))).toBeUndefined();
  });

  it('has nothing against integers that end within half a step of the bounds', () => {
    expect(saturationComplaint({ min: 0, max: 6 }, unsigned(6 / 255))).toBeUndefined();
    expect(saturationComplaint({ min: 0, max: 6 }, unsigned(6 / 254.6))).toBeUndefined();
    expect(saturationComplaint({ min: -1, max: 1 }, signed(1 / 127.5))).toBeUndefined();
  });

  it('draws the line at half a step, give or take the rounding of a quotient', () => {
    const complains = (min: number, max: number, grid: ReturnType<typeof unsigned>): boolean =>
      saturationComplaint({ min, max }, grid) !== undefined;
    // Integers end at 510, and at -256 and 254.
    expect([509, 509 - 5e-7, 509 - 2e-6, 508].map((max) => complains(0, max, unsigned(2)))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect([-255, -255 + 5e-7, -255 + 2e-6, -254].map((min) => complains(min, 300, signed(2)))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('has nothing against integers that stay inside the bounds', () => {
    expect(saturationComplaint({ min: -8, max: 8 }, signed(1 / 128))).toBeUndefined();
  });

  it('says which bound integers exceed', () => {
    expect(saturationComplaint({ min: 0, max: 6 }, unsigned(6 / 250))).toMatch(/^integers reach up to 6\.12, .* 6$/);
    expect(saturationComplaint({ min: 0, max: 6 }, signed(6 / 127))).toMatch(/^integers reach down to -6\.0/);
    expect(saturationComplaint({ min: 2, max: 5 }, unsigned(5 / 255))).toBe('integers reach down to 0, the bound is 2');
  });
});
