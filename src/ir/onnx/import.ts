import { UserError } from '../diagnostics.js';
import { GraphEditor } from '../editor.js';
import { OPERATORS } from '../ops/index.js';
import { requantShift } from '../ops/quantised/requant-shift.js';
import { operatorTable } from '../ops/table.js';
import { ModelFault } from './fault.js';
import { importGraph } from './import-graph.js';
import { inlineFunctions } from './inline-functions.js';
import type { ImportedModel, ImportOptions } from './imported-model.js';
import { readMetadata } from './metadata.js';
import { readModelFile } from './model-file.js';
import { isContrib } from './normalise/contrib.js';
import { NEWEST_OPSET } from './newest-opset.js';
import { Problems } from './problems.js';

export type { ImportedModel, ImportOptions, ModelMetadata, Normalisation } from './imported-model.js';

/** What a file can hold: ai.onnx, and the requantisation of networks that hold integers in float32. */
const IMPORTED = operatorTable([...OPERATORS.values()], [requantShift]);

/**
 * Reads an ONNX model of opset 1 to `NEWEST_OPSET`.
 * @throws UserError with every problem of the model.
 */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const problems = new Problems(options.file);
  const { maxOpset = NEWEST_OPSET } = options;
  const model = orRefuse(() => readModelFile(bytes), problems);
  const metadata = readMetadata(model, maxOpset, problems);
  const { opset } = metadata;
  const operators = options.operators ?? IMPORTED;
  const isOperator = (domain: string, op: string, at: number): boolean =>
    domain === '' ? op === 'Constant' || (operators.get(op)?.since ?? Infinity) <= at : isContrib(domain, op);
  const inlined = orRefuse(() => inlineFunctions(model, { opset, maxOpset, isOperator }, problems), problems);
  const editor = GraphEditor.create(model.graph?.name ?? '');
  const normalisations = importGraph(model, editor, problems, {
    operators,
    inlined,
    resolveExternal: options.resolveExternal,
    freeDims: options.freeDims ?? new Map(),
  });
  if (problems.errors.length > 0) throw new UserError(problems.errors);
  return { graph: editor.graph, metadata, normalisations, diagnostics: problems.notes };
}

function orRefuse<T>(read: () => T, problems: Problems): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ModelFault)) throw error;
    problems.fault(error);
    throw new UserError(problems.errors);
  }
}
