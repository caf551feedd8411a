import { UserError } from '../diagnostics.js';
import { GraphEditor } from '../editor.js';
import { OPERATORS } from '../ops/index.js';
import { requantShift } from '../ops/quantised/requant-shift.js';
import { operatorTable } from '../ops/table.js';
import { ModelFault } from './fault.js';
import { importGraph } from './import-graph.js';
import type { ImportedModel, ImportOptions } from './imported-model.js';
import { localFunctions, readMetadata } from './metadata.js';
import { readModelFile } from './model-file.js';
import { NEWEST_OPSET } from './newest-opset.js';
import { Problems } from './problems.js';
import type { ModelMessage } from './proto.js';

export type { ImportedModel, ImportOptions, ModelMetadata, Normalisation } from './imported-model.js';

/** What a file can hold: ai.onnx, and the requantisation of networks that hold integers in float32. */
const IMPORTED = operatorTable([...OPERATORS.values()], [requantShift]);

/**
 * Reads an ONNX model of opset 1 to `NEWEST_OPSET`.
 * @throws UserError with every problem of the model.
 */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  const problems = new Problems(options.file);
  const model = readOrRefuse(bytes, problems);
  const metadata = readMetadata(model, options.maxOpset ?? NEWEST_OPSET, problems);
  const editor = GraphEditor.create(model.graph?.name ?? '');
  const normalisations = importGraph(model, editor, problems, {
    opset: metadata.opset,
    operators: options.operators ?? IMPORTED,
    functions: localFunctions(model),
    resolveExternal: options.resolveExternal,
    freeDims: options.freeDims ?? new Map(),
  });
  if (problems.errors.length > 0) throw new UserError(problems.errors);
  return { graph: editor.graph, metadata, normalisations, diagnostics: problems.notes };
}

function readOrRefuse(bytes: Uint8Array, problems: Problems): ModelMessage {
  try {
    return readModelFile(bytes);
  } catch (error) {
    if (!(error instanceof ModelFault)) throw error;
    problems.fault(error);
    throw new UserError(problems.errors);
  }
}
