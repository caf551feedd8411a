import { InternalError } from '../diagnostics.js';
import { constantsOf, valuesOf, type ConstantValue, type Graph, type Node } from '../graph.js';
import { OPERATORS } from '../ops/index.js';
import type { OperatorTable } from '../ops/table.js';
import { attributesToMessages } from './attribute-proto.js';
import { nameValues, type ExportNames } from './export-names.js';
import { fitToOpset, opsetOfType, type FittedNode } from './fit-opset.js';
import { encodeModelMessage, type NodeMessage } from './proto.js';
import { NameSupply } from './name-supply.js';
import { tensorToMessage } from './tensor-message.js';
import { valueInfoMessage } from './value-info.js';

/** How a model is written. */
export interface ExportOptions {
  readonly opset: number;
  /** The oldest IR version that knows the opset when omitted. */
  readonly irVersion?: number;
  readonly producer?: string;
  readonly producerVersion?: string;
  /** Entries of metadata_props, in this order. */
  readonly metadata?: readonly (readonly [key: string, value: string])[];
  readonly operators?: OperatorTable;
}

/** IR versions by the first opset that they go with; IR 3 is left out because it wants constants among the inputs. */
const IR_VERSIONS: readonly (readonly [opset: number, irVersion: number])[] = [
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
  [1, 4],
];

/**
 * Writes a graph of the float ONNX dialect as a ModelProto. The same graph and options give the same bytes.
 * Constants become initializers in order of first use; a graph output keeps its name, through an Identity node where an
 * input, a constant or another output already names the value. Names of nodes become unique, as ONNX wants them.
 * @throws InternalError for an operator or a form of it that the opset does not have.
 */
export function exportModel(graph: Graph, options: ExportOptions): Uint8Array {
  const { opset, metadata = [], operators = OPERATORS } = options;
  checkTypes(graph, opset);
  const names = nameValues(graph);
  const nodeNames = new NameSupply([]);
  const fits = graph.nodes.map((node) => [node, fitted(node, opset, operators)] as const);
  return encodeModelMessage({
    irVersion: options.irVersion ?? IR_VERSIONS.find(([first]) => opset >= first)?.[1] ?? 4,
    producerName: options.producer ?? 'quantc',
    ...(options.producerVersion !== undefined && { producerVersion: options.producerVersion }),
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: graph.name === '' ? 'graph' : graph.name,
      node: [
        ...fits.map(([node, fit]) => ({
          ...nodeMessage(node, fit, names),
          name: node.name === '' ? '' : nodeNames.fresh(node.name),
        })),
        ...names.aliases.map(({ name, value }) => ({
          opType: 'Identity',
          name: nodeNames.fresh(`${name}_identity`),
          input: [names.of(value)],
          output: [name],
        })),
      ],
      initializer: writtenConstants(graph, fits).map((value) => tensorToMessage(value.constant, names.of(value))),
      input: graph.inputs.map((value) => valueInfoMessage(names.of(value), value.type)),
      output: graph.outputs.map(({ name, value }) => valueInfoMessage(name, value.type)),
    },
    metadataProps: metadata.map(([key, value]) => ({ key, value })),
  });
}

/** The constants that nodes read in the form they are written in, and those that are graph outputs. */
function writtenConstants(graph: Graph, fits: readonly (readonly [Node, FittedNode])[]): ConstantValue[] {
  const read = new Set(fits.flatMap(([, { inputs }]) => inputs));
  for (const { value } of graph.outputs) read.add(value);
  return constantsOf(graph).filter((value) => read.has(value));
}

function checkTypes(graph: Graph, opset: number): void {
  for (const { name, type } of valuesOf(graph)) {
    const since = opsetOfType(type.dtype);
    if (since > opset) {
      throw new InternalError(`'${name}' is ${type.dtype}, which needs opset ${since}, the model has opset ${opset}`);
    }
  }
}

function nodeMessage(node: Node, { inputs, attrs }: FittedNode, names: ExportNames): Omit<NodeMessage, 'name'> {
  return {
    opType: node.op,
    input: withoutTail(inputs.map((value) => (value === undefined ? '' : names.of(value)))),
    output: withoutTail(node.outputs.map((value) => names.of(value))),
    attribute: attributesToMessages(attrs),
  };
}

function fitted(node: Node, opset: number, operators: OperatorTable): FittedNode {
  if (node.domain !== '' || operators.get(node.op)?.domain !== '') {
    throw new InternalError(`node '${node.name}': ${node.domain}.${node.op} is no operator of ai.onnx`);
  }
  const fit = fitToOpset(node, opset, operators);
  if (!('what' in fit)) return fit;
  throw new InternalError(`node '${node.name}': ${fit.what} needs opset ${fit.since}, the model has opset ${opset}`);
}

const withoutTail = (names: readonly string[]): string[] =>
  names.slice(0, names.findLastIndex((name) => name !== '') + 1);
