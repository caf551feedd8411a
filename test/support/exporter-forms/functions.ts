import type { AttributeSpec } from '../onnx-builder.js';
import type { Form } from './form.js';

const DOMAIN = 'pkg.exporter';

/** Operators whose attributes and inputs are written in one way by all opsets that files of this kind have. */
const SAME_EVERYWHERE: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Floor', 'Clip', 'Relu', 'Conv', 'Gemm', 'MatMul', 'Reshape', 'Flatten', 'Transpose'],
  ...[
    'MaxPool',
    'AveragePool',
    'GlobalAveragePool',
    'Squeeze',
    'Unsqueeze',
    'Concat',
    'Cast',
    'Round',
    'Pow',
    'Identity',
  ],
]);

const CODES: Readonly<Record<string, number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
  strings: 8,
};

const codeOf = (attribute: AttributeSpec): number | undefined =>
  Object.entries(CODES).find(([kind]) => kind in attribute)?.[1];

/** A node as the call of a function around it, which may be in another: attributes come from the call or by default. */
const inFunction: Form = {
  name: 'in-function',
  rewrite: (node, draft, dice) => {
    if (!SAME_EVERYWHERE.has(node.op) || node.domain !== undefined) return undefined;
    const entries = Object.entries(node.attributes ?? {});
    const name = `${node.op}_${draft.functions.length}`;
    const inputs = node.inputs.map((input, i) => (input === '' ? '' : `in${i}`));
    const outputs = node.outputs.map((_, i) => `out${i}`);
    const parameters = inputs.map((_, i) => `in${i}`);
    const given = entries.filter(() => dice.chance(0.5));
    const attributes = Object.fromEntries(
      entries.map(([key, value]) => [key, { ref: `${key}_of_call`, type: codeOf(value) ?? 0 }] as const),
    );
    const parameterOf = (list: typeof entries): Record<string, AttributeSpec> =>
      Object.fromEntries(list.map(([key, value]) => [`${key}_of_call`, value]));
    const body = { op: node.op, name: 'inner', inputs, outputs, attributes };
    draft.functions.push({
      domain: DOMAIN,
      name,
      inputs: parameters,
      outputs,
      attributes: given.map(([key]) => `${key}_of_call`),
      defaults: parameterOf(entries.filter((entry) => !given.includes(entry))),
      nodes: [body],
    });
    const direct = { ...node, op: name, domain: DOMAIN, attributes: parameterOf(given) };
    if (dice.chance(0.5)) return [direct];
    const outer = `${name}_outer`;
    draft.functions.push({
      domain: DOMAIN,
      name: outer,
      inputs: parameters,
      outputs,
      nodes: [{ ...direct, inputs, outputs }],
      imports: [[DOMAIN, 1]],
    });
    return [{ ...node, op: outer, domain: DOMAIN, attributes: {} }];
  },
};

/** Forms that define functions. */
export const FUNCTIONS: readonly Form[] = [inFunction];
