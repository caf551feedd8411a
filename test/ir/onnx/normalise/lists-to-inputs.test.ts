import { describe, expect, it } from 'vitest';
import { int64s, type AttributeSpec, type ModelSpec, type NodeSpec } from '../../../support/onnx-builder.js';
import { differenceInOrt, imported } from '../../../support/normalise.js';

type Shape = readonly (number | string)[];

/** A model of one node whose lists are attributes. */
function old(
  op: string,
  opset: number,
  input: Shape,
  attributes: Record<string, AttributeSpec>,
  outputs = 1,
): ModelSpec {
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const node: NodeSpec = { op, inputs: ['x'], outputs: names, attributes };
  return {
    opset,
    nodes: [node],
    inputs: [{ name: 'x', shape: input }],
    outputs: names.map((name) => ({ name, kind: 'none' })),
  };
}

const ints = (...values: (number | bigint)[]): AttributeSpec => ({ ints: values });

/** The same model with the lists as inputs. */
function newest(
  spec: ModelSpec,
  lists: readonly (readonly (number | bigint)[] | undefined)[],
  attributes: Record<string, AttributeSpec> = {},
): ModelSpec {
  const [node] = spec.nodes ?? [];
  const inputs = ['x', ...lists.map((list, i) => (list === undefined ? '' : `list${i}`))];
  return {
    ...spec,
    opset: 21,
    nodes: [{ ...node, op: node?.op ?? '', inputs, attributes }],
    initializers: lists.flatMap((list, i) => (list === undefined ? [] : [int64s(`list${i}`, list)])),
  };
}

const cases: readonly (readonly [string, ModelSpec, ModelSpec, string])[] = (
  [
    [old('Squeeze', 7, [1, 3, 1], { axes: ints(0) }), [[0]], {}, 'the attribute axes becomes an input'],
    [old('Squeeze', 11, [1, 3, 1], { axes: ints(-1, 0) }), [[-1, 0]], {}, 'the attribute axes becomes an input'],
    [old('Unsqueeze', 11, [2, 3], { axes: ints(0, -1) }), [[0, -1]], {}, 'the attribute axes becomes an input'],
    [
      old('ReduceSum', 11, [2, 3, 4], { axes: ints(1), keepdims: { int: 0 } }),
      [[1]],
      { keepdims: { int: 0 } },
      'the attribute axes becomes an input',
    ],
    [old('ReduceMean', 17, [2, 3, 4], { axes: ints(-1, 1) }), [[-1, 1]], {}, 'the attribute axes becomes an input'],
    [old('ReduceMax', 12, ['N', 3, 4], { axes: ints(2) }), [[2]], {}, 'the attribute axes becomes an input'],
    [old('ReduceL2', 13, [2, 3], { axes: ints(0) }), [[0]], {}, 'the attribute axes becomes an input'],
    [
      old('Slice', 9, [4, 5], { starts: ints(1), ends: ints(2n ** 63n - 1n), axes: ints(1) }),
      [[1], [2n ** 53n - 1n], [1]],
      {},
      'the attributes starts, ends and axes become inputs',
    ],
    [
      old('Slice', 7, [4, 5], { starts: ints(0, -3), ends: ints(-1, -1) }),
      [
        [0, -3],
        [-1, -1],
      ],
      {},
      'the attributes starts and ends become inputs',
    ],
    [
      old('Split', 11, [2, 6], { axis: { int: 1 }, split: ints(2, 4) }, 2),
      [[2, 4]],
      { axis: { int: 1 } },
      'the attribute split becomes an input',
    ],
    [
      old('Split', 7, [6, 2], {}, 3),
      [],
      { num_outputs: { int: 3 } },
      'the number of equal parts is written out as num_outputs',
    ],
    [
      old('Split', 13, [2, 6], { axis: { int: -1 } }, 2),
      [],
      { axis: { int: -1 }, num_outputs: { int: 2 } },
      'the number of equal parts is written out as num_outputs',
    ],
    [
      old('TopK', 9, [2, 5], { k: { int: 3 }, axis: { int: 1 } }, 2),
      [[3]],
      { axis: { int: 1 } },
      'the attribute k becomes an input',
    ],
  ] as const
).map(([spec, lists, attributes, text]) => {
  const given = Object.keys(spec.nodes?.[0]?.attributes ?? {}).join(', ');
  return [
    `${spec.nodes?.[0]?.op ?? ''} of opset ${spec.opset} with ${given}`,
    spec,
    newest(spec, lists, attributes),
    text,
  ];
});

describe('lists that were attributes', () => {
  it.each(cases)('%s has the graph of the newest form', (_, before, after, text) => {
    const { lines, texts } = imported(before);
    expect(lines).toEqual(imported(after).lines);
    expect(texts).toEqual([text]);
    expect(imported(after).texts).toEqual([]);
  });

  it.each(cases)('%s computes the same', async (_, before) => {
    expect(await differenceInOrt(before)).toBeUndefined();
  });

  it('refuses to cut what does not come out even', () => {
    expect(() => imported(old('Split', 13, [5], {}, 2))).toThrow('Split of opset 13 cannot cut 5 into 2 equal parts');
    expect(imported(old('Split', 13, ['N'], {}, 2)).lines[1]).toContain('{num_outputs = 2}');
  });

  it('leaves a reduction over all axes without axes', () => {
    expect(imported(old('ReduceMean', 11, [2, 3], {})).lines[1]).toBe('y0: float32[1,1] = ReduceMean(x)');
  });

  it('reads the shape of Reshape of opset 1', () => {
    const spec = old('Reshape', 1, [2, 6], { shape: ints(0, -1, 3), consumed_inputs: ints(0) });
    expect(imported(spec).lines).toEqual(imported(newest(spec, [[0, -1, 3]])).lines);
    expect(imported(spec).texts).toEqual([
      'consumed_inputs is dropped: it is a memory hint; the attribute shape becomes an input',
    ]);
  });
});
