import { Attributes, type Attribute } from '../attributes.js';
import type { ResolveExternal } from './external-data.js';
import { ModelFault } from './fault.js';
import { stringToUtf8, toNumber, utf8ToString, type AttributeMessage } from './proto.js';
import { tensorFromMessage, tensorToMessage } from './tensor-message.js';

/** Codes of `AttributeProto.AttributeType`, by the field that holds the value. */
const TYPES = {
  f: 1,
  i: 2,
  s: 3,
  t: 4,
  g: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparseTensor: 11,
  sparseTensors: 12,
  tp: 13,
  typeProtos: 14,
} as const;

type Field = keyof typeof TYPES;
const FIELDS = Object.keys(TYPES) as Field[];
const FIELD_OF_TYPE = new Map<number, Field>(FIELDS.map((field) => [TYPES[field], field]));

const REFUSED: ReadonlyMap<Field, string> = new Map<Field, string>([
  ['g', 'a graph'],
  ['graphs', 'graphs'],
  ['tensors', 'a list of tensors'],
  ['sparseTensor', 'a sparse tensor'],
  ['sparseTensors', 'sparse tensors'],
  ['tp', 'a type'],
  ['typeProtos', 'types'],
]);

/**
 * The attributes of a node and every fault found in them; faulty ones are left out.
 * An attribute without a type has the type of the field that is set. Integers saturate at ±(2^53 − 1).
 */
export function attributesFromMessages(
  messages: readonly AttributeMessage[],
  resolveExternal?: ResolveExternal,
): { readonly attrs: Attributes; readonly faults: readonly ModelFault[] } {
  const entries = new Map<string, Attribute>();
  const faults: ModelFault[] = [];
  for (const message of messages) {
    const name = message.name ?? '';
    try {
      if (entries.has(name)) throw new ModelFault('invalid-attribute', 'it is given twice');
      entries.set(name, attributeFromMessage(message, resolveExternal));
    } catch (error) {
      if (!(error instanceof ModelFault)) throw error;
      faults.push(new ModelFault(error.code, `attribute ${name}: ${error.message}`, error.hint));
    }
  }
  return { attrs: new Attributes(entries), faults };
}

function attributeFromMessage(message: AttributeMessage, resolveExternal: ResolveExternal | undefined): Attribute {
  if ((message.refAttrName ?? '') !== '') {
    throw new ModelFault('invalid-attribute', 'it refers to an attribute of a function, but stands outside of one');
  }
  const field = fieldOf(message);
  switch (field) {
    case 'i':
      return { kind: 'int', value: toNumber(message.i) };
    case 'ints':
      return { kind: 'ints', value: (message.ints ?? []).map(toNumber) };
    case 'f':
      return { kind: 'float', value: message.f ?? 0 };
    case 'floats':
      return { kind: 'floats', value: message.floats ?? [] };
    case 's':
      return { kind: 'string', value: utf8ToString(message.s ?? new Uint8Array()) };
    case 'strings':
      return { kind: 'strings', value: (message.strings ?? []).map(utf8ToString) };
    case 't':
      if (message.t === undefined || message.t === null)
        throw new ModelFault('invalid-attribute', 'its tensor is missing');
      return { kind: 'tensor', value: tensorFromMessage(message.t, resolveExternal) };
    default:
      throw new ModelFault(
        field === 'g' || field === 'graphs' ? 'subgraph' : 'unsupported-attribute',
        `it holds ${REFUSED.get(field) ?? 'a value'}, which is not supported`,
      );
  }
}

function fieldOf(message: AttributeMessage): Field {
  const present = FIELDS.filter((field) => isPresent(message, field));
  const code = message.type ?? 0;
  if (code === 0) {
    const [field] = present;
    if (field === undefined) throw new ModelFault('invalid-attribute', 'it has neither a type nor a value');
    return field;
  }
  const declared = FIELD_OF_TYPE.get(code);
  if (declared === undefined) throw new ModelFault('invalid-attribute', `its type ${code} is not defined by ONNX`);
  const [other] = present;
  if (other !== undefined && !present.includes(declared)) {
    throw new ModelFault('invalid-attribute', `its type says ${declared}, but the value is in ${other}`);
  }
  return declared;
}

function isPresent(message: AttributeMessage, field: Field): boolean {
  if (!Object.hasOwn(message, field)) return false;
  const value: unknown = message[field];
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

/** The AttributeProtos of a node. */
export const attributesToMessages = (attrs: Attributes): AttributeMessage[] =>
  [...attrs].map(([name, attribute]) => ({ name, ...valueToMessage(attribute) }));

function valueToMessage(attribute: Attribute): AttributeMessage {
  switch (attribute.kind) {
    case 'int':
      return { type: TYPES.i, i: attribute.value };
    case 'ints':
      return { type: TYPES.ints, ints: [...attribute.value] };
    case 'float':
      return { type: TYPES.f, f: attribute.value };
    case 'floats':
      return { type: TYPES.floats, floats: [...attribute.value] };
    case 'string':
      return { type: TYPES.s, s: stringToUtf8(attribute.value) };
    case 'strings':
      return { type: TYPES.strings, strings: attribute.value.map(stringToUtf8) };
    case 'tensor':
      return { type: TYPES.t, t: tensorToMessage(attribute.value, '') };
  }
}
