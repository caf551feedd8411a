import type { Attribute } from '../attributes.js';
import {
  constantsOf,
  opName,
  type Graph,
  type Node,
  type Origin,
  type Quantisation,
  type Value,
  type ValueType,
} from '../graph.js';
import type { Tensor } from '../tensor.js';
import { encodeElements } from './elements.js';

/** Constants of more elements than this are written in base64 instead of decimals. */
const MOST_DECIMALS = 16;

/**
 * The text form of a graph; `parseGraph` reads it back to an equal graph.
 *
 *     graph "main"
 *     input %x: float32[N,3]
 *     const %w: float32[3,2] = [1, 0.5, -2, 0, 0, 1]
 *     %y: float32[N,2] = MatMul(%x, %w) "/fc/MatMul" @[0 "/fc/MatMul" "MatMul"]
 *     output "y" = %y
 */
export function printGraph(graph: Graph): string {
  return [
    `graph ${quote(graph.name)}`,
    ...graph.inputs.map((input) => `input ${printTyped(input)}`),
    ...constantsOf(graph).map((value) => `const ${printTyped(value)} = ${printElements(value.constant)}`),
    ...graph.nodes.map(printNode),
    ...graph.outputs.map(({ name, value }) => `output ${quote(name)} = ${printLabel(value)}`),
    '',
  ].join('\n');
}

/** One line of the text form. */
export function printNode(node: Node): string {
  const results = node.outputs.map(printTyped).join(', ');
  const inputs = node.inputs.map((input) => (input === undefined ? '_' : printLabel(input))).join(', ');
  const attrs = [...node.attrs].map(([name, attribute]) => `${name} = ${printAttribute(attribute)}`).join(', ');
  return [
    `${results} = ${opName(node)}(${inputs})`,
    ...(attrs === '' ? [] : [`{${attrs}}`]),
    ...(node.name === '' ? [] : [quote(node.name)]),
    ...(node.origins.length === 0 ? [] : [`@[${node.origins.map(printOrigin).join(', ')}]`]),
  ].join(' ');
}

/**
 * `float32[N,3]`, with `int8[N,3]<0.5 s8>` for an activation of scale 0.5 and signed 8-bit integers, and `<0.5 s8 3>` for
 * the same with zero point 3.
 */
export function printType({ dtype, shape, quantisation }: ValueType): string {
  const dims = shape.map((dim) =>
    typeof dim === 'number' || /^[A-Za-z_][\w.]*$/.test(dim) ? String(dim) : quote(dim),
  );
  const suffix =
    quantisation === undefined
      ? ''
      : `<${printFloat(quantisation.scale)} ${quantisation.signed ? 's' : 'u'}${quantisation.bits}${printZeroPoint(quantisation)}>`;
  return `${dtype}[${dims.join(',')}]${suffix}`;
}

const printZeroPoint = ({ zeroPoint = 0 }: Quantisation): string => (zeroPoint === 0 ? '' : ` ${zeroPoint}`);

const printTyped = (value: Value): string => `${printLabel(value)}: ${printType(value.type)}`;

const printLabel = ({ name }: Value): string => (/^[A-Za-z_][\w.]*$/.test(name) ? `%${name}` : `%${quote(name)}`);

const printOrigin = ({ index, name, op }: Origin): string => `${index} ${quote(name)} ${quote(op)}`;

function printAttribute(attribute: Attribute): string {
  switch (attribute.kind) {
    case 'int':
      return String(attribute.value);
    case 'ints':
      return `[${attribute.value.join(', ')}]`;
    case 'float':
      return printFloat(attribute.value);
    case 'floats':
      return `floats[${attribute.value.map(printFloat).join(', ')}]`;
    case 'string':
      return quote(attribute.value);
    case 'strings':
      return `strings[${attribute.value.map(quote).join(', ')}]`;
    case 'tensor':
      return `${printType({ dtype: attribute.value.dtype, shape: attribute.value.dims })} ${printElements(attribute.value)}`;
  }
}

/** A float is told from an int by its point, exponent or name. */
function printFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function printElements(tensor: Tensor): string {
  if (tensor.size > MOST_DECIMALS) return `base64 "${encodeElements(tensor)}"`;
  const items = Array.from(tensor.data as ArrayLike<number | bigint>, (item) =>
    typeof item === 'bigint' ? String(item) : printNumber(item),
  );
  return `[${items.join(', ')}]`;
}

const printNumber = (value: number): string =>
  Number.isInteger(value) && !Object.is(value, -0) ? String(value) : printFloat(value);

const quote = (text: string): string => JSON.stringify(text);
