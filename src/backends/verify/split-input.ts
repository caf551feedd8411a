import type { DType } from '../../ir/dtype.js';
import type { Diagnostic } from '../../ir/diagnostics.js';
import type { Value } from '../../ir/graph.js';
import { formatShape, sameShape, sizeOf, type Shape } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { convertElements, ElementFault } from '../../passes/calibration/convert.js';
import type { VectorArray } from '../../runtime/vectors/vector-set.js';
import { vectorFault } from './vector-fault.js';

/** What messages call the set that an array is of, and whom they tell what is unusual. */
export interface SplitContext {
  readonly label: string;
  readonly report?: ((diagnostic: Diagnostic) => void) | undefined;
}

/**
 * The tensors that an array holds for an input, of the element type wanted: one for each run, as many as its elements make.
 * A symbolic batch axis is 1; other symbolic sizes are those of the array.
 * @throws UserError `vector-size` when the elements make no whole number of runs, `vector-element` when one does not fit the type
 */
export function splitInput(
  input: Value,
  { name, tensor }: VectorArray,
  dtype: DType,
  context: SplitContext,
): readonly Tensor[] {
  const { label, report } = context;
  const dims = dimsOfRun(input, name, tensor, label);
  const size = sizeOf(dims);
  const count = tensor.size / size;
  if (size === 0 || tensor.size === 0 || !Number.isInteger(count)) {
    const message = `${label}: '${name}' has ${tensor.size} elements, accepted for '${input.name}': a multiple of ${size} (${formatShape(dims)})`;
    throw vectorFault('vector-size', message, 'these vectors may belong to another model');
  }
  if (tensor.rank === dims.length && tensor.rank > 1 && !sameShape(tensor.dims.slice(1), dims.slice(1))) {
    report?.({
      code: 'vector-shape',
      severity: 'warning',
      message: `${label}: '${name}' has the shape ${formatShape(tensor.dims)}, the model takes ${formatShape(dims)}; elements are taken in their order`,
    });
  }
  const elements = convertInput(tensor, dtype, input.name, label);
  return Array.from(
    { length: count },
    (_, i) => new Tensor(elements.dtype, dims, elements.data.subarray(i * size, (i + 1) * size)),
  );
}

function dimsOfRun({ name, type: { shape } }: Value, array: string, tensor: Tensor, label: string): readonly number[] {
  const dims = shape
    .map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? 1 : sizeAlong(tensor, shape, axis)))
    .filter((dim) => dim !== undefined);
  if (dims.length === shape.length) return dims;
  const message = `${label}: the model takes '${name}' of shape ${formatShape(shape)}, '${array}' has no shape that tells its sizes`;
  throw vectorFault('vector-size', message, 'give the input as .npy or .npz, or with --shape');
}

const sizeAlong = ({ dims }: Tensor, shape: Shape, axis: number): number | undefined =>
  dims.length === shape.length ? dims[axis] : undefined;

/** The same values in another type. @throws UserError `vector-element` for a value that the type does not have */
export function convertInput(tensor: Tensor, dtype: DType, name: string, label: string): Tensor {
  try {
    return convertElements(tensor, dtype);
  } catch (error) {
    if (!(error instanceof ElementFault)) throw error;
    throw vectorFault('vector-element', `${label}: element ${error.index} of '${name}' ${error.message}`);
  }
}
