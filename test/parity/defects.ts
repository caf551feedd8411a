import { roundHalfEven } from '../../src/runtime/float/floats.js';
import type { PreparedGraph, PreparedNode } from './prepared-graph.js';

/** A layer of the wrapper as it computed it, with the documented defects that show in it (spec 1.7). */
export interface WrapperLayer {
  /** The scale it took its input to have. */
  readonly inputScale: number;
  readonly outputScale: number;
  /** Why `inputScale` may not be the one that is right. */
  readonly inputDefects: readonly string[];
  /** Why either scale may be the next power of two instead, because its range ends there. */
  readonly inputEdge: string | undefined;
  readonly outputEdge: string | undefined;
  /** Why `outputScale`, and the range of the integers, may not be the ones that are right. */
  readonly outputDefects: readonly string[];
}

/** Scales and defects of a Conv or Linear of the prepared graph. */
export function wrapperLayer(graph: PreparedGraph, node: PreparedNode): WrapperLayer {
  const path = graph.pathTo(node);
  return {
    ...inputOf(graph, path),
    outputScale: graph.observerBehind(node)?.scale ?? NaN,
    outputEdge: edgeOf(graph, node),
    outputDefects: scaleDefects(graph, node),
  };
}

/** How far observers of nodes that the exported model lacks move the ranges behind them, relatively; 1 % was the most seen. */
const UNSEEN_SHIFT = 0.03;
/** What the order of float32 sums makes of a range, relatively; 2e-7 was the most seen. */
const LAST_BITS = 1e-6;

/**
 * Why the scale of a node may as well be its double or its half: what it is rounded up from lies so close to a power of two
 * that a range which differs as little as it may ends on the other side.
 */
export function edgeOf(graph: PreparedGraph, node: PreparedNode): string | undefined {
  const observer = graph.observerBehind(node);
  if (observer === undefined) return undefined;
  const { min_val: min, max_val: max } = observer;
  const scale = min < 0 ? Math.max(-min, max) / 127.5 : max / 255;
  const distance = Math.abs(scale / 2 ** Math.round(Math.log2(scale)) - 1);
  if (distance <= LAST_BITS) return 'a range ends at a power of two but for the last bits of float32';
  if (distance > UNSEEN_SHIFT || !graph.meetsUnseen(node)) return undefined;
  return 'observers of Identity and Dropout, which the exported model has no longer, moved a range past a power of two';
}

/** The scale that a layer takes its input to have, at the end of the path that leads back to where it was chosen. */
function inputOf(
  graph: PreparedGraph,
  path: readonly PreparedNode[],
): Pick<WrapperLayer, 'inputScale' | 'inputDefects' | 'inputEdge'> {
  const source = path.at(-1);
  if (source === undefined) return { inputScale: NaN, inputDefects: [], inputEdge: undefined };
  const inputEdge = edgeOf(graph, source);
  if (source.kind.startsWith('BatchNorm') && path.some(({ kind }) => kind === 'Flatten')) {
    return { inputScale: 1, inputEdge, inputDefects: ['the input scale behind BatchNorm and Flatten is taken as 1'] };
  }
  const inputDefects = scaleDefects(graph, source);
  // Behind a sum in float it is that of the first operand.
  const [first] = source.kind === 'add' && inputDefects.length > 0 ? graph.scalesOf(source) : [];
  return { inputScale: first ?? graph.observerBehind(source)?.scale ?? NaN, inputDefects, inputEdge };
}

/** The reasons for a scale that is not ours: the defects, and the edge for the next power of two. */
export function reasonsOf(
  ours: number,
  theirs: number,
  defects: readonly string[],
  edge: string | undefined,
): string[] {
  if (ours === theirs) return [];
  return [...defects, ...(edge !== undefined && (ours === 2 * theirs || theirs === 2 * ours) ? [edge] : [])];
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
  readonly scaleEdge: string | undefined;
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
    scaleEdge: edgeOf(graph, node),
    scaleDefects: [source, node].flatMap((one) => (one === undefined ? [] : scaleDefects(graph, one))),
  };
}
