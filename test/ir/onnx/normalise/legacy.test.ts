import { describe, expect, it } from 'vitest';
import {
  floats,
  type AttributeSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from '../../../support/onnx-builder.js';
import { differenceInOrt, imported } from '../../../support/normalise.js';

const model = (
  opset: number,
  node: NodeSpec,
  initializers: readonly TensorSpec[] = [],
  outputs = ['y'],
): ModelSpec => ({
  opset,
  nodes: [{ inputs: ['x'], outputs: ['y'], ...node }],
  inputs: [{ name: 'x', shape: [1, 2, 4, 4] }],
  outputs: outputs.map((name) => ({ name, kind: 'none' })),
  initializers,
});

describe('forms of the first opsets', () => {
  it.each(['Relu', 'Sigmoid', 'Tanh', 'Exp', 'Abs', 'Neg', 'Sqrt'])('memory hints of %s are dropped', (op) => {
    const { lines, texts } = imported(model(1, { op, attributes: { consumed_inputs: { ints: [0] } } }));
    expect(lines[1]).toBe(`y: float32[1,2,4,4] = ${op}(x)`);
    expect(texts).toEqual(['consumed_inputs is dropped: it is a memory hint']);
  });

  it.each([
    ['FLOAT16', 10, 'float16'],
    ['int32', 6, 'int32'],
  ])('Cast to the name %s', (name, code, dtype) => {
    const { lines } = imported(model(1, { op: 'Cast', attributes: { to: { string: name } } }));
    expect(lines[1]).toBe(`y: ${dtype}[1,2,4,4] = Cast(x) {to = ${code}}`);
  });

  it('Cast to no type is refused', () => {
    expect(() => imported(model(1, { op: 'Cast', attributes: { to: { string: 'HALF' } } }))).toThrow('"HALF"');
  });

  it('Concat joins along axis 1', () => {
    const { lines, texts } = imported(model(1, { op: 'Concat', inputs: ['x', 'x'] }));
    expect(lines[1]).toBe('y: float32[1,4,4,4] = Concat(x, x) {axis = 1}');
    expect(texts).toEqual(['the default axis 1 is written out']);
    expect(() => imported(model(4, { op: 'Concat', inputs: ['x', 'x'] }))).toThrow(
      'attribute axis of Concat is missing',
    );
  });

  it.each<[Record<string, AttributeSpec>, number, number]>([
    [{}, 1.6732, 1.0507],
    [{ alpha: { float: 2 } }, 2, 1.0507],
  ])('Selu with %j', (attributes, alpha, gamma) => {
    const [node] = imported(model(5, { op: 'Selu', attributes })).model.graph.nodes;
    expect([node?.attrs.float('alpha'), node?.attrs.float('gamma')]).toEqual([alpha, gamma]);
  });

  it('Selu of opset 6 keeps its defaults', () => {
    expect(imported(model(6, { op: 'Selu' })).lines[1]).toBe('y: float32[1,2,4,4] = Selu(x)');
  });

  it('LpPool has an integer order', () => {
    const attributes = { kernel_shape: { ints: [2, 2] }, p: { float: 2 } } satisfies Record<string, AttributeSpec>;
    expect(imported(model(1, { op: 'LpPool', attributes })).lines[1]).toContain('p = 2');
    expect(() => imported(model(1, { op: 'LpPool', attributes: { ...attributes, p: { float: 1.5 } } }))).toThrow(
      'p of LpPool is 1.5',
    );
  });

  it('Scatter is ScatterElements', () => {
    const indices: TensorSpec = { name: 'i', type: 7, dims: [1, 1, 1, 1], int64s: [2] };
    const node = { op: 'Scatter', inputs: ['x', 'i', 'u'], attributes: { axis: { int: 3 } } } satisfies NodeSpec;
    const { lines, texts } = imported(model(9, node, [indices, floats('u', [1, 1, 1, 1], [7])]));
    expect(lines[1]).toBe(
      'y: float32[1,2,4,4] = ScatterElements(x, int64[1,1,1,1](2), float32[1,1,1,1](7)) {axis = 3}',
    );
    expect(texts).toEqual(['Scatter is called ScatterElements']);
  });
});

describe('results that nothing reads', () => {
  const pool = (outputs: string[]): NodeSpec => ({
    op: 'MaxPool',
    outputs,
    attributes: { kernel_shape: { ints: [2, 2] }, storage_order: { int: 1 } },
  });

  it('are dropped together with the order of indices', () => {
    const { lines, texts } = imported(model(12, pool(['y', 'i'])));
    expect(lines[1]).toBe('y: float32[1,2,3,3] = MaxPool(x) {kernel_shape = [2, 2]}');
    expect(texts).toEqual(["storage_order is dropped: nothing reads the indices; 'i' is dropped: not read"]);
  });

  it('are kept when they are graph outputs', () => {
    const { lines, texts } = imported(model(12, pool(['y', 'i']), [], ['y', 'i']));
    expect(lines[1]).toContain('y: float32[1,2,3,3], i: int64[1,2,3,3] = MaxPool(x)');
    expect(lines[1]).toContain('storage_order = 1');
    expect(texts).toEqual([]);
  });
});

describe('Constant', () => {
  const constant = (attributes: NodeSpec['attributes']): ModelSpec => ({
    opset: 13,
    nodes: [{ op: 'Constant', outputs: ['y'], ...(attributes !== undefined && { attributes }) }],
    outputs: [{ name: 'y', kind: 'none' }],
  });

  it.each<[Record<string, AttributeSpec>, string]>([
    [{ value: { tensor: floats('', [1, 2], [1, 2]) } }, 'float32[1,2](1 2)'],
    [{ value_float: { float: 1.5 } }, 'float32[](1.5)'],
    [{ value_floats: { floats: [1, 2.5] } }, 'float32[2](1 2.5)'],
    [{ value_int: { int: -3 } }, 'int64[](-3)'],
    [{ value_ints: { ints: [1, 2] } }, 'int64[2](1 2)'],
    [{ value_ints: { ints: [] } }, 'int64[0]()'],
  ])('%j is a constant', (attributes, literal) => {
    const { lines, texts } = imported(constant(attributes));
    expect(lines).toEqual([`output y = ${literal}`]);
    expect(texts).toEqual([]);
  });

  it.each<[Record<string, AttributeSpec>, string]>([
    [{ value_string: { string: 'a' } }, 'Constant has the attribute value_string, numbers are accepted'],
    [{ value_strings: { strings: ['a'] } }, 'Constant has the attribute value_strings, numbers are accepted'],
    [{}, 'Constant has 0 values, one is accepted'],
    [{ value_int: { int: 1 }, value_float: { float: 1 } }, 'Constant has 2 values, one is accepted'],
    [{ value: { float: 1 } }, 'attribute value is float, expected tensor'],
    [{ value: { tensor: { type: 8, dims: [1], strings: ['a'] } } }, 'attribute value: its element type is STRING'],
  ])('%j is refused', (attributes, message) => expect(() => imported(constant(attributes))).toThrow(message));

  it.each([
    [{}, 'ReduceL2'],
    [{ p: { int: 1 } }, 'ReduceL1'],
  ] as const)('GlobalLpPool %j is %s over the spatial axes', async (attributes, op) => {
    const spec = model(12, { op: 'GlobalLpPool', attributes });
    const { lines, texts } = imported(spec);
    expect(lines[1]).toBe(`y: float32[1,2,1,1] = ${op}(x, int64[2](2 3))`);
    expect(texts).toEqual([`it is ${op} over the spatial axes`]);
    expect(await differenceInOrt(spec)).toBeUndefined();
  });

  it('GlobalLpPool of another order is refused', () => {
    expect(() => imported(model(2, { op: 'GlobalLpPool', attributes: { p: { int: 3 } } }))).toThrow(
      'attribute p of GlobalLpPool is 3, accepted: 1, 2',
    );
  });
});
