import { UserError } from '../diagnostics.js';
import type { Tensor } from '../tensor.js';
import { diagnosticOf, ModelFault } from './fault.js';
import { decodeTensorMessage, encodeTensorMessage } from './proto.js';
import { tensorFromMessage, tensorToMessage } from './tensor-message.js';

/**
 * Reads a serialised TensorProto (the `.pb` files of ONNX test data).
 * @throws UserError when the bytes are no TensorProto or its declared dims and data disagree.
 */
export function decodeTensorProto(bytes: Uint8Array): Tensor {
  return decodeNamedTensorProto(bytes).tensor;
}

/** As `decodeTensorProto`, with the name that the tensor bears. */
export function decodeNamedTensorProto(bytes: Uint8Array): { readonly name: string; readonly tensor: Tensor } {
  try {
    const message = decodeTensorMessage(bytes);
    return { name: message.name ?? '', tensor: tensorFromMessage(message) };
  } catch (error) {
    if (error instanceof ModelFault) throw new UserError(diagnosticOf(error));
    throw error;
  }
}

/** Serialises a tensor as a TensorProto with raw data. */
export function encodeTensorProto(tensor: Tensor, name = ''): Uint8Array {
  return encodeTensorMessage(tensorToMessage(tensor, name));
}
