import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { resize } from '../../../src/ir/ops/resize.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { SHAPE_KERNELS } from '../../../src/runtime/float/shape-ops.js';
import {
  floats,
  int64s,
  modelBytes,
  type AttributeSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../support/onnx-builder.js';
import { anyDType, build, dimsOf, distinct, elementAt, expectEqual } from '../../support/naive-tensor.js';
import { run, type AttributeInputs } from '../../support/run-operator.js';
import fc from 'fast-check';

const compute = (inputs: readonly (Tensor | undefined)[], attrs: AttributeInputs = {}): Tensor | undefined =>
  run(resize, SHAPE_KERNELS, inputs, attrs)[0];

describe('Resize', () => {
  it('nearest moves elements of every type', () => {
    const cases = dimsOf({ min: 1 }).chain((dims) =>
      fc.record({
        dtype: anyDType,
        dims: fc.constant(dims),
        sizes: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: dims.length, maxLength: dims.length }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ dtype, dims, sizes }) => {
        fc.pre(dims.length > 0);
        const data = distinct(dtype, dims);
        const wanted = build(dtype, sizes, (at) =>
          elementAt(
            data,
            at.map((x, a) => Math.floor((x * (dims[a] ?? 1)) / (sizes[a] ?? 1))),
          ),
        );
        const attrs = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
        expectEqual(compute([data, undefined, undefined, Tensor.int64(sizes)], attrs), wanted);
      }),
      { numRuns: 300, seed: 40 },
    );
  });

  it('shares the elements when nothing changes', () => {
    const data = distinct('uint8', [2, 3]);
    expect(compute([data, undefined, Tensor.float32([2], [1, 1])], { mode: 'linear' })?.data).toBe(data.data);
  });

  it('interpolated integers are cut off and stay in range', () => {
    const data = new Tensor('uint8', [4], Uint8Array.of(0, 255, 255, 0));
    const scales = Tensor.float32([1], [2]);
    expect(compute([data, undefined, scales], { mode: 'linear' })?.toNumbers()).toEqual([
      0, 63, 191, 255, 255, 191, 63, 0,
    ]);
    const cubic = compute([data, undefined, scales], { mode: 'cubic' })?.toNumbers() ?? [];
    expect(Math.max(...cubic)).toBe(255);
    expect(Math.min(...cubic)).toBe(0);
  });

  it('interpolates 64-bit integers and halves in their own type', () => {
    const scales = Tensor.float32([1], [2]);
    const integers = compute([Tensor.int64([0, 10]), undefined, scales], { mode: 'linear' });
    expectEqual(integers, Tensor.int64([0, 2, 7, 10]));
    const halves = compute([new Tensor('float16', [2], Float32Array.of(1, 1 + 2 ** -10)), undefined, scales], {
      mode: 'linear',
    });
    // A quarter of the last place goes down, three quarters go up.
    expect(halves?.toNumbers()).toEqual([1, 1, 1 + 2 ** -10, 1 + 2 ** -10]);
  });

  it('keeps an infinity within the reach of the kernel', () => {
    const data = Tensor.float32([4], [Infinity, 1, 2, 3]);
    const scales = Tensor.float32([1], [2]);
    expect(compute([data, undefined, scales], { mode: 'linear' })?.toNumbers()).toEqual([
      Infinity,
      Infinity,
      Infinity,
      1.25,
      1.75,
      2.25,
      2.75,
      3,
    ]);
  });

  it('resizes along every rank', () => {
    const data = Tensor.float32([2, 1, 2], [0, 4, 8, 12]);
    const attrs = { mode: 'linear', coordinate_transformation_mode: 'align_corners', axes: [0, 2] };
    const result = compute([data, undefined, undefined, Tensor.int64([3, 3])], attrs);
    expectEqual(result, Tensor.float32([3, 1, 3], [0, 2, 4, 4, 6, 8, 8, 10, 12]));
  });

  it('widens the kernel of antialiasing over a long axis', () => {
    const data = Tensor.float32(
      [2 ** 15, 1],
      Float32Array.from({ length: 2 ** 15 }, (_, i) => (i < 2 ** 14 ? 1 : 3)),
    );
    const scales = Tensor.float32([2], [2 ** -14, 1]);
    const result = compute([data, undefined, scales], { mode: 'linear', antialias: 1 })?.toNumbers() ?? [];
    // A triangle of half a width of 2^14 elements about a centre 2^13 elements from the step: 1/8 lies beyond.
    expect(result[0]).toBeCloseTo(1.25, 3);
    expect(result[1]).toBeCloseTo(2.75, 3);
  });
});

/** One Resize of the model that ONNX Runtime runs. */
interface Case {
  readonly attrs: Readonly<Record<string, string | number>>;
  readonly input: number;
  readonly scales?: readonly number[];
  readonly sizes?: readonly number[];
  readonly roi?: readonly number[];
}

const INPUTS: readonly (readonly number[])[] = [
  [1, 2, 6, 9],
  [2, 1, 5, 3],
  [1, 1, 1, 8],
];

/** Every mode against scales and sizes that change both axes. */
function* cases(): Generator<Case> {
  const samplings: Case['attrs'][] = [
    ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].map((nearest_mode) => ({
      mode: 'nearest',
      nearest_mode,
    })),
    { mode: 'linear' },
    { mode: 'linear', antialias: 1 },
    { mode: 'cubic' },
    { mode: 'cubic', exclude_outside: 1 },
    { mode: 'cubic', antialias: 1 },
  ];
  const positions = [
    'half_pixel',
    'half_pixel_symmetric',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
    'tf_crop_and_resize',
  ];
  for (const sampling of samplings) {
    for (const coordinate_transformation_mode of positions) {
      const attrs = { ...sampling, coordinate_transformation_mode };
      // ONNX Runtime fails where antialiasing meets a region beyond the data.
      if ('antialias' in attrs && coordinate_transformation_mode === 'tf_crop_and_resize') continue;
      for (const [input, [, , height = 1, width = 1]] of INPUTS.entries()) {
        const crop = coordinate_transformation_mode === 'tf_crop_and_resize';
        const roi = crop ? { roi: [0, 0, 0.25, -0.125, 1, 1, 0.9, 1.25] } : {};
        // With align_corners ONNX Runtime rounds the length down first where the backend suite does not.
        const whole = coordinate_transformation_mode === 'align_corners';
        for (const scales of [
          [2, 3],
          [1.5, 0.6],
          [0.7, 2.7],
          [3, 0.45],
        ]) {
          if (!whole || scales.every(Number.isInteger))
            yield { attrs, input, scales: [1, 1, ...scales].map(Math.fround), ...roi };
        }
        for (const sizes of [
          [4, 7],
          [11, 2],
          [3, 20],
        ]) {
          // ONNX Runtime takes an axis that keeps its size as it is, crop or not.
          if (sizes[0] !== height && sizes[1] !== width)
            yield { attrs, input, sizes: [...(INPUTS[input] ?? []).slice(0, 2), ...sizes], ...roi };
        }
      }
    }
  }
}

describe('Resize against ONNX Runtime', () => {
  it('agrees in every mode', async () => {
    const next = uniformSource(41);
    const inputs = INPUTS.map((dims) =>
      Tensor.float32(
        dims,
        Float32Array.from({ length: sizeOf(dims) }, () => 4 * next()),
      ),
    );
    const all = [...cases()].filter(
      ({ input, scales }) =>
        scales === undefined || scales.every((scale, a) => scale === 1 || changesSize(INPUTS[input]?.[a] ?? 1, scale)),
    );
    const initializers: TensorSpec[] = [];
    const nodes = all.map(({ attrs, input, scales, sizes, roi }, i): NodeSpec => {
      const names = [`x${input}`, roi ? `roi${i}` : '', scales ? `scales${i}` : '', ...(sizes ? [`sizes${i}`] : [])];
      if (roi) initializers.push(floats(`roi${i}`, [8], roi));
      if (scales) initializers.push(floats(`scales${i}`, [4], scales));
      if (sizes) initializers.push(int64s(`sizes${i}`, sizes));
      const attributes = Object.entries(attrs).map(([name, value]): [string, AttributeSpec] => [
        name,
        typeof value === 'string' ? { string: value } : { int: value },
      ]);
      return { op: 'Resize', name: `resize${i}`, inputs: names, outputs: [`y${i}`], attributes };
    });
    const model = modelBytes({
      opset: 19,
      irVersion: 9,
      inputs: INPUTS.map((shape, i) => ({ name: `x${i}`, shape })),
      outputs: all.map((_, i) => ({ name: `y${i}`, shape: [null, null, null, null] })),
      initializers,
      nodes,
    });
    const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
    const feeds = inputs.map((tensor, i) => [`x${i}`, new OrtTensor('float32', tensor.data, tensor.dims)]);
    const results = await session.run(Object.fromEntries(feeds) as Record<string, OrtTensor>);
    expect(all.length).toBeGreaterThan(700);
    const differences: string[] = [];
    for (const [i, { attrs, input, scales, sizes, roi }] of all.entries()) {
      const tensor = compute(
        [
          inputs[input],
          roi && Tensor.float32([8], roi),
          scales && Tensor.float32([4], scales),
          sizes && Tensor.int64(sizes),
        ],
        attrs,
      );
      const wanted = results[`y${i}`];
      const data = wanted?.data as Float32Array;
      let worst = tensor?.dims.join() === wanted?.dims.join() ? 0 : Infinity;
      for (const [j, value] of data.entries()) worst = Math.max(worst, Math.abs(value - Number(tensor?.data[j])));
      // Values up to 4; float32 against float64 sums of at most 12 products of weights up to 1.5.
      if (!(worst <= 2e-5)) differences.push(`${JSON.stringify(all[i])}: ${worst}`);
    }
    expect(differences).toEqual([]);
  });
});

/** Whether a scale changes the size of an axis; one that does not is left alone by ONNX Runtime's antialiasing. */
const changesSize = (size: number, scale: number): boolean => Math.floor(Math.fround(size * scale)) !== size;
