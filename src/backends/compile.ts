import type { CompileInput, CompileOptions, CompileResult } from './options.js';
import { opName } from '../ir/graph.js';
import { UserError } from '../ir/diagnostics.js';
import { compileGeneric } from './generic/compile.js';
import { readQuantcMetadata } from './quantc-metadata.js';
import { isQuantisedModel } from './quantised-model.js';
import { retarget } from './retarget/retarget.js';
import { compileTinpu } from './tinpu/compile.js';
import { liftCarrier } from './tinpu/lift/lift.js';
import { isTinpu, recompileTinpu } from './tinpu/recompile.js';

/**
 * Compiles an imported model for a target: a float model; for TINPU also one that was quantised before, or one that holds
 * integers of the NPU, which keeps them.
 * @throws UserError with every reason why that is impossible; InternalError for defects of quantc.
 */
export function compile(input: CompileInput, options: CompileOptions): Promise<CompileResult> {
  const { graph, metadata } = input.imported;
  refuseRequantShift(input, options);
  const lifted = liftCarrier(graph, { restates: readQuantcMetadata(metadata.metadataProps) === undefined });
  const quantised = isTinpu(lifted) || isQuantisedModel(graph);
  if (options.backend === 'generic') {
    if (quantised) throw quantisedModel(options);
    return compileGeneric(input, options);
  }
  if (isTinpu(lifted)) return recompileTinpu(input, lifted, options);
  return (quantised ? retarget : compileTinpu)(input, options);
}

/** What runs on any CPU as it is needs no generic form. */
export const quantisedModel = ({ model, target }: Pick<CompileOptions, 'model' | 'target'>): UserError =>
  new UserError({
    code: 'quantised-model',
    severity: 'error',
    message: `${model}: the model is quantised already, and the generic backend quantises float models`,
    hint: `ONNX Runtime takes it as it is; give the float model to quantise it anew${target.backends.includes('tinpu') ? ', or choose --backend tinpu, which keeps its integers' : ''}`,
  });

/** @throws UserError for a network of integers whose requantisation the NPU does not have */
function refuseRequantShift({ imported: { graph } }: CompileInput, { model }: CompileOptions): void {
  const node = graph.nodes.find((each) => opName(each) === 'q.RequantShift');
  if (node === undefined) return;
  throw new UserError({
    code: 'quantised-model',
    severity: 'error',
    message: `${model}: '${node.name}' (RequantShift) multiplies before it adds, by more bits than the NPU has; the network cannot be written with its integers`,
    hint: 'give the float model it was made from; `quantc inspect`, `quantc run` and `quantc verify` take it as it is',
  });
}
