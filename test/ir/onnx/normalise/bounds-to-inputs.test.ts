import { describe, expect, it } from 'vitest';
import { floats, int64s, type ModelSpec, type NodeSpec, type TensorSpec } from '../../../support/onnx-builder.js';
import { differenceInOrt, imported } from '../../../support/normalise.js';

function model(opset: number, node: NodeSpec, initializers: readonly TensorSpec[] = []): ModelSpec {
  return {
    opset,
    nodes: [{ inputs: ['x'], outputs: ['y'], ...node }],
    inputs: [{ name: 'x', shape: [2, 3, 4] }],
    outputs: [{ name: 'y' }],
    initializers,
  };
}

const scalar = (name: string, value: number): TensorSpec => floats(name, [], [value]);

const cases: readonly (readonly [string, ModelSpec, ModelSpec, readonly string[]])[] = [
  [
    'Clip with both bounds',
    model(6, { op: 'Clip', attributes: { min: { float: -1 }, max: { float: 0.5 } } }),
    model(21, { op: 'Clip', inputs: ['x', 'lo', 'hi'] }, [scalar('lo', -1), scalar('hi', 0.5)]),
    ['the attributes min and max become inputs'],
  ],
  [
    'Clip with an upper bound',
    model(10, { op: 'Clip', attributes: { max: { float: 1.25 } } }),
    model(21, { op: 'Clip', inputs: ['x', '', 'hi'] }, [scalar('hi', 1.25)]),
    ['the attribute max becomes an input'],
  ],
  [
    'Clip with the largest floats as bounds',
    model(7, {
      op: 'Clip',
      attributes: { min: { float: -3.4028234663852886e38 }, max: { float: 3.4028234663852886e38 } },
    }),
    model(21, { op: 'Clip' }),
    ['the attributes min and max become inputs'],
  ],
  ['Clip without bounds', model(10, { op: 'Clip' }), model(21, { op: 'Clip' }), []],
  [
    'Pad',
    model(2, { op: 'Pad', attributes: { pads: { ints: [0, 1, 2, 0, 0, 1] }, value: { float: 0.5 } } }),
    model(21, { op: 'Pad', inputs: ['x', 'p', 'v'] }, [int64s('p', [0, 1, 2, 0, 0, 1]), scalar('v', 0.5)]),
    ['the attributes pads and value become inputs'],
  ],
  [
    'Pad that mirrors',
    model(10, {
      op: 'Pad',
      attributes: { pads: { ints: [0, 0, 1, 0, 0, 2] }, mode: { string: 'reflect' }, value: { float: 7 } },
    }),
    model(21, { op: 'Pad', inputs: ['x', 'p'], attributes: { mode: { string: 'reflect' } } }, [
      int64s('p', [0, 0, 1, 0, 0, 2]),
    ]),
    ['the attributes pads and value become inputs'],
  ],
  [
    'Dropout',
    model(10, { op: 'Dropout', outputs: ['y', 'mask'], attributes: { ratio: { float: 0.25 } } }),
    model(21, { op: 'Dropout', inputs: ['x', 'r'] }, [scalar('r', 0.25)]),
    ["the attribute ratio becomes an input; 'mask' is dropped: not read"],
  ],
];

describe('bounds that were attributes', () => {
  it.each(cases)('%s has the graph of the newest form', (_, before, after, texts) => {
    expect(imported(before).lines).toEqual(imported(after).lines);
    expect(imported(before).texts).toEqual(texts);
  });

  it.each(cases.filter(([, { opset }]) => (opset ?? 0) >= 6))('%s computes the same', async (_, before) => {
    expect(await differenceInOrt(before)).toBeUndefined();
  });

  it('gives the bounds the type of the data, rounded to it', () => {
    const spec = model(6, { op: 'Clip', attributes: { min: { float: 0.1 } } });
    const half = imported({
      ...spec,
      inputs: [{ name: 'x', type: 10, shape: [2] }],
      outputs: [{ name: 'y', type: 10 }],
    });
    expect(half.lines[1]).toBe('y: float16[2] = Clip(x, float16[](0.0999755859375))');
  });

  it('reads the names that Pad and Dropout had in opset 1', () => {
    const pad = model(1, { op: 'Pad', attributes: { paddings: { ints: [0, 0, 0, 0, 0, 1] } } });
    expect(imported(pad).lines[1]).toContain('Pad(x, int64[6](0 0 0 0 0 1))');
    expect(imported(pad).texts).toEqual(['the attribute paddings becomes an input']);
    const dropout = model(1, { op: 'Dropout', attributes: { is_test: { int: 1 }, consumed_inputs: { ints: [0] } } });
    expect(imported(dropout).lines[1]).toBe('y: float32[2,3,4] = Dropout(x)');
    expect(imported(dropout).model.diagnostics).toEqual([]);
  });

  it('warns of Dropout in training mode before opset 7', () => {
    const { model: training } = imported(model(6, { op: 'Dropout' }));
    expect(training.diagnostics.map(({ code }) => code)).toEqual(['training-mode']);
  });

  it('keeps the mask of Dropout where it is read', () => {
    const spec = model(12, { op: 'Dropout', outputs: ['y', 'mask'] });
    const { lines } = imported({ ...spec, outputs: [{ name: 'y' }, { name: 'mask', type: 9 }] });
    expect(lines[1]).toBe('y: float32[2,3,4], mask: bool[2,3,4] = Dropout(x)');
  });

  it('refuses the mask of Dropout where it was no bool', () => {
    const spec = model(7, { op: 'Dropout', outputs: ['y', 'mask'] });
    expect(() => imported({ ...spec, outputs: [{ name: 'y' }, { name: 'mask' }] })).toThrow('mask of Dropout');
  });

  it('joins the tiles and the axis of Tile', () => {
    const spec = model(1, { op: 'Tile', inputs: ['x', 't', 'a'] }, [int64s('t', [3]), int64s('a', [1])]);
    expect(imported(spec).lines[1]).toBe('y: float32[2,9,4] = Tile(x, int64[3](1 3 1))');
  });
});
