import { UserError } from '../../ir/diagnostics.js';
import { decodeNamedTensorProto } from '../../ir/onnx/tensor-proto.js';
import type { Tensor } from '../../ir/tensor.js';
import type { SourceName } from './format-fault.js';

/**
 * Reads a .pb file of ONNX test data, a TensorProto, with the name that the tensor bears or ''.
 * @throws UserError as `decodeNamedTensorProto`, naming the file
 */
export function decodePb(
  bytes: Uint8Array,
  { file }: SourceName = {},
): { readonly name: string; readonly tensor: Tensor } {
  try {
    return decodeNamedTensorProto(bytes);
  } catch (error) {
    if (!(error instanceof UserError) || file === undefined) throw error;
    throw new UserError(error.diagnostics.map((diagnostic) => ({ ...diagnostic, at: { ...diagnostic.at, file } })));
  }
}
