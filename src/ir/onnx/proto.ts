import onnxProto from 'onnx-proto';
import type { onnx } from 'onnx-proto';
import protobuf from 'protobufjs/minimal.js';
import { ModelFault } from './fault.js';
import { readLaterFields } from './later-fields.js';
import { checkFraming } from './wire.js';

/** The messages of onnx.proto that the readers look into. Every field may be missing. */
export type ModelMessage = Omit<onnx.IModelProto, 'functions'> & { functions?: FunctionMessage[] | null };
export type GraphMessage = onnx.IGraphProto;
/** The overload tells functions of one name apart. */
export type NodeMessage = onnx.INodeProto & { overload?: string | null };
export type FunctionMessage = onnx.IFunctionProto & {
  overload?: string | null;
  attributeProto?: AttributeMessage[];
  valueInfo?: ValueInfoMessage[];
};
/** The type of an attribute is kept as the plain number it is in the file. */
export type AttributeMessage = Omit<onnx.IAttributeProto, 'type'> & { type?: number | null };
export type TensorMessage = onnx.ITensorProto;
export type ValueInfoMessage = onnx.IValueInfoProto;
export type TypeMessage = onnx.ITypeProto;

/** @throws ModelFault when the bytes are no ModelProto. */
export function decodeModelMessage(bytes: Uint8Array): ModelMessage {
  checkFraming(bytes, 'Model');
  return guarded(() => {
    const message: ModelMessage = onnxProto.onnx.ModelProto.decode(plain(bytes));
    if ((message.functions?.length ?? 0) > 0) readLaterFields(plain(bytes), message);
    return message;
  });
}

/** @throws ModelFault when the bytes are no TensorProto. */
export function decodeTensorMessage(bytes: Uint8Array): TensorMessage {
  checkFraming(bytes, 'Tensor');
  return guarded(() => onnxProto.onnx.TensorProto.decode(plain(bytes)));
}

export const encodeModelMessage = (message: ModelMessage): Uint8Array =>
  Uint8Array.from(onnxProto.onnx.ModelProto.encode(message).finish());

export const encodeTensorMessage = (message: TensorMessage): Uint8Array =>
  Uint8Array.from(onnxProto.onnx.TensorProto.encode(message).finish());

/** The same bytes without the subclass that Node reads files into. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function guarded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFault('damaged-file', `the protobuf data are damaged: ${reason}`);
  }
}

interface Halves {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

const isHalves = (value: unknown): value is Halves =>
  typeof value === 'object' && value !== null && 'low' in value && 'high' in value;

/** An integer field of 64 bits, saturated to ±(2^53 − 1); 0 when it is missing. */
export function toNumber(value: unknown): number {
  const exact = isHalves(value) ? halvesToNumber(value) : Number(value ?? 0);
  return Math.min(Math.max(exact, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** An integer field of 64 bits, exactly. */
export function toBigInt(value: unknown): bigint {
  if (!isHalves(value)) return BigInt(Number(value ?? 0));
  const high = BigInt(value.unsigned ? value.high >>> 0 : value.high);
  return (high << 32n) | BigInt(value.low >>> 0);
}

const halvesToNumber = ({ low, high, unsigned }: Halves): number =>
  (unsigned ? high >>> 0 : high) * 2 ** 32 + (low >>> 0);

/** Text of a bytes field; what is not UTF-8 becomes U+FFFD. */
export const utf8ToString = (bytes: Uint8Array): string => protobuf.util.utf8.read(bytes, 0, bytes.length);

export function stringToUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(protobuf.util.utf8.length(text));
  protobuf.util.utf8.write(text, bytes, 0);
  return bytes;
}
