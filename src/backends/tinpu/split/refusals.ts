import { formatLocation, UserError, type Diagnostic, type Location } from '../../../ir/diagnostics.js';
import { opName, type Graph, type Node } from '../../../ir/graph.js';
import { didYouMean, nearest } from '../../../ir/nearest.js';
import { checkHardware } from '../arithmetic/check-hardware.js';
import { layerName, leadingOrigin } from '../report/layer-name.js';
import type { Obstacle, Roles } from './roles.js';

/** Where a node is in the source model. */
export function locationOf(node: Node, file: string): Location {
  const origin = leadingOrigin(node);
  if (origin === undefined) return { file, node: layerName(node), op: opName(node) };
  return { file, nodeIndex: origin.index, node: origin.name, op: origin.op };
}

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

/** @throws UserError for every name in the widths of layers that no layer bears. */
export function refuseUnknownLayers({ unknownLayers, points }: Roles, file: string): void {
  const layers = points.flatMap(({ kind, node }) => (kind === 'layer' && node !== undefined ? [layerName(node)] : []));
  const diagnostics = unknownLayers.map((name): Diagnostic => {
    const message = `${file}: no layer is called '${name}', for which other bits are asked`;
    const hint =
      didYouMean(nearest(name, layers)) ?? `the layers are ${layers.map((layer) => `'${layer}'`).join(', ')}`;
    return { code: 'unknown-layer', severity: 'error', message, hint };
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}
