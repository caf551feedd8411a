import { numbersOf } from '../float/buffers.js';
import { multiples } from '../float/matmul.js';
import { planned } from '../float/plan.js';
import { multiply } from '../float/product.js';
import type { Kernel } from '../kernel.js';
import { asFloat32, constantAsFloat32 } from './carrier.js';

const tables = planned((_node, inputs) => {
  const [depth = 0, columns = 0] = inputs[1]!.dims;
  return { inner: multiples(depth, columns), columns: multiples(columns, 1) };
});

/** `q.MatMul`; exact as `q.Conv` is. */
export const matMul: Kernel = (node, [x, w], arena) => {
  const [rows = 0, depth = 0] = x!.dims;
  const [, columns = 0] = w!.dims;
  const plan = tables(node, [x, w]);
  const result = arena.tensor('int32', [rows, columns]);
  result.data.fill(0);
  const product = {
    rows,
    a: asFloat32(numbersOf(x!), arena),
    aRow: depth,
    b: constantAsFloat32(w!),
    inner: plan.inner,
    from: plan.columns,
    y: result.data,
    yRow: columns,
    to: plan.columns,
  };
  multiply(product, 0, 0, 0);
  return [result];
};
