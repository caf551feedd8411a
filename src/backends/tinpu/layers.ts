import { InternalError } from '../../ir/diagnostics.js';
import { opName, type Graph, type Node, type Value } from '../../ir/graph.js';
import { sizeOf } from '../../ir/shape.js';
import { isPool, sourceOf } from './accumulators.js';
import type { LayerShape, Pattern } from './placement/layer.js';
import { rowsPerSample } from './rows.js';

/** One row of a report: what TI's compiler sees as one layer. */
export interface Layer {
  /** The node that ends the layer: q.Bnorm, MaxPool, q.InputNorm, or a float function. */
  readonly node: Node;
  /** The accumulating node behind a q.Bnorm. */
  readonly accumulating: Node | undefined;
  readonly output: Value;
  readonly input: Value | undefined;
  readonly shape: LayerShape;
}

/** Nodes that are no layer of their own: they move elements, or belong to the layer behind them. */
const SILENT: ReadonlySet<string> = new Set(['q.Conv', 'q.MatMul', 'q.GlobalSum', 'q.Dequantize']);
const MOVING: ReadonlySet<string> = new Set(['Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Cast']);

/** The layers of a quantised graph in order. */
export function layersOf(graph: Graph): Layer[] {
  const rows = rowsPerSample(graph);
  return graph.nodes
    .filter((node) => !SILENT.has(opName(node)) && !MOVING.has(opName(node)))
    .map((node): Layer => {
      const [output] = node.outputs;
      const [source] = node.inputs;
      if (output === undefined) throw new InternalError(`${opName(node)} has no result`);
      const accumulating = opName(node) === 'q.Bnorm' && source ? sourceOf(source) : undefined;
      const input = accumulating === undefined ? source : accumulating.inputs[0];
      return { node, accumulating, output, input, shape: shapeOf(accumulating ?? node, rows) };
    });
}

const pair = (values: readonly number[]): readonly [number, number] => [values[0] ?? 1, values[1] ?? 1];
const ONE: readonly [number, number] = [1, 1];

function shapeOf(node: Node, rows: ReadonlyMap<Value, number>): LayerShape {
  const [x, weight] = node.inputs;
  const channels = (value: Value | undefined): number => {
    const dim = value?.type.shape[1];
    return typeof dim === 'number' ? dim : 0;
  };
  const base: LayerShape = {
    pattern: undefined,
    inputChannels: channels(x),
    outputChannels: channels(node.outputs[0]),
    groups: 1,
    kernel: ONE,
    strides: ONE,
    dilations: ONE,
    weightBits: 8,
  };
  switch (opName(node)) {
    case 'q.Conv': {
      const shape: LayerShape = {
        ...base,
        groups: node.attrs.int('group'),
        kernel: pair(weight?.constant?.dims.slice(2) ?? []),
        strides: pair(node.attrs.ints('strides')),
        dilations: pair(node.attrs.ints('dilations')),
        weightBits: isPool(node) ? 2 : 8,
      };
      return { ...shape, pattern: convolutionPattern(shape) };
    }
    case 'q.MatMul':
      return { ...base, pattern: 'FC', rows: (x && rows.get(x)) ?? 1 };
    case 'q.GlobalSum': {
      const sides = x?.type.shape.slice(2).filter((side) => typeof side === 'number') ?? [];
      return { ...base, pattern: 'AVGPOOL', area: sizeOf(sides), weightBits: 2 };
    }
    case 'MaxPool':
      return {
        ...base,
        pattern: 'MAXPOOL',
        kernel: pair(node.attrs.ints('kernel_shape')),
        strides: pair(node.attrs.ints('strides', [1, 1])),
        dilations: pair(node.attrs.ints('dilations', [1, 1])),
      };
    default:
      return base;
  }
}

/** The pattern of spec 2.1; undefined for a grouped convolution that is not depthwise, and for 2 or 3 input channels. */
export function convolutionPattern({ groups, inputChannels, outputChannels, kernel }: LayerShape): Pattern | undefined {
  if (groups > 1) return groups === inputChannels && groups === outputChannels ? 'DWCONV' : undefined;
  if (kernel[0] === 1 && kernel[1] === 1) return 'PWCONV';
  return inputChannels === 1 ? 'FCONV' : 'GCONV';
}
