import { formatLocation, UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { valuesOf, type Graph } from '../../ir/graph.js';
import { fitToOpset, opsetOfType } from '../../ir/onnx/fit-opset.js';
import { NEWEST_OPSET } from '../../ir/onnx/newest-opset.js';
import { OPERATORS } from '../../ir/ops/index.js';
import { locationOf } from '../report/location-of.js';

/** Scales for each channel came with opset 13. */
const LEAST_OPSET = 13;

/**
 * The lowest opset, at least 13, that has a form for every node and every type of a graph.
 * @throws UserError naming the nodes that none has a form for
 */
export function lowestOpset(graph: Graph, file: string): number {
  let opset = LEAST_OPSET;
  for (const { type } of valuesOf(graph)) opset = Math.max(opset, opsetOfType(type.dtype));
  for (; opset <= NEWEST_OPSET; opset++) {
    const fits = graph.nodes.every((node) => !('what' in fitToOpset(node, opset, OPERATORS)));
    if (fits) return opset;
  }
  throw new UserError(
    graph.nodes.flatMap((node): Diagnostic[] => {
      const fit = fitToOpset(node, NEWEST_OPSET, OPERATORS);
      if (!('what' in fit)) return [];
      const at = locationOf(node, file);
      const message = `${formatLocation(at)} cannot be written: ${fit.what} needs opset ${fit.since}`;
      return [
        {
          code: 'not-writable',
          severity: 'error',
          message,
          at,
          hint: `models of up to opset ${NEWEST_OPSET} are written`,
        },
      ];
    }),
  );
}
