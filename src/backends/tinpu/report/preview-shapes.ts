import { isConstant, opName, type Node, type Value } from '../../../ir/graph.js';
import { sizeOf } from '../../../ir/shape.js';
import { convolutionPattern } from './layers.js';
import type { LayerShape } from '../placement/layer.js';
import type { QuantisationPoint } from '../split/roles.js';

const POOLS: ReadonlySet<string> = new Set(['AveragePool', 'GlobalAveragePool']);
const ONE: readonly [number, number] = [1, 1];

/** The sizes of the layers that float nodes will be. */
export class PreviewShapes {
  readonly #rows: ReadonlyMap<Value, number>;
  readonly #bits: ReadonlyMap<Value, number>;
  readonly #points: ReadonlyMap<Node, QuantisationPoint>;

  constructor(rows: ReadonlyMap<Value, number>, points: readonly QuantisationPoint[]) {
    this.#rows = rows;
    this.#bits = new Map(points.map(({ value, bits }) => [value, bits]));
    this.#points = new Map(points.flatMap((point) => (point.node === undefined ? [] : [[point.node, point]])));
  }

  /** Of an operator that is part of no pattern. */
  plain({ inputs: [x], outputs: [y] }: Node): LayerShape {
    return {
      pattern: undefined,
      inputChannels: channelsOf(x),
      outputChannels: channelsOf(y),
      groups: 1,
      kernel: ONE,
      strides: ONE,
      dilations: ONE,
      weightBits: 8,
    };
  }

  /** Of a node that computes on integers. */
  shapeOf(node: Node): LayerShape {
    const [x, weight] = node.inputs;
    const point = this.#points.get(node);
    const sizes: LayerShape = {
      ...this.plain(node),
      groups: node.attrs.int('group', 1),
      kernel: pair(node.attrs.ints('kernel_shape', weight?.constant?.dims.slice(2) ?? [])),
      strides: pair(node.attrs.ints('strides', [])),
      dilations: pair(node.attrs.ints('dilations', [])),
      // A pool is executed with 2-bit weights (spec 1.3).
      weightBits: POOLS.has(opName(node)) ? 2 : (point?.weightBits ?? 8),
      activationBits: [this.#bitsOf(x), ...(point === undefined || point.residual ? [] : [point.bits])],
    };
    switch (opName(node)) {
      case 'Conv':
        return { ...sizes, pattern: convolutionPattern(sizes) };
      case 'ConvTranspose':
        return { ...sizes, pattern: 'TCONV' };
      case 'Gemm':
        return { ...sizes, pattern: 'FC', rows: (x && this.#rows.get(x)) ?? 1 };
      case 'GlobalAveragePool': {
        const sides = x?.type.shape.slice(2).filter((side) => typeof side === 'number') ?? [];
        return { ...sizes, pattern: 'AVGPOOL', area: sizeOf(sides) };
      }
      case 'AveragePool':
        // A pool that is not global is executed as a depthwise convolution (spec 1.3).
        return { ...sizes, pattern: 'DWCONV', groups: sizes.inputChannels };
      case 'MaxPool':
        return { ...sizes, pattern: 'MAXPOOL' };
      default:
        return this.plain(node);
    }
  }

  /** A window sum has a 1 for every element of the window of every channel; a sum over the whole map has no weights. */
  weightCountOf(node: Node): number {
    const [, weight] = node.inputs;
    if (opName(node) === 'AveragePool') {
      return channelsOf(node.outputs[0]) * sizeOf(node.attrs.ints('kernel_shape', []));
    }
    return weight !== undefined && isConstant(weight) ? weight.constant.size : 0;
  }

  /** Width of the integers that a tensor will hold: that of the point that its elements come from. */
  #bitsOf(value: Value | undefined): number {
    for (let at = value; at !== undefined; [at] = at.producer?.inputs ?? []) {
      const bits = this.#bits.get(at);
      if (bits !== undefined) return bits;
    }
    return 8;
  }
}

function channelsOf(value: Value | undefined): number {
  const dim = value?.type.shape[1];
  return typeof dim === 'number' ? dim : 0;
}

const pair = (values: readonly number[]): readonly [number, number] => [values[0] ?? 1, values[1] ?? 1];
