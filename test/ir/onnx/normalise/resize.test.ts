import { describe, expect, it } from 'vitest';
import { floats, int64s, type AttributeSpec, type ModelSpec, type TensorSpec } from '../../../support/onnx-builder.js';
import { differenceInOrt, imported } from '../../../support/normalise.js';

interface Parts {
  readonly op: string;
  readonly opset: number;
  readonly inputs?: readonly string[];
  readonly attributes?: Record<string, AttributeSpec>;
  readonly initializers?: readonly TensorSpec[];
}

const model = ({ op, opset, inputs = ['x'], attributes = {}, initializers = [] }: Parts): ModelSpec => ({
  opset,
  nodes: [{ op, inputs, outputs: ['y'], attributes }],
  inputs: [{ name: 'x', shape: [1, 2, 4, 6] }],
  outputs: [{ name: 'y' }],
  initializers,
});

const scales = (...values: number[]): TensorSpec => floats('s', [4], values);

const cases: readonly (readonly [string, Parts, string])[] = [
  [
    'Upsample of opset 7',
    { op: 'Upsample', opset: 7, attributes: { scales: { floats: [1, 1, 2, 3] }, mode: { string: 'nearest' } } },
    'y: float32[1,2,8,18] = Resize(x, _, float32[4](1 1 2 3)) ' +
      '{mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"}',
  ],
  [
    'Upsample of opset 9',
    {
      op: 'Upsample',
      opset: 9,
      inputs: ['x', 's'],
      attributes: { mode: { string: 'linear' } },
      initializers: [scales(1, 1, 2, 1.5)],
    },
    'y: float32[1,2,8,9] = Resize(x, _, float32[4](1 1 2 1.5)) {mode = "linear", coordinate_transformation_mode = "asymmetric"}',
  ],
  [
    'Resize of opset 10 that enlarges',
    { op: 'Resize', opset: 10, inputs: ['x', 's'], initializers: [scales(1, 1, 1.5, 2)] },
    'y: float32[1,2,6,12] = Resize(x, _, float32[4](1 1 1.5 2)) ' +
      '{coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"}',
  ],
  [
    'Resize of opset 10 that shrinks',
    { op: 'Resize', opset: 10, inputs: ['x', 's'], initializers: [floats('s', [4], [1, 1, 0.75, 0.5])] },
    'y: float32[1,2,3,3] = Resize(x, _, float32[4](1 1 0.75 0.5)) ' +
      '{coordinate_transformation_mode = "asymmetric", nearest_mode = "ceil"}',
  ],
];

describe('older forms of Resize', () => {
  it.each(cases)('%s becomes the newest form', (_, parts, line) => {
    const { lines, texts } = imported(model(parts));
    expect(lines[1]).toBe(line);
    expect(texts).toEqual(['positions are asymmetric']);
  });

  it.each(cases)('%s computes the same', async (_, parts) => {
    expect(await differenceInOrt(model(parts))).toBeUndefined();
  });

  it('reads the two scales and the bilinear mode of Upsample of opset 1', () => {
    const attributes = { height_scale: { float: 2 }, width_scale: { float: 3 }, mode: { string: 'bilinear' } };
    expect(imported(model({ op: 'Upsample', opset: 1, attributes })).lines[1]).toBe(
      'y: float32[1,2,8,18] = Resize(x, _, float32[4](1 1 2 3)) {mode = "linear", coordinate_transformation_mode = "asymmetric"}',
    );
  });

  it('says what it became', () => {
    const [, parts] = cases[1] ?? [];
    const { model: result } = imported(model(parts ?? { op: '', opset: 9 }));
    expect(result.normalisations.filter(({ at }) => at !== undefined)).toEqual([
      {
        at: { nodeIndex: 0, op: 'Upsample' },
        from: 'Upsample of opset 9',
        to: 'Resize',
        text: 'positions are asymmetric',
      },
    ]);
    expect(result.graph.nodes[0]?.origins).toEqual([{ index: 0, name: 'Upsample_0', op: 'Upsample' }]);
  });

  it.each<[Parts, string]>([
    [{ op: 'Resize', opset: 10, inputs: ['x', 's'], initializers: [scales(1, 1, 2, 0.5)] }, 'one of both is accepted'],
    [{ op: 'Resize', opset: 10, inputs: ['x', 'x'] }, 'the scales of Resize depend on the data'],
    [{ op: 'Resize', opset: 10 }, 'input 1 of Resize is missing'],
    [{ op: 'Upsample', opset: 9 }, 'input 1 of Resize is missing'],
  ])('refuses %j', (parts, message) => expect(() => imported(model(parts))).toThrow(message));

  it('leaves out empty inputs and a region that has no effect', () => {
    const empty = floats('e', [0], []);
    const sized = model({
      op: 'Resize',
      opset: 11,
      inputs: ['x', 'e', 'e', 'n'],
      initializers: [empty, int64s('n', [1, 2, 8, 8])],
    });
    expect(imported(sized).lines[1]).toBe('y: float32[1,2,8,8] = Resize(x, _, _, int64[4](1 2 8 8))');
    expect(imported(sized).texts).toEqual(['roi and scales are dropped: without effect']);
    const scaled = model({
      op: 'Resize',
      opset: 13,
      inputs: ['x', 'r', 's'],
      initializers: [floats('r', [8], [0, 0, 0, 0, 1, 1, 1, 1]), scales(1, 1, 2, 2)],
    });
    expect(imported(scaled).lines[1]).toBe('y: float32[1,2,8,12] = Resize(x, _, float32[4](1 1 2 2))');
  });

  it('keeps the region of tf_crop_and_resize', () => {
    const crop = model({
      op: 'Resize',
      opset: 11,
      inputs: ['x', 'r', 's'],
      attributes: { coordinate_transformation_mode: { string: 'tf_crop_and_resize' } },
      initializers: [floats('r', [8], [0, 0, 0, 0, 1, 1, 1, 1]), scales(1, 1, 2, 2)],
    });
    expect(imported(crop).texts).toEqual([]);
  });
});
