import { formatLocation, UserError, type Diagnostic } from '../../ir/diagnostics.js';
import type { Graph } from '../../ir/graph.js';
import type { CompileOptions } from '../options.js';
import { locationOf } from '../report/location-of.js';
import { brokenConstants } from '../split/broken-constants.js';

/**
 * Options that are the NPU's alone: a recipe of its arithmetic is refused, what only changes how layers are placed or
 * corrected there is told to have no effect.
 * @throws UserError for a recipe that the backend does not have
 */
export function refuseOptions(
  {
    recipe,
    legalise,
    rules,
    biasCalibration,
  }: Pick<CompileOptions, 'recipe' | 'legalise' | 'rules' | 'biasCalibration'>,
  report: (diagnostic: Diagnostic) => void,
): void {
  if (recipe !== undefined && recipe !== 'quantc') {
    throw new UserError({
      code: 'unknown-recipe',
      severity: 'error',
      message: `recipe '${recipe}' is not one of the generic backend, accepted: quantc`,
      hint: 'leave --recipe out, or choose --backend tinpu, whose recipes they are',
    });
  }
  const idle = [
    ...(legalise === true ? ['--legalise'] : []),
    ...(rules === undefined ? [] : ['--rules']),
    ...((biasCalibration ?? 0) === 0 ? [] : ['--bias-calibration']),
  ];
  for (const option of idle) {
    report({
      code: 'option-without-effect',
      severity: 'warning',
      message: `${option} has no effect on the generic backend, which places no layers on an NPU`,
      hint: 'leave it out, or choose --backend tinpu',
    });
  }
}

/** @throws UserError for every node with constants that are no numbers. */
export function refuseBrokenConstants(graph: Graph, file: string): void {
  const diagnostics = brokenConstantDiagnostics(graph, file);
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}

/** A sentence for every node with constants that are no numbers. */
export function brokenConstantDiagnostics(graph: Graph, file: string): Diagnostic[] {
  return graph.nodes.flatMap((node): Diagnostic[] => {
    const complaint = brokenConstants(node);
    if (complaint === undefined) return [];
    const at = locationOf(node, file);
    const message = `${formatLocation(at)} cannot be quantised: ${complaint.reason}`;
    return [{ code: 'not-lowered', severity: 'error', message, at, hint: complaint.hint }];
  });
}
