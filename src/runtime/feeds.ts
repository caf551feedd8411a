import type { Value, ValueType } from '../ir/graph.js';
import { formatShape } from '../ir/shape.js';
import type { Tensor } from '../ir/tensor.js';
import { ExecutionFault } from './kernel.js';

const describe = (type: ValueType): string => `${type.dtype}[${formatShape(type.shape)}]`;

/**
 * The tensor of each graph input, in order. Types and known sizes must be those of the input, and a symbolic size must
 * be the same wherever its name stands.
 * @throws ExecutionFault when a feed is missing, unknown or does not fit.
 */
export function bindFeeds(inputs: readonly Value[], feeds: ReadonlyMap<string, Tensor>): Tensor[] {
  const accepted = inputs.map(({ name, type }) => `'${name}' (${describe(type)})`).join(', ');
  for (const name of feeds.keys()) {
    if (inputs.some((input) => input.name === name)) continue;
    throw new ExecutionFault(`the model has no input '${name}'; it takes ${accepted === '' ? 'none' : accepted}`);
  }
  const bound = new Map<string, { readonly size: number; readonly input: string }>();
  return inputs.map(({ name, type }) => {
    const tensor = feeds.get(name);
    if (tensor === undefined) throw new ExecutionFault(`input '${name}' is missing; the model takes ${accepted}`);
    const { dims, dtype } = tensor;
    if (dtype !== type.dtype || !fits(dims, type)) {
      throw new ExecutionFault(`input '${name}' is ${describe({ dtype, shape: dims })}, accepted: ${describe(type)}`);
    }
    for (const [axis, dim] of type.shape.entries()) {
      const size = dims[axis];
      if (typeof dim === 'number' || size === undefined) continue;
      const other = bound.get(dim);
      if (other === undefined) bound.set(dim, { size, input: name });
      else if (other.size !== size) {
        throw new ExecutionFault(
          `input '${name}' has size ${size} along axis ${axis}, accepted: ${other.size}, ` +
            `which input '${other.input}' gives to '${dim}'`,
        );
      }
    }
    return tensor;
  });
}

/** Whether sizes are those that a type knows. */
export function fits(dims: readonly number[], { shape }: ValueType): boolean {
  if (dims.length !== shape.length) return false;
  for (let axis = 0; axis < shape.length; axis++) {
    const dim = shape[axis];
    if (typeof dim === 'number' && dim !== dims[axis]) return false;
  }
  return true;
}
