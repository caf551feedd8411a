import onnxProto from 'onnx-proto';
import protobuf from 'protobufjs/minimal.js';
import type { FunctionMessage, ModelMessage, NodeMessage } from './proto.js';

const GRAPH = 7;
const FUNCTION = 25;
const GRAPH_NODE = 1;
const FUNCTION_NODE = 7;
const FUNCTION_ATTRIBUTE = 11;
const FUNCTION_VALUE_INFO = 12;
const FUNCTION_OVERLOAD = 13;
const NODE_OVERLOAD = 8;

/**
 * Adds to a decoded model what its bytes, whose framing is sound, say of functions in fields that are younger than the
 * generated decoder: defaults of attributes, types of tensors, overloads of functions and of the nodes that call them.
 */
export function readLaterFields(bytes: Uint8Array, model: ModelMessage): void {
  let count = 0;
  for (const { number, body } of delimitedFields(bytes)) {
    if (number === GRAPH) readOverloads(body, GRAPH_NODE, model.graph?.node ?? []);
    if (number !== FUNCTION) continue;
    const definition = model.functions?.[count++];
    if (definition !== undefined) readFunction(body, definition);
  }
}

function readFunction(bytes: Uint8Array, definition: FunctionMessage): void {
  const { AttributeProto, ValueInfoProto } = onnxProto.onnx;
  definition.attributeProto = [];
  definition.valueInfo = [];
  for (const { number, body } of delimitedFields(bytes)) {
    if (number === FUNCTION_ATTRIBUTE) definition.attributeProto.push(AttributeProto.decode(body));
    else if (number === FUNCTION_VALUE_INFO) definition.valueInfo.push(ValueInfoProto.decode(body));
    else if (number === FUNCTION_OVERLOAD) definition.overload = text(body);
  }
  readOverloads(bytes, FUNCTION_NODE, definition.node ?? []);
}

function readOverloads(bytes: Uint8Array, field: number, nodes: readonly NodeMessage[]): void {
  let count = 0;
  for (const { number, body } of delimitedFields(bytes)) {
    if (number !== field) continue;
    const node = nodes[count++];
    for (const inner of delimitedFields(body)) {
      if (inner.number === NODE_OVERLOAD && node !== undefined) node.overload = text(inner.body);
    }
  }
}

const text = (bytes: Uint8Array): string => protobuf.util.utf8.read(bytes, 0, bytes.length);

function* delimitedFields(bytes: Uint8Array): Generator<{ readonly number: number; readonly body: Uint8Array }> {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === 2) yield { number: tag >>> 3, body: reader.bytes() };
    else reader.skipType(tag & 7);
  }
}
