import type { Kernel } from '../kernel.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';

/** Identity: the data of the input, shared. */
export const identityKernel: Kernel = (_, inputs) => {
  const x = present(inputs, 0);
  return [x.reshape(x.dims)];
};

/** Dropout in inference: the data of the input, shared, and a mask that is true everywhere. */
export const dropoutKernel: Kernel = (node, inputs, arena) => {
  resolveDims(specOf('Dropout'), node, inputs);
  const x = present(inputs, 0);
  const results = [x.reshape(x.dims)];
  if (node.outputs.length > 1) {
    const mask = newResult(node, arena, x.dims, 1);
    (mask.data as Uint8Array).fill(1);
    results.push(mask);
  }
  return results;
};
