import { Tensor } from '../../ir/tensor.js';
import { sameShape } from '../../ir/shape.js';
import { UserError } from '../../ir/diagnostics.js';
import { encodeNpz } from '../formats/npz.js';
import type { GoldenVector, NamedTensor } from './golden-vector.js';
import { allocate } from '../../ir/dtype.js';

/**
 * Golden vectors as a .npz archive: an array for each input, output and tensor under the name the model gives it, vectors one
 * after the other along axis 0. Under the name of an output is the output where a tensor is called so too; an output that is
 * called as an input is goes by its number, `golden_output_<i>`.
 * @throws UserError `npz-vectors` when a tensor has another shape in other vectors
 */
export function writeNpzVectors(vectors: readonly GoldenVector[]): Uint8Array {
  const arrays = new Map<string, Tensor[]>();
  const add = ({ name, tensor }: NamedTensor): void => {
    arrays.set(name, [...(arrays.get(name) ?? []), tensor]);
  };
  for (const { inputs, outputs, tensors } of vectors) {
    const given = new Set(inputs.map(({ name }) => name));
    const results = outputs.map(({ name, tensor }, i) => ({
      name: given.has(name) ? `golden_output_${i}` : name,
      tensor,
    }));
    const taken = new Set([...inputs, ...outputs, ...results].map(({ name }) => name));
    for (const item of [...inputs, ...results, ...tensors.filter(({ name }) => !taken.has(name))]) add(item);
  }
  return encodeNpz([...arrays].map(([name, parts]) => [name, stacked(name, parts)] as const));
}

function stacked(name: string, parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  if (first === undefined || !parts.every(({ dims }) => sameShape(dims, first.dims))) {
    const message = `'${name}' has another shape in other vectors, an array of a .npz file has one`;
    throw new UserError({
      code: 'npz-vectors',
      severity: 'error',
      message,
      hint: 'write the vectors as .json or in C',
    });
  }
  const [batch = 1, ...rest] = first.dims;
  const data = allocate(first.dtype, first.size * parts.length);
  for (const [i, part] of parts.entries()) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array)
      data.set(part.data as BigInt64Array, i * first.size);
    else data.set(part.data as Float32Array, i * first.size);
  }
  return new Tensor(first.dtype, [batch * parts.length, ...rest], data);
}
