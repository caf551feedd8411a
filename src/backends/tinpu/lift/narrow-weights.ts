import type { DType } from '../../../ir/dtype.js';
import { isConstant, opName, type ConstantValue, type Node, type Value } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import type { Pass } from '../../../passes/pass.js';
import { isPool } from '../arithmetic/accumulators.js';
import { isMover } from '../../split/movers.js';

const LAYERS: ReadonlySet<string> = new Set(['q.Conv', 'q.ConvTranspose', 'q.MatMul']);

/**
 * Weights of a layer that is requantised with multipliers → 4 or 2 bits, where they are no wider: a file does not state
 * the width, but beside 8-bit weights the NPU has no multiplier (spec 1.2).
 */
export const narrowWeights: Pass = {
  name: 'narrow-weights',
  run: (editor) => {
    for (const node of editor.graph.nodes) {
      const weight = node.inputs[1];
      if (!LAYERS.has(opName(node)) || weight === undefined || !isConstant(weight)) continue;
      const narrow = isPool(node) || !hasMultiplier(node.outputs[0]) ? undefined : narrowed(weight);
      if (narrow !== undefined) editor.setInput(node, 1, editor.constant(narrow, weight.name));
    }
  },
};

/** Whether what requantises the sums, behind movers, multiplies them. */
function hasMultiplier(sums: Value | undefined): boolean {
  return [...(sums?.uses ?? [])].some(({ node }) =>
    isMover(node) ? hasMultiplier(node.outputs[0]) : opName(node) === 'q.Bnorm' && multiplies(node),
  );
}

function multiplies({ inputs: [, , scale] }: Node): boolean {
  const factors = scale?.constant && numberData(scale.constant);
  return factors?.some((factor) => factor !== 1) === true;
}

/** The weights as the narrowest type that holds them, symmetric as they are (spec 1.1); undefined for 8 bits. */
function narrowed({ constant }: ConstantValue): Tensor | undefined {
  const data = numberData(constant);
  if (data === undefined || constant.dtype !== 'int8') return undefined;
  let most = 0;
  for (const item of data) most = Math.max(most, Math.abs(item));
  const dtype: DType | undefined = most <= 1 ? 'int2' : most <= 7 ? 'int4' : undefined;
  return dtype && new Tensor(dtype, constant.dims, Int8Array.from(data));
}
