import type { GraphEditor } from '../editor.js';
import type { OperatorTable } from '../ops/table.js';
import { Emitter, UNKNOWN, type Operand } from './emitter.js';
import type { ResolveExternal } from './external-data.js';
import { fileForms } from './file-forms.js';
import { compareType, importInitializer, importInputs } from './import-values.js';
import type { Normalisation } from './imported-model.js';
import { importNode, type NodeContext } from './import-node.js';
import type { InlinedModel } from './inline-functions.js';
import { NameSupply } from './name-supply.js';
import type { Problems } from './problems.js';
import type { ModelMessage } from './proto.js';
import { readSource } from './source.js';
import { declaredType } from './value-info.js';

export interface GraphImport {
  readonly operators: OperatorTable;
  readonly inlined: InlinedModel;
  readonly resolveExternal: ResolveExternal | undefined;
  readonly freeDims: ReadonlyMap<string, number>;
}

/** Fills an empty graph from the graph of a model; what is wrong goes to `problems`. */
export function importGraph(
  model: ModelMessage,
  editor: GraphEditor,
  problems: Problems,
  options: GraphImport,
): readonly Normalisation[] {
  const message = model.graph ?? {};
  const source = readSource(message, options.inlined, problems);
  const declared = new Map([...source.declared].map(([name, info]) => [name, declaredType(info)]));
  const symbols = new Set(
    [message.input, message.output, message.valueInfo].flatMap((infos) =>
      (infos ?? []).flatMap((info) => (declaredType(info)?.shape ?? []).filter((dim) => typeof dim === 'string')),
    ),
  );
  const dims = new NameSupply(symbols);
  const operands = new Map<string, Operand>();
  const openDims = importInputs(source, editor, dims, operands, problems, options.freeDims);
  const operandOf = (name: string): Operand => {
    if (name === '') return undefined;
    if (!operands.has(name))
      operands.set(name, importInitializer(name, source, editor, problems, options.resolveExternal));
    return operands.get(name);
  };
  const normalisations: Normalisation[] = [...fileForms(model, source, openDims, options.inlined)];
  const context: NodeContext = {
    emitter: new Emitter(editor, options.operators, new NameSupply(source.names), dims),
    problems,
    supports: (op) => options.operators.get(op)?.domain === '',
    resolveExternal: options.resolveExternal,
    isRead: (name) => source.read.has(name),
    declared: (name) => declared.get(name),
    normalisations,
  };
  for (const node of source.nodes) {
    for (const [name, operand] of importNode(node, node.inputs.map(operandOf), context)) {
      operands.set(name, operand);
      if (operand !== undefined && operand !== UNKNOWN) compareType(operand, name, declared.get(name), node, problems);
    }
  }
  for (const info of source.outputs) {
    const value = operandOf(info.name ?? '');
    if (value !== undefined && value !== UNKNOWN) editor.addOutput(info.name ?? '', value);
  }
  return normalisations;
}
