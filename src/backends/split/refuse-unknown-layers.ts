import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { didYouMean, nearest } from '../../ir/nearest.js';

/**
 * @param unknown names in the widths of layers that no layer bears
 * @param layers names of the layers there are
 * @throws UserError for every unknown name
 */
export function refuseUnknownLayers(unknown: readonly string[], layers: readonly string[], file: string): void {
  const diagnostics = unknown.map((name): Diagnostic => {
    const message = `${file}: no layer is called '${name}', for which other bits are asked`;
    const hint =
      didYouMean(nearest(name, layers)) ?? `the layers are ${layers.map((layer) => `'${layer}'`).join(', ')}`;
    return { code: 'unknown-layer', severity: 'error', message, hint };
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}
