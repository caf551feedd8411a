import type { Operator } from '../../ir/ops/operator.js';
import { flatten, reshape } from '../../ir/ops/reshape.js';
import { squeeze, unsqueeze } from '../../ir/ops/squeeze.js';
import type { Kernel } from '../kernel.js';
import { present, resolveDims } from './resolve.js';

/** The kernel of an operator that gives its first input other sizes; the elements are shared. */
const viewKernel =
  (spec: Operator): Kernel =>
  (node, inputs) =>
    resolveDims(spec, node, inputs).map((dims) => present(inputs, 0).reshape(dims));

/** Kernels whose result shares its elements with input 0. */
export const VIEW_KERNELS: readonly (readonly [string, Kernel])[] = [reshape, flatten, squeeze, unsqueeze].map(
  (spec) => [spec.name, viewKernel(spec)],
);
