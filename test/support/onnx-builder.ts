import { FileBytes } from './protobuf-writer.js';

/** Builds ONNX files field by field, old, odd and broken forms included. It shares no code with the readers under test. */

export interface TensorSpec {
  readonly name?: string;
  /** `TensorProto.DataType`, FLOAT when omitted. */
  readonly type?: number;
  readonly dims: readonly (number | bigint)[];
  readonly raw?: Uint8Array;
  readonly floats?: readonly number[];
  readonly int32s?: readonly number[];
  readonly int64s?: readonly (number | bigint)[];
  readonly doubles?: readonly number[];
  readonly uint64s?: readonly (number | bigint)[];
  readonly strings?: readonly string[];
  readonly external?: readonly (readonly [key: string, value: string])[];
  /** Writes repeated numbers one field an element, as proto2 does. */
  readonly unpacked?: boolean;
}

export type AttributeSpec =
  | { readonly int: number | bigint; readonly typed?: boolean }
  | { readonly ints: readonly (number | bigint)[]; readonly typed?: boolean }
  | { readonly float: number; readonly typed?: boolean }
  | { readonly floats: readonly number[]; readonly typed?: boolean }
  | { readonly string: string; readonly typed?: boolean }
  | { readonly strings: readonly string[]; readonly typed?: boolean }
  | { readonly tensor: TensorSpec; readonly typed?: boolean }
  | { readonly graph: GraphSpec; readonly typed?: boolean }
  /** In a function: the value of one of its attributes, of a type given as its code. */
  | { readonly ref: string; readonly type: number }
  | { readonly bytes: Uint8Array };

export interface NodeSpec {
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly attributes?: Readonly<Record<string, AttributeSpec>> | readonly (readonly [string, AttributeSpec])[];
}

export interface ValueSpec {
  readonly name: string;
  /** `TensorProto.DataType`, FLOAT when omitted. */
  readonly type?: number;
  /** Sizes and names; `null` for a dimension that says neither. Without it the rank is unknown. */
  readonly shape?: readonly (number | string | null)[];
  /** Declares something else than a tensor. */
  readonly kind?: 'sequence' | 'map' | 'optional' | 'none';
}

export interface GraphSpec {
  readonly name?: string;
  readonly nodes?: readonly NodeSpec[];
  readonly inputs?: readonly ValueSpec[];
  readonly outputs?: readonly ValueSpec[];
  readonly initializers?: readonly TensorSpec[];
  readonly sparse?: readonly {
    readonly values: TensorSpec;
    readonly indices: TensorSpec;
    readonly dims: readonly number[];
  }[];
  readonly valueInfo?: readonly ValueSpec[];
}

export interface FunctionSpec {
  readonly domain: string;
  readonly name: string;
  readonly overload?: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly nodes?: readonly NodeSpec[];
  /** Attributes without and with a default. */
  readonly attributes?: readonly string[];
  readonly defaults?: Readonly<Record<string, AttributeSpec>>;
  /** Version of ai.onnx; null leaves the import out. */
  readonly opset?: number | null;
  readonly imports?: readonly (readonly [domain: string, version: number])[];
  readonly valueInfo?: readonly ValueSpec[];
}

export interface ModelSpec extends GraphSpec {
  /** Version of ai.onnx; null leaves the import out. */
  readonly opset?: number | null;
  readonly imports?: readonly (readonly [domain: string, version: number])[];
  readonly irVersion?: number;
  readonly producer?: string;
  readonly metadata?: readonly (readonly [key: string, value: string])[];
  readonly functions?: readonly FunctionSpec[];
  readonly training?: boolean;
}

/** A tensor of shape [..dims] with float32 values in raw data. */
export function floats(name: string, dims: readonly number[], values: readonly number[]): TensorSpec {
  return { name, type: 1, dims, raw: new Uint8Array(Float32Array.from(values).buffer) };
}

/** A rank-1 int64 tensor in raw data. */
export function int64s(name: string, values: readonly (number | bigint)[]): TensorSpec {
  return { name, type: 7, dims: [values.length], raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

export function modelBytes(spec: ModelSpec): Uint8Array {
  const { opset = 17, imports = [], irVersion = 8, producer = 'builder' } = spec;
  const file = new FileBytes().varint(1, irVersion).text(2, producer).message(7, graphBytes(spec));
  for (const entry of importFields(opset, imports)) file.message(8, entry);
  for (const [key, value] of spec.metadata ?? []) file.message(14, new FileBytes().text(1, key).text(2, value));
  if (spec.training === true) file.message(20, new FileBytes());
  for (const definition of spec.functions ?? []) file.message(25, functionFields(definition));
  return file.toBytes();
}

const importFields = (opset: number | null, imports: readonly (readonly [string, number])[]): FileBytes[] =>
  [...(opset === null ? [] : [['', opset] as const]), ...imports].map(([domain, version]) => {
    const entry = new FileBytes();
    if (domain !== '') entry.text(1, domain);
    return entry.varint(2, version);
  });

function functionFields(spec: FunctionSpec): FileBytes {
  const { opset = 17, imports = [] } = spec;
  const definition = new FileBytes().text(1, spec.name);
  for (const name of spec.inputs ?? []) definition.text(4, name);
  for (const name of spec.outputs ?? []) definition.text(5, name);
  for (const name of spec.attributes ?? []) definition.text(6, name);
  for (const node of spec.nodes ?? []) definition.message(7, nodeFields(node));
  for (const entry of importFields(opset, imports)) definition.message(9, entry);
  definition.text(10, spec.domain);
  for (const [name, value] of Object.entries(spec.defaults ?? {})) definition.message(11, attributeFields(name, value));
  for (const value of spec.valueInfo ?? []) definition.message(12, valueFields(value));
  return spec.overload === undefined ? definition : definition.text(13, spec.overload);
}

export const tensorBytes = (spec: TensorSpec): Uint8Array => tensorFields(spec).toBytes();

function graphBytes(spec: GraphSpec): FileBytes {
  const graph = new FileBytes();
  for (const node of spec.nodes ?? []) graph.message(1, nodeFields(node));
  graph.text(2, spec.name ?? 'g');
  for (const tensor of spec.initializers ?? []) graph.message(5, tensorFields(tensor));
  for (const value of spec.inputs ?? []) graph.message(11, valueFields(value));
  for (const value of spec.outputs ?? []) graph.message(12, valueFields(value));
  for (const value of spec.valueInfo ?? []) graph.message(13, valueFields(value));
  for (const { values, indices, dims } of spec.sparse ?? []) {
    graph.message(
      15,
      new FileBytes().message(1, tensorFields(values)).message(2, tensorFields(indices)).varints(3, dims),
    );
  }
  return graph;
}

function nodeFields(spec: NodeSpec): FileBytes {
  const node = new FileBytes();
  for (const name of spec.inputs ?? []) node.text(1, name);
  for (const name of spec.outputs ?? []) node.text(2, name);
  if (spec.name !== undefined) node.text(3, spec.name);
  node.text(4, spec.op);
  const { attributes = {} } = spec;
  const entries = Array.isArray(attributes)
    ? (attributes as readonly (readonly [string, AttributeSpec])[])
    : Object.entries(attributes as Readonly<Record<string, AttributeSpec>>);
  for (const [name, value] of entries) node.message(5, attributeFields(name, value));
  if (spec.domain !== undefined) node.text(7, spec.domain);
  if (spec.overload !== undefined) node.text(8, spec.overload);
  return node;
}

function attributeFields(name: string, spec: AttributeSpec): FileBytes {
  const attribute = new FileBytes().text(1, name);
  if ('bytes' in spec) return attribute.append(spec.bytes);
  if ('ref' in spec) return attribute.varint(20, spec.type).text(21, spec.ref);
  const typed = (code: number): FileBytes => (spec.typed === false ? attribute : attribute.varint(20, code));
  if ('float' in spec) return typed(1).float(2, spec.float);
  if ('int' in spec) return typed(2).varint(3, spec.int);
  if ('string' in spec) return typed(3).text(4, spec.string);
  if ('tensor' in spec) return typed(4).message(5, tensorFields(spec.tensor));
  if ('graph' in spec) return typed(5).message(6, graphBytes(spec.graph));
  if ('floats' in spec) return typed(6).floats(7, spec.floats, false);
  if ('ints' in spec) return typed(7).varints(8, spec.ints, false);
  for (const text of spec.strings) attribute.text(9, text);
  return typed(8);
}

function tensorFields(spec: TensorSpec): FileBytes {
  const packed = spec.unpacked !== true;
  const tensor = new FileBytes().varints(1, spec.dims, packed).varint(2, spec.type ?? 1);
  if (spec.floats !== undefined) tensor.floats(4, spec.floats, packed);
  if (spec.int32s !== undefined) tensor.varints(5, spec.int32s, packed);
  for (const text of spec.strings ?? []) tensor.text(6, text);
  if (spec.int64s !== undefined) tensor.varints(7, spec.int64s, packed);
  if (spec.name !== undefined) tensor.text(8, spec.name);
  if (spec.raw !== undefined) tensor.bytes(9, spec.raw);
  if (spec.doubles !== undefined) tensor.doubles(10, spec.doubles, packed);
  if (spec.uint64s !== undefined) tensor.varints(11, spec.uint64s, packed);
  for (const [key, value] of spec.external ?? []) tensor.message(13, new FileBytes().text(1, key).text(2, value));
  return spec.external === undefined ? tensor : tensor.varint(14, 1);
}

function valueFields({ name, type = 1, shape, kind }: ValueSpec): FileBytes {
  const value = new FileBytes().text(1, name);
  if (kind === 'none') return value;
  const tensor = new FileBytes().varint(1, type);
  if (shape !== undefined) {
    const dims = new FileBytes();
    for (const dim of shape) {
      const entry = new FileBytes();
      if (typeof dim === 'number') entry.varint(1, dim);
      else if (dim !== null) entry.text(2, dim);
      dims.message(1, entry);
    }
    tensor.message(2, dims);
  }
  const tensorType = new FileBytes().message(1, tensor);
  if (kind === 'sequence') return value.message(2, new FileBytes().message(4, new FileBytes().message(1, tensorType)));
  if (kind === 'optional') return value.message(2, new FileBytes().message(9, new FileBytes().message(1, tensorType)));
  if (kind === 'map') {
    return value.message(2, new FileBytes().message(5, new FileBytes().varint(1, 7).message(2, tensorType)));
  }
  return value.message(2, tensorType);
}
