import { describe, expect, it } from 'vitest';
import { floats, type AttributeSpec, type ModelSpec } from '../../../support/onnx-builder.js';
import { differenceInOrt, imported } from '../../../support/normalise.js';

const vector = (name: string, ...values: number[]): ReturnType<typeof floats> => floats(name, [values.length], values);

function batchNorm(opset: number, attributes: Record<string, AttributeSpec>, outputs = ['y']): ModelSpec {
  return {
    opset,
    nodes: [{ op: 'BatchNormalization', inputs: ['x', 'g', 'b', 'm', 'v'], outputs, attributes }],
    inputs: [{ name: 'x', shape: [2, 2, 3] }],
    outputs: [{ name: 'y' }],
    initializers: [vector('g', 1, 2), vector('b', 0, 1), vector('m', 0.5, -1), vector('v', 1, 4)],
  };
}

const trained = ['y', 'mean', 'var', 'saved_mean', 'saved_var'];

describe('BatchNormalization of opsets before 14', () => {
  it.each<[string, number, Record<string, AttributeSpec>, string[]]>([
    ['opset 9', 9, {}, []],
    [
      'opset 7 with spatial',
      7,
      { spatial: { int: 1 } },
      ['spatial is dropped: inference per channel is the only form'],
    ],
    [
      'opset 1 in test mode',
      1,
      { spatial: { int: 1 }, is_test: { int: 1 }, consumed_inputs: { ints: [0, 0, 0, 1, 1] } },
      [
        'consumed_inputs is dropped: it is a memory hint; spatial and is_test are dropped: inference per channel is the only form',
      ],
    ],
  ])('%s is the newest form', (_, opset, attributes, texts) => {
    const result = imported(batchNorm(opset, { epsilon: { float: 0.5 }, ...attributes }));
    expect(result.lines).toEqual(imported(batchNorm(15, { epsilon: { float: 0.5 } })).lines);
    expect(result.texts).toEqual(texts);
    expect(result.model.diagnostics).toEqual([]);
  });

  it('computes the same', async () => {
    expect(await differenceInOrt(batchNorm(9, { epsilon: { float: 0.5 } }))).toBeUndefined();
  });

  it.each([
    ['the outputs of training', batchNorm(9, {}, trained)],
    ['no word of test mode', batchNorm(6, {})],
  ])('with %s is read as inference and warned of', (_, spec) => {
    const { lines, model } = imported(spec);
    expect(lines).toEqual(imported(batchNorm(15, {})).lines);
    expect(model.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['training-mode', 'warning']]);
  });

  it('is refused where its new statistics are read', () => {
    const spec = { ...batchNorm(9, {}, trained), outputs: [{ name: 'y' }, { name: 'mean' }] };
    expect(() => imported(spec)).toThrow('BatchNormalization computes new statistics, only inference is accepted');
  });

  it('is refused with statistics per element', () => {
    expect(() => imported(batchNorm(7, { spatial: { int: 0 } }))).toThrow('spatial = 0');
  });
});

describe('GroupNormalization of opsets before 21', () => {
  const model = (opset: number, scale: readonly number[], inputs: readonly string[] = ['x', 's', 'b']): ModelSpec => ({
    opset,
    nodes: [{ op: 'GroupNormalization', inputs, outputs: ['y'], attributes: { num_groups: { int: 2 } } }],
    inputs: [{ name: 'x', shape: [1, 4, 3] }],
    outputs: [{ name: 'y' }],
    initializers: [vector('s', ...scale), vector('b', ...scale.map((value) => value / 4))],
  });

  it('has its scale and bias repeated for each channel', () => {
    const { lines, texts } = imported(model(18, [1, 2]));
    expect(lines).toEqual(imported(model(21, [1, 1, 2, 2])).lines);
    expect(texts).toEqual([
      'the scale is repeated for the channels of each group; the bias is repeated for the channels of each group',
    ]);
  });

  it('is refused where they do not fit', () => {
    expect(() => imported(model(18, [1, 2, 3]))).toThrow(
      'the scale of GroupNormalization is not a constant of 2 elements',
    );
    expect(() => imported(model(18, [1, 2], ['x', 'x', 'b']))).toThrow('is not a constant of 2 elements');
  });
});
