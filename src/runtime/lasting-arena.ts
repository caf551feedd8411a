import { Tensor } from '../ir/tensor.js';
import type { Arena } from './kernel.js';

/** Memory that is never given out twice, for results that live on. */
export const LASTING_ARENA: Arena = {
  tensor: (dtype, dims) => Tensor.zeros(dtype, dims),
  scratch: (length) => new Float32Array(length),
};
