import { ModelFault } from './fault.js';
import { decodeModelMessage, type ModelMessage } from './proto.js';

interface Signature {
  readonly offset: number;
  readonly bytes: string;
  readonly what: string;
  readonly hint?: string;
}

const SIGNATURES: readonly Signature[] = [
  { offset: 0, bytes: 'PK\x03\x04', what: 'a zip archive', hint: 'Unpack it and give the .onnx file in it.' },
  { offset: 0, bytes: '\x1f\x8b', what: 'a gzip file', hint: 'Unpack it first.' },
  { offset: 4, bytes: 'TFL3', what: 'a TensorFlow Lite model', hint: 'Convert it to ONNX, for instance with tf2onnx.' },
  { offset: 4, bytes: 'ORTM', what: 'an ONNX Runtime (.ort) model', hint: 'Give the .onnx file it was made from.' },
  {
    offset: 0,
    bytes: '\x89HDF',
    what: 'an HDF5 file',
    hint: 'Convert the Keras model to ONNX, for instance with tf2onnx.',
  },
  { offset: 0, bytes: '\x93NUMPY', what: 'a NumPy array' },
  { offset: 0, bytes: '\x80\x02', what: 'a pickle', hint: 'Export the PyTorch model with torch.onnx.export.' },
  { offset: 0, bytes: '\x89PNG', what: 'a PNG image' },
  { offset: 0, bytes: '\x7fELF', what: 'an executable' },
  {
    offset: 0,
    bytes: 'version https://git-lfs',
    what: 'a Git LFS pointer',
    hint: 'Fetch the file itself with git lfs pull.',
  },
];

/**
 * Decodes the bytes of a model file.
 * @throws ModelFault in one sentence that says what the bytes are instead, as far as it can be told.
 */
export function readModelFile(bytes: Uint8Array): ModelMessage {
  if (bytes.length === 0) throw new ModelFault('not-onnx', 'the file is empty, an ONNX model is expected');
  const signature = SIGNATURES.find((candidate) => hasSignature(bytes, candidate));
  if (signature !== undefined) {
    throw new ModelFault('not-onnx', `the file is ${signature.what}, an ONNX model is expected`, signature.hint);
  }
  let message: ModelMessage;
  try {
    message = decodeModelMessage(bytes);
  } catch (error) {
    if (error instanceof ModelFault && looksLikeText(bytes)) {
      throw new ModelFault('not-onnx', 'the file is text, an ONNX model in its binary form is expected');
    }
    throw error;
  }
  if (message.graph === undefined || message.graph === null) {
    throw new ModelFault('not-onnx', 'the file holds no graph, an ONNX model is expected');
  }
  return message;
}

function hasSignature(bytes: Uint8Array, { offset, bytes: expected }: Signature): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[offset + i] !== expected.charCodeAt(i)) return false;
  return true;
}

function looksLikeText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 256).every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
