import { formatLocation, UserError, type Diagnostic } from '../../../ir/diagnostics.js';
import type { Graph } from '../../../ir/graph.js';
import { checkHardware } from '../arithmetic/check-hardware.js';
import { locationOf } from '../../report/location-of.js';
import type { Obstacle } from './roles.js';

/** @throws UserError listing every obstacle. */
export function refuseObstacles(obstacles: readonly Obstacle[], file: string): void {
  const diagnostics = obstacleDiagnostics(obstacles, file);
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}

/** A sentence for every obstacle. */
export function obstacleDiagnostics(obstacles: readonly Obstacle[], file: string): Diagnostic[] {
  return obstacles.map(({ node, reason, hint }): Diagnostic => {
    const at = locationOf(node, file);
    return {
      code: 'not-lowered',
      severity: 'error',
      message: `${formatLocation(at)} cannot be lowered to TINPU integers: ${reason}`,
      at,
      hint,
    };
  });
}

/** @throws UserError for every layer whose integers leave the widths of the hardware. */
export function refuseViolations(graph: Graph, file: string): void {
  const diagnostics = checkHardware(graph).map(({ node, message }): Diagnostic => {
    const at = locationOf(node, file);
    return {
      code: 'hardware-width',
      severity: 'error',
      message: `${formatLocation(at)} does not fit the NPU's arithmetic: ${message}`,
      at,
      hint: 'split the layer, or scale its inputs',
    };
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}
