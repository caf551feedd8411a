import { ARG_REDUCE_OPERATORS } from './arg-reduce.js';
import { BINARY_OPERATORS } from './binary.js';
import { cast, castLike } from './cast.js';
import { clip } from './clip.js';
import { cumSum } from './cum-sum.js';
import { dropout, identity } from './identity.js';
import type { Operator } from './operator.js';
import { prelu } from './prelu.js';
import { dequantizeLinear, dynamicQuantizeLinear, quantizeLinear } from './quantize-linear.js';
import { REDUCE_OPERATORS } from './reduce.js';
import { SOFTMAX_OPERATORS } from './softmax.js';
import { topK } from './top-k.js';
import { UNARY_OPERATORS } from './unary.js';
import { where } from './where.js';

/** Elementwise, comparison, reduction, conversion and quantisation operators of ai.onnx. */
export const ELEMENTWISE_OPERATORS: readonly Operator[] = [
  ...UNARY_OPERATORS,
  ...BINARY_OPERATORS,
  ...REDUCE_OPERATORS,
  ...ARG_REDUCE_OPERATORS,
  ...SOFTMAX_OPERATORS,
  identity,
  dropout,
  prelu,
  clip,
  where,
  cast,
  castLike,
  cumSum,
  topK,
  quantizeLinear,
  dequantizeLinear,
  dynamicQuantizeLinear,
];
