import type { Diagnostic } from '../../../ir/diagnostics.js';
import { isFloat } from '../../../ir/dtype.js';
import { isConstant, opName, type Graph } from '../../../ir/graph.js';
import { layerName, leadingOrigin } from '../../report/layer-name.js';
import { MOVING } from '../../report/moving.js';
import { genericForm } from '../split/generic-form.js';
import type { Split } from '../split/points.js';

/** Says of every operator that computes on real numbers that it does, and why. */
export function reportFloats(float: Graph, { integer, points }: Split, report: (diagnostic: Diagnostic) => void): void {
  const bounded = new Set(points.flatMap(({ clip }) => clip ?? []));
  for (const node of float.nodes) {
    const reals = [...node.inputs, ...node.outputs].some((v) => v && !isConstant(v) && isFloat(v.type.dtype));
    if (integer.has(node) || bounded.has(node) || MOVING.has(node.op) || !reals) continue;
    const form = genericForm(node);
    const reason = form.kind === 'float' ? form.reason : 'what it is connected with computes on real numbers';
    const origin = leadingOrigin(node);
    report({
      code: 'stays-float',
      severity: 'info',
      message: `'${layerName(node)}' (${opName(node)}) stays in float: ${reason}`,
      ...(origin && { at: { nodeIndex: origin.index, node: origin.name, op: origin.op } }),
    });
  }
}
