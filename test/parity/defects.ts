import { roundHalfEven } from '../../src/runtime/float/floats.js';
import type { PreparedGraph, PreparedNode } from './prepared-graph.js';

/** A layer of the wrapper as it computed it, with the documented defects that show in it (spec 1.7). */
export interface WrapperLayer {
  /** The scale it took its input to have. */
  readonly inputScale: number;
  readonly outputScale: number;
  /** Why `inputScale` may not be the one that is right. */
  readonly inputDefects: readonly string[];
  /** Why `outputScale`, and the range of the integers, may not be the ones that are right. */
  readonly outputDefects: readonly string[];
}

/** Scales and defects of a Conv or Linear of the prepared graph. */
export function wrapperLayer(graph: PreparedGraph, node: PreparedNode): WrapperLayer {
  const path = graph.pathTo(node);
  return {
    ...inputOf(graph, path),
    outputScale: graph.observerBehind(node)?.scale ?? NaN,
    outputDefects: scaleDefects(graph, node),
  };
}

/** The scale that a layer takes its input to have, at the end of the path that leads back to where it was chosen. */
function inputOf(
  graph: PreparedGraph,
  path: readonly PreparedNode[],
): Pick<WrapperLayer, 'inputScale' | 'inputDefects'> {
  const source = path.at(-1);
  if (source === undefined) return { inputScale: NaN, inputDefects: [] };
  if (source.kind.startsWith('BatchNorm') && path.some(({ kind }) => kind === 'Flatten')) {
    return { inputScale: 1, inputDefects: ['the input scale behind BatchNorm and Flatten is taken as 1'] };
  }
  const inputDefects = scaleDefects(graph, source);
  // Behind a sum in float it is that of the first operand.
  const [first] = source.kind === 'add' && inputDefects.length > 0 ? graph.scalesOf(source) : [];
  return { inputScale: first ?? graph.observerBehind(source)?.scale ?? NaN, inputDefects };
}

/** What is wrong with the scale of a node's integers. */
function scaleDefects(graph: PreparedGraph, node: PreparedNode): string[] {
  const readers = graph.operatorsBehind(node);
  const bounded = readers.find(({ kind }) => kind === 'ReLU6' || kind === 'Hardtanh');
  const rectified = /^(?:Conv|Linear)(?!.*ReLU)/.test(node.kind) && readers.some(({ kind }) => kind === 'ReLU');
  const additions = node.kind === 'add' ? [node] : graph.additionsBehind(node);
  const unequal = additions.some((addition) => new Set(graph.scalesOf(addition)).size > 1);
  return [
    ...(bounded === undefined ? [] : [`bounds of ${bounded.kind} applied to integers unscaled`]),
    ...(!rectified
      ? []
      : node.kind === 'LinearBn1d'
        ? ['Linear, BatchNorm and ReLU are not fused: 7 bits are used']
        : ['a ReLU behind Identity is not fused: the scale is that of signed integers']),
    ...(unequal ? ['a sum of unequal scales is left in float'] : []),
  ];
}

/** An averaging pool of the wrapper. */
export interface WrapperPool {
  /** Bias, scale and shift. */
  readonly constants: readonly [bias: number, scale: number, shift: number];
  /** Why they may not be the right ones. */
  readonly defects: readonly string[];
  /** Why the scale of its integers may not be the right one. */
  readonly scaleDefects: readonly string[];
}

/** Constants and defects of a pool over `area` elements. */
export function wrapperPool(graph: PreparedGraph, node: PreparedNode, area: number): WrapperPool {
  const source = graph.pathTo(node).at(-1);
  const signed = (source && graph.observerBehind(source)?.zero_point) === 127;
  const shift = Math.floor(Math.log2(area));
  const twice = node.kind === 'AvgPool2d';
  const bias = roundHalfEven(2 ** (shift - 1)) + (twice ? Math.floor((area + 1) / 2) : 0) + (signed ? 127 : 0);
  return {
    constants: [bias, 1, shift],
    defects: [
      ...(2 ** shift === area ? [] : [`pool of area ${area} divided by ${2 ** shift}`]),
      ...(twice ? ['AvgPool2d rounds twice'] : []),
      ...(signed ? ['the zero point 127 is added in a pool of signed integers'] : []),
    ],
    scaleDefects: [source, node].flatMap((one) => (one === undefined ? [] : scaleDefects(graph, one))),
  };
}
