import { describe, expect, it } from 'vitest';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { replaceOperator } from '../../../src/passes/surgery/replace-operator.js';
import { findSurgery, SURGERY } from '../../../src/passes/surgery/table.js';
import { around, operate, parseValid } from '../../support/surgery.js';

const MANY = around(`const %one: float32[] = [1]
  %s = Softplus(%x) "/mish/softplus"
  %t = Tanh(%s) "/mish/tanh"
  %m = Mul(%x, %t) "/mish/mul"
  %g = Sigmoid(%m) "/silu/sigmoid"
  %u = Mul(%g, %m) "/silu/mul"
  %e = Elu(%u) "/elu"
  %p = Sigmoid(%e) "/gate"
  %z = Neg(%p)
  %y = Sigmoid(%z) "/probability"`);

/** The graph as it comes from a file, where its nodes have their places. */
const read = (text: string): ReturnType<typeof parseValid> =>
  importModel(exportModel(parseValid(text), { opset: 17 })).graph;

describe('surgery', () => {
  it('replaces chains before what they are made of, whatever the order of the graph', () => {
    const { graph, diagnostics } = operate(read(MANY), SURGERY);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu', 'Relu', 'Relu', 'Mul', 'Add', 'Clip', 'Neg', 'Sigmoid']);
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'the chain Sigmoid, Mul is replaced by Relu (surgery silu)',
      'the chain Softplus, Tanh, Mul is replaced by Relu (surgery mish)',
      'Elu is replaced by Relu (surgery elu)',
      'Sigmoid is replaced by Clip(0.2x + 0.5, 0, 1) (surgery sigmoid)',
    ]);
  });

  it('says where: at the node whose result is replaced', () => {
    const { diagnostics } = operate(read(MANY), SURGERY);
    expect(diagnostics[1]).toEqual({
      code: 'surgery',
      severity: 'warning',
      message: 'the chain Softplus, Tanh, Mul is replaced by Relu (surgery mish)',
      at: { nodeIndex: 2, node: '/mish/mul', op: 'Mul' },
      hint: expect.stringContaining('accuracy is measured against the model after it') as string,
    });
    expect(diagnostics[2]?.at).toEqual({ nodeIndex: 5, node: '/elu', op: 'Elu' });
  });

  it('does nothing without entries, and only what its entries name', () => {
    expect(operate(read(MANY), []).diagnostics).toEqual([]);
    const { graph, diagnostics } = operate(read(MANY), [SURGERY.find(({ name }) => name === 'elu')!]);
    expect(graph.nodes.filter(({ op }) => op === 'Relu')).toHaveLength(1);
    expect(diagnostics).toHaveLength(1);
  });

  it('lets an entry replace what an entry before it has made', () => {
    const entries = [replaceOperator('Elu', 'Relu'), replaceOperator('Relu', 'Abs')];
    expect(operate(parseValid(around('%y = Elu(%x)')), entries).graph.nodes.map(({ op }) => op)).toEqual(['Abs']);
  });

  it('keeps names and sources of what it replaces', () => {
    const { graph } = operate(read(MANY), SURGERY);
    expect(graph.nodes[0]).toMatchObject({ name: '/mish/mul', outputs: [{ name: 'm' }] });
    expect(graph.nodes[0]?.origins.map(({ name }) => name)).toEqual(['/mish/softplus', '/mish/tanh', '/mish/mul']);
  });

  it('reports what canonicalisation reports of constants once, not twice', () => {
    const lines = `const %a: int64[2] = [4097, 4096]
      %d = ConstantOfShape(%a)
      output "d" = %d
      %y = Elu(%x)`;
    expect(operate(parseValid(around(lines)), SURGERY).diagnostics.map(({ code }) => code)).toEqual(['surgery']);
  });
});

describe('findSurgery', () => {
  it.each([
    ['gelu', 'gelu'],
    ['Swish', 'silu'],
    ['HardSwish', 'hard-swish'],
    ['leaky_relu', 'leaky-relu'],
    ['PReLU', 'prelu'],
  ])('knows %s', (name, entry) => expect(findSurgery(name)?.name).toBe(entry));

  it.each(['', 'relu', 'constructor', 'all'])('does not know %j', (name) => expect(findSurgery(name)).toBeUndefined());

  it('finds every entry by its own name', () => {
    expect(SURGERY.map(({ name }) => findSurgery(name)?.name)).toEqual(SURGERY.map(({ name }) => name));
  });
});
