import { describe, expect, it } from 'vitest';
import { floats, type ModelSpec } from '../../../support/onnx-builder.js';
import { differenceInOrt, imported } from '../../../support/normalise.js';

function model(op: string, shape: readonly (number | string)[], axis: number | undefined, opset = 11): ModelSpec {
  return {
    opset,
    nodes: [
      { op, name: 's', inputs: ['x'], outputs: ['y'], attributes: axis === undefined ? {} : { axis: { int: axis } } },
    ],
    inputs: [{ name: 'x', shape }],
    outputs: [{ name: 'y' }],
  };
}

describe.each(['Softmax', 'LogSoftmax', 'Hardmax'])('%s of opsets before 13', (op) => {
  it.each<[(number | string)[], number | undefined, number, string[]]>([
    [[2, 5], undefined, 1, ['axis 1 is written out']],
    [[2, 5], 1, 1, []],
    [[2, 5], -1, -1, []],
    [[2, 3, 5], 2, 2, []],
    [['N', 10, 1, 1], undefined, 1, ['axis 1 is written out']],
    [['N', 10, 1, 1], 1, 1, []],
    [['N', 1, 10], 1, 2, ['axis 2 is written out']],
    [['N', 1, 1], 1, 2, ['axis 2 is written out']],
    [[5], 0, 0, []],
    [['N'], -1, -1, []],
  ])('of shape %j along %j is the newest form along %i', (shape, axis, expected, texts) => {
    const result = imported(model(op, shape, axis));
    expect(result.lines[1]).toContain(`= ${op}(x) {axis = ${expected}}`);
    expect(result.texts).toEqual(texts);
  });

  const flattened: [(number | string)[], number | undefined][] = [
    [[2, 3, 4], undefined],
    [[2, 3, 4], 0],
    [[2, 3, 1, 4], -3],
    [['N', 3, 4], 1],
    [['N', 3, 4], 0],
    [['N', 3, 'M'], 1],
    [[1, 'M', 2, 2], 2],
  ];

  it.each(flattened)('of shape %j along %j keeps its shape', (shape, axis) => {
    const { lines, texts } = imported(model(op, shape, axis));
    expect(lines.at(-2)).toContain(`y: float32[${shape.join(',')}] = Reshape(`);
    expect(lines.filter((line) => line.includes(` = ${op}(`))).toHaveLength(1);
    expect(texts[0]).toContain('are flattened before and restored after');
  });

  it.each(flattened)('of shape %j along %j computes the same', async (shape, axis) => {
    expect(await differenceInOrt(model(op, shape, axis))).toBeUndefined();
  });

  it('restores a known shape from a constant', () => {
    expect(imported(model(op, ['N', 3, 4], 1)).lines).toEqual([
      'input x: float32[N,3,4]',
      's_flatten: float32[N,12] = Flatten(x) {axis = 1}',
      `s_${op.toLowerCase()}: float32[N,12] = ${op}(s_flatten) {axis = 1}`,
      `y: float32[N,3,4] = Reshape(s_${op.toLowerCase()}, int64[3](-1 3 4))`,
      'output y = y',
    ]);
  });

  it('restores a shape with an empty axis', () => {
    const spec = model(op, [], 1);
    const { lines } = imported({ ...spec, inputs: [], initializers: [floats('x', [0, 3, 4], [])] });
    expect(lines.at(-2)).toContain('y: float32[0,3,4] = Reshape(');
    expect(lines.at(-2)).toContain('int64[3](0 3 4)) {allowzero = 1}');
  });

  it('refuses an axis outside of the input', () => {
    expect(() => imported(model(op, [2, 3], 3))).toThrow(`axis of ${op} is 3, but the input has 2 axes`);
  });

  it('is left alone from opset 13 on', () => {
    const { lines, texts } = imported(model(op, [2, 3, 4], 1, 13));
    expect(lines[1]).toBe(`y: float32[2,3,4] = ${op}(x) {axis = 1}`);
    expect(texts).toEqual([]);
  });
});
