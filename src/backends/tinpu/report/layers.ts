import { bitsOf } from '../../../ir/dtype.js';
import { InternalError } from '../../../ir/diagnostics.js';
import { opName, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { sameShape, sizeOf } from '../../../ir/shape.js';
import { numberData } from '../../../ir/tensor.js';
import { isPool, sourceOf } from '../arithmetic/accumulators.js';
import { isStatedInput } from '../arithmetic/integer-range.js';
import type { Island } from '../../report/islands.js';
import { islandsOf } from './islands.js';
import { MOVING } from '../../report/moving.js';
import type { LayerShape, Pattern, Range, Requantisation } from '../placement/layer.js';
import { rowsPerSample } from '../../report/rows.js';

/** One row of a report: what TI's compiler sees as one layer. */
export interface Layer {
  /** The node that ends the layer: q.Bnorm, the q.Add of a residual form, MaxPool, q.InputNorm, or a CPU operator. */
  readonly node: Node;
  /** The q.Bnorm of a layer that accumulates, or the q.RequantShift that stands in its place. */
  readonly bnorm: Node | undefined;
  /** The accumulating node behind it. */
  readonly accumulating: Node | undefined;
  readonly output: Value;
  readonly input: Value | undefined;
  readonly shape: LayerShape;
  /** The island that a float operator belongs to. */
  readonly island: Island | undefined;
}

const ACCUMULATING: ReadonlySet<string> = new Set(['q.Conv', 'q.ConvTranspose', 'q.MatMul', 'q.GlobalSum']);
const REQUANTISING: ReadonlySet<string> = new Set(['q.Bnorm', 'q.RequantShift']);
/** Nodes that are no layer of their own: they belong to the layer behind them. */
const SILENT: ReadonlySet<string> = new Set([...ACCUMULATING, 'q.Dequantize']);

/** The layers of a quantised graph in order. */
export function layersOf(graph: Graph): Layer[] {
  const rows = rowsPerSample(graph);
  const islands = new Map(islandsOf(graph).flatMap((island) => island.nodes.map((node) => [node, island] as const)));
  const residuals = residualForms(graph);
  const absorbed = new Set(residuals.values());
  return graph.nodes
    .filter((node) => !SILENT.has(opName(node)) && !MOVING.has(opName(node)) && !absorbed.has(node))
    .map((node): Layer => {
      const [output] = node.outputs;
      if (output === undefined) throw new InternalError(`${opName(node)} has no result`);
      const bnorm = residuals.get(node) ?? (REQUANTISING.has(opName(node)) ? node : undefined);
      const source = bnorm?.inputs[0] && sourceOf(bnorm.inputs[0]);
      const accumulating = source !== undefined && ACCUMULATING.has(opName(source)) ? source : undefined;
      const [input] = (accumulating ?? node).inputs;
      const sizes = shapeOf(accumulating ?? node, rows);
      const shape: LayerShape =
        bnorm === undefined || input === undefined
          ? sizes
          : {
              ...sizes,
              pattern: bnorm === node ? sizes.pattern : 'PWCONVRES',
              activationBits: [activationBits(input), activationBits(output)],
              ...requantisationOf(bnorm, bnorm === node ? undefined : node),
            };
      return { node, bnorm, accumulating, output, input, shape, island: islands.get(node) };
    });
}

/** The residual form of a q.Bnorm behind a 1×1 convolution: the q.Add that takes it in with 10 bits, and the q.Bnorm. */
function residualForms(graph: Graph): ReadonlyMap<Node, Node> {
  const forms = new Map<Node, Node>();
  for (const node of graph.nodes) {
    if (opName(node) !== 'q.Add') continue;
    const bnorm = node.inputs.flatMap((input) => (input && residualOperand(graph, node, input)) ?? [])[0];
    if (bnorm !== undefined) forms.set(node, bnorm);
  }
  return forms;
}

function residualOperand(graph: Graph, sum: Node, value: Value): Node | undefined {
  const { producer } = value;
  if (producer === undefined || opName(producer) !== 'q.Bnorm' || soleUser(graph, value) !== sum) return undefined;
  if (producer.attrs.int('lo') !== -512 || producer.attrs.int('hi') !== 511) return undefined;
  const [accumulator] = producer.inputs;
  const convolution = accumulator && sourceOf(accumulator);
  if (convolution === undefined || opName(convolution) !== 'q.Conv') return undefined;
  const pointwise = convolution.inputs[1]?.constant?.dims.slice(2).every((side) => side === 1) === true;
  const alike = sum.inputs.every((input) => input !== undefined && sameShape(input.type.shape, value.type.shape));
  return pointwise && alike && convolution.attrs.int('group') === 1 ? producer : undefined;
}

/** The width of the integers of a tensor: as stated, else that of the range they were clipped to, else of their type. */
function activationBits(value: Value): number {
  if (value.type.quantisation !== undefined) return value.type.quantisation.bits;
  const source = sourceOf(value);
  if (source?.outputs.some(isStatedInput) === true) return 8;
  const attrs = source?.attrs;
  if (attrs?.has('lo') !== true) return bitsOf(value.type.dtype);
  const [lo, hi] = [attrs.int('lo'), attrs.int('hi')];
  const width = (top: number): number => Math.ceil(Math.log2(top + 1));
  const bits = lo >= 0 ? width(hi) : 1 + width(Math.max(hi, -lo - 1));
  return bits <= 2 ? 2 : bits <= 4 ? 4 : bits <= 8 ? 8 : bits;
}

function requantisationOf(bnorm: Node, sum: Node | undefined): { readonly requantisation?: Requantisation } {
  if (bnorm.op === 'RequantShift') return { requantisation: requantShiftOf(bnorm) };
  const [, bias, scale, shift] = bnorm.inputs.map(extremes);
  if (bias === undefined || scale === undefined || shift === undefined) return {};
  return { requantisation: { bias, scale, shift, clip: clipOf(bnorm), sum: sum && clipOf(sum) } };
}

/** A q.RequantShift in terms of a BNORM, as far as it goes: its addend comes behind the multiplication. */
function requantShiftOf(node: Node): Requantisation {
  const factors = node.inputs[1]?.constant?.toNumbers() ?? [];
  const shift = node.attrs.int('shift');
  const scale = factors.reduce(([least, most]: Range, x): Range => [Math.min(least, x), Math.max(most, x)], [1, 1]);
  return { bias: [0, 0], scale, shift: [shift, shift], clip: clipOf(node) };
}

const clipOf = ({ attrs }: Node): Range => [attrs.int('lo'), attrs.int('hi')];

function extremes(value: Value | undefined): Range | undefined {
  const data = value?.constant && numberData(value.constant);
  if (data === undefined) return undefined;
  let [least, most] = [Infinity, -Infinity];
  for (const x of data) {
    least = Math.min(least, x);
    most = Math.max(most, x);
  }
  return [least, most];
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
  const weightBits = isPool(node) ? 2 : weight?.constant === undefined ? 8 : bitsOf(weight.constant.dtype);
  switch (opName(node)) {
    case 'q.Conv':
    case 'q.ConvTranspose': {
      const shape: LayerShape = {
        ...base,
        groups: node.attrs.int('group'),
        kernel: pair(weight?.constant?.dims.slice(2) ?? []),
        strides: pair(node.attrs.ints('strides')),
        dilations: pair(node.attrs.ints('dilations')),
        weightBits,
      };
      return { ...shape, pattern: node.op === 'Conv' ? convolutionPattern(shape) : 'TCONV' };
    }
    case 'q.MatMul':
      return { ...base, pattern: 'FC', rows: (x && rows.get(x)) ?? 1, weightBits };
    case 'q.GlobalSum': {
      const sides = x?.type.shape.slice(2).filter((side) => typeof side === 'number') ?? [];
      return { ...base, pattern: 'AVGPOOL', area: sizeOf(sides), weightBits: 2 };
    }
    case 'MaxPool':
      return {
        ...base,
        // On real numbers it is an operator of an island like any other.
        pattern: x !== undefined && bitsOf(x.type.dtype) <= 16 ? 'MAXPOOL' : undefined,
        kernel: pair(node.attrs.ints('kernel_shape')),
        strides: pair(node.attrs.ints('strides', [1, 1])),
        dilations: pair(node.attrs.ints('dilations', [1, 1])),
        ...(x === undefined ? {} : { activationBits: [activationBits(x)] }),
      };
    default:
      return base;
  }
}

/** The pattern of spec 2.1; undefined for a grouped convolution that is not depthwise. */
export function convolutionPattern({ groups, inputChannels, outputChannels, kernel }: LayerShape): Pattern | undefined {
  if (groups > 1) return groups === inputChannels && groups === outputChannels ? 'DWCONV' : undefined;
  if (kernel[0] === 1 && kernel[1] === 1) return 'PWCONV';
  return inputChannels === 1 ? 'FCONV' : 'GCONV';
}
