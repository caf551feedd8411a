import { describe, expect, it } from 'vitest';
import { floats, type AttributeSpec, type ModelSpec } from '../../../support/onnx-builder.js';
import { imported } from '../../../support/normalise.js';

function model(
  op: string,
  a: readonly number[],
  b: readonly number[],
  attributes: Record<string, AttributeSpec>,
  fixed = true,
): ModelSpec {
  const size = b.reduce((product, dim) => product * dim, 1);
  return {
    opset: 6,
    nodes: [{ op, inputs: ['x', 'b'], outputs: ['y'], attributes }],
    inputs: [{ name: 'x', shape: a }, ...(fixed ? [] : [{ name: 'b', shape: b }])],
    outputs: [{ name: 'y' }],
    initializers: fixed
      ? [
          floats(
            'b',
            b,
            Array.from({ length: size }, (_, i) => i),
          ),
        ]
      : [],
  };
}

const aligned = (axis: number): Record<string, AttributeSpec> => ({ broadcast: { int: 1 }, axis: { int: axis } });

describe('broadcasting of opsets before 7', () => {
  it.each(['Add', 'Sub', 'Mul', 'Div', 'Pow'])('aligns a constant of %s with the axes from axis on', (op) => {
    const { lines, texts } = imported(model(op, [1, 3, 2, 2], [3], aligned(1)));
    expect(lines[1]).toBe(`y: float32[1,3,2,2] = ${op}(x, float32[3,1,1](0 1 2))`);
    expect(texts).toEqual(['input 1 gets 2 axes of size 1 at its end in place of the attribute axis']);
  });

  it('counts a negative axis from the end', () => {
    expect(imported(model('Add', [2, 3, 4], [3], aligned(-3))).lines[1]).toContain('float32[3,1]');
  });

  it('inserts Unsqueeze for an operand that is computed', () => {
    expect(imported(model('Mul', [1, 3, 2], [1, 3], aligned(0), false)).lines.slice(2, 4)).toEqual([
      'Mul_0_unsqueeze: float32[1,3,1] = Unsqueeze(b, int64[1](2))',
      'y: float32[1,3,2] = Mul(x, Mul_0_unsqueeze)',
    ]);
  });

  it.each([
    ['an axis that is the last one', aligned(2), [4]],
    ['no axis', { broadcast: { int: 1 } }, [3, 4]],
    ['no broadcasting', { broadcast: { int: 0 } }, [2, 3, 4]],
    ['an axis without broadcasting', { axis: { int: 0 } }, [2, 3, 4]],
  ] satisfies [string, Record<string, AttributeSpec>, number[]][])('needs nothing for %s', (_, attributes, b) => {
    const { lines, texts } = imported(model('Add', [2, 3, 4], b, attributes));
    expect(lines[1]).toContain(`y: float32[2,3,4] = Add(x, float32[${b.join(',')}](`);
    expect(texts).toEqual(['broadcasting needs no attribute']);
  });

  it('refuses an operand that does not fit behind the axis', () => {
    expect(() => imported(model('Add', [2, 3], [3], aligned(2)))).toThrow(
      'Add aligns 3 with 2x3 from axis 2 on, where it does not fit',
    );
  });

  it('is an unknown attribute from opset 7 on', () => {
    expect(() => imported({ ...model('Add', [2, 3], [3], aligned(1)), opset: 7 })).toThrow(
      'attribute broadcast of Add is not known',
    );
  });

  it('is dropped from Gemm', () => {
    const spec = model('Gemm', [2, 3], [3, 4], { broadcast: { int: 1 }, transB: { int: 0 } });
    const { lines, texts } = imported({
      ...spec,
      nodes: [{ ...spec.nodes?.[0], op: 'Gemm', inputs: ['x', 'b', 'c'] }],
      initializers: [...(spec.initializers ?? []), floats('c', [4], [1, 2, 3, 4])],
    });
    expect(lines[1]).toContain('y: float32[2,4] = Gemm(x, ');
    expect(lines[1]).toContain('{transB = 0}');
    expect(texts).toEqual(['broadcasting needs no attribute']);
  });
});

describe('PRelu of opsets before 7', () => {
  it('has a slope a channel', () => {
    const { lines } = imported(model('PRelu', [1, 3, 2, 2], [3], {}));
    expect(lines[1]).toBe('y: float32[1,3,2,2] = PRelu(x, float32[3,1,1](0 1 2))');
  });

  it.each([
    [[1, 3, 2], [1]],
    [[1, 3], [3]],
    [
      [1, 3, 2],
      [3, 1],
    ],
  ])('leaves data of shape %j with slopes of shape %j', (x, slope) => {
    expect(imported(model('PRelu', x, slope, {})).texts).toEqual([]);
  });
});
