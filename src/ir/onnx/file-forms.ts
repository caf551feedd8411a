import type { InlinedModel } from './inline-functions.js';
import type { Normalisation } from './imported-model.js';
import { toNumber, type ModelMessage } from './proto.js';
import { labelOf, type SourceGraph } from './source.js';

/** A dimension of a graph input for which the file gives neither a name nor a size above 0, and its symbol. */
export interface OpenDim {
  readonly input: string;
  readonly axis: number;
  readonly symbol: string;
}

/** Forms of the file as a whole that its graph does not keep, one entry a kind: what they were and what they became. */
export function fileForms(
  model: ModelMessage,
  source: SourceGraph,
  openDims: readonly OpenDim[],
  inlined: InlinedModel,
): readonly Normalisation[] {
  return [...headForms(model, inlined), ...tensorForms(model, source, openDims), ...nodeForms(source)];
}

function headForms(model: ModelMessage, { calls, shadowed }: InlinedModel): Normalisation[] {
  const imports = (model.opsetImport ?? []).map(({ domain }) => domain ?? '');
  const nodes = model.graph?.node ?? [];
  const spelled = nodes.filter(({ domain }) => domain === 'ai.onnx').length;
  const spelledImports = imports.filter((domain) => domain === 'ai.onnx').length;
  const called = new Set([...calls.keys()].map(({ domain }) => domain));
  const foreign = [...new Set(imports)].filter((domain) => domain !== '' && domain !== 'ai.onnx');
  const unread = foreign.filter((domain) => !called.has(domain));
  const instead = [...shadowed].filter((each) => !calls.has(each));
  const unused = (model.functions?.length ?? 0) - calls.size - instead.length;
  const annotations = model.graph?.quantizationAnnotation?.length ?? 0;
  return [
    ...told(
      imports.every((domain) => foreign.includes(domain)),
      {
        from: 'no import of ai.onnx',
        to: 'opset 1',
        text: `what a model of IR version ${toNumber(model.irVersion)} without the import is of`,
      },
    ),
    ...told(spelled + spelledImports > 0, {
      from: "domain 'ai.onnx'",
      to: 'the default domain',
      text: [
        ...(spelledImports > 0 ? [counted(spelledImports, 'opset import')] : []),
        ...(spelled > 0 ? [counted(spelled, 'node')] : []),
      ].join(', '),
    }),
    ...told(unread.length > 0, {
      from: counted(unread.length, 'opset import'),
      to: 'ignored',
      text: `no node is of ${few(unread.map(quoted))}`,
    }),
    ...told(calls.size > 0, {
      from: counted(calls.size, 'local function'),
      to: 'inlined',
      text: few([...calls].map(([{ name }, count]) => `${name} in ${counted(count, 'call')}`)),
    }),
    ...told(instead.length > 0, {
      from: counted(instead.length, 'local function'),
      to: 'ignored',
      text: `the operator of that name counts: ${few(instead.map(({ name }) => name))}`,
    }),
    ...told(unused > 0, { from: counted(unused, 'local function'), to: 'ignored', text: 'called by no node' }),
    ...told(annotations > 0, {
      from: counted(annotations, 'quantization annotation'),
      to: 'ignored',
      text: 'scales come from calibration',
    }),
  ];
}

function tensorForms(model: ModelMessage, source: SourceGraph, openDims: readonly OpenDim[]): Normalisation[] {
  const initializers = [...source.initializers.keys()];
  const listed = new Set((model.graph?.input ?? []).map(({ name }) => name ?? ''));
  const both = initializers.filter((name) => listed.has(name));
  const unread = initializers.filter((name) => !source.read.has(name));
  return [
    ...told(openDims.length > 0, {
      from: `${counted(openDims.length, 'input dimension')} without a name or a size above 0`,
      to: 'symbols',
      text: few(openDims.map(({ input, axis, symbol }) => `axis ${axis} of '${input}' is ${symbol}`)),
    }),
    ...told(both.length > 0, {
      from: `${counted(both.length, 'initializer')} also listed among the graph inputs`,
      to: 'constants alone',
      text: few(both.map(quoted)),
    }),
    ...told(unread.length > 0, {
      from: `${counted(unread.length, 'initializer')} that nothing reads`,
      to: 'dropped',
      text: few(unread.map(quoted)),
    }),
  ];
}

function nodeForms({ nodes }: SourceGraph): Normalisation[] {
  const constants = nodes.filter(({ op }) => op === 'Constant');
  const forms = new Set(constants.flatMap(({ message }) => (message.attribute ?? []).map(({ name }) => name ?? '')));
  const unnamed = nodes.filter(({ name, op }) => name === '' && op !== 'Constant');
  const [example] = unnamed;
  const untyped = nodes.flatMap(({ message }) => message.attribute ?? []).filter(({ type }) => (type ?? 0) === 0);
  const tailed = nodes.filter(({ message }) => message.input?.at(-1) === '' || message.output?.at(-1) === '');
  const moved = nodes.filter(({ index }, position) => index !== position);
  return [
    ...told(constants.length > 0, {
      from: counted(constants.length, 'Constant node'),
      to: 'constants',
      text: few([...forms]),
    }),
    ...told(unnamed.length > 0, {
      from: counted(unnamed.length, 'unnamed node'),
      to: 'labelled',
      text: `by operator and position, as ${example === undefined ? '' : labelOf(example)}`,
    }),
    ...told(untyped.length > 0, {
      from: `${counted(untyped.length, 'attribute')} without a type`,
      to: 'typed',
      text: 'by the field that holds the value',
    }),
    ...told(tailed.length > 0, {
      from: 'empty names at the end of inputs or outputs',
      to: 'left out',
      text: counted(tailed.length, 'node'),
    }),
    ...told(moved.length > 0, {
      from: 'order of the file',
      to: 'topological order',
      text: `${moved.length} of ${counted(nodes.length, 'node')} change their position`,
    }),
  ];
}

const told = (applies: boolean, form: Normalisation): Normalisation[] => (applies ? [form] : []);

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const quoted = (name: string): string => `'${name}'`;

/** The first eight, and how many more there are. */
const few = (words: readonly string[]): string =>
  [...words.slice(0, 8), ...(words.length > 8 ? [`and ${words.length - 8} more`] : [])].join(', ');
