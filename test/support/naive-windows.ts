import fc from 'fast-check';

/** One spatial axis of a sliding window, as an operator's attributes declare it. */
export interface DeclaredAxis {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
}

/** An axis as it comes out: how many windows there are, and the padding that auto_pad decides. */
export interface ResolvedAxis extends DeclaredAxis {
  readonly output: number;
}

export const extent = ({ kernel, dilation }: DeclaredAxis): number => 1 + dilation * (kernel - 1);

/**
 * Counts the windows one by one. In floor mode a window counts when it ends within the padded data; in ceil mode when
 * it starts within the data or the padding before them and the window before it did not reach the end.
 */
export function resolveAxis(axis: DeclaredAxis, autoPad: string, ceil: boolean): ResolvedAxis {
  let { padBegin, padEnd } = axis;
  if (autoPad === 'VALID') padBegin = padEnd = 0;
  if (autoPad.startsWith('SAME')) {
    let output = 0;
    while (output * axis.stride < axis.input) output++;
    let padding = 0;
    while ((output - 1) * axis.stride + extent(axis) > axis.input + padding) padding++;
    padBegin = autoPad === 'SAME_UPPER' ? Math.floor(padding / 2) : Math.ceil(padding / 2);
    padEnd = padding - padBegin;
    return { ...axis, padBegin, padEnd, output };
  }
  const length = axis.input + padBegin + padEnd;
  let output = 0;
  for (;;) {
    const start = output * axis.stride;
    const fits = ceil
      ? start - axis.stride + extent(axis) < length && start < axis.input + padBegin
      : start + extent(axis) <= length;
    if (!fits) return { ...axis, padBegin, padEnd, output };
    output++;
  }
}

/** Small axes: kernels now and then longer than the data, strides longer than kernels, asymmetric padding. */
export const axisArbitrary: fc.Arbitrary<DeclaredAxis> = fc.record({
  input: fc.integer({ min: 1, max: 9 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  padBegin: fc.integer({ min: 0, max: 3 }),
  padEnd: fc.integer({ min: 0, max: 3 }),
});

/** One to three axes, of which those beyond the first are shorter. */
export const axesArbitrary: fc.Arbitrary<DeclaredAxis[]> = fc
  .array(axisArbitrary, { minLength: 1, maxLength: 3 })
  .map((axes) => axes.map((axis, i) => (i === 0 ? axis : { ...axis, input: Math.min(axis.input, 5) })));

export const autoPadArbitrary: fc.Arbitrary<string> = fc.constantFrom(
  'NOTSET',
  'NOTSET',
  'VALID',
  'SAME_UPPER',
  'SAME_LOWER',
);

/** The attributes that declare the axes; pads are left out where auto_pad forbids them. */
export function windowAttributes(axes: readonly DeclaredAxis[], autoPad: string): Record<string, number[] | string> {
  return {
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    ...(autoPad === 'NOTSET'
      ? { pads: [...axes.map(({ padBegin }) => padBegin), ...axes.map(({ padEnd }) => padEnd)] }
      : { auto_pad: autoPad }),
  };
}

/** All coordinates below the given sizes. */
export function coordinates(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (prefixes, size) => prefixes.flatMap((prefix) => Array.from({ length: size }, (_, i) => [...prefix, i])),
    [[]],
  );
}
