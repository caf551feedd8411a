import { isConstant, type Graph, type Node } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { channelsFirst, isOrdered } from '../../runtime/comparison/channel-order.js';
import { convInFloat32, matMulInFloat32 } from '../../runtime/comparison/float-accumulation.js';
import { bnormVariant, inputNormVariant, type Requantisation } from '../../runtime/comparison/variant-kernels.js';
import { bnorm } from '../../runtime/integer/bnorm.js';
import type { Kernel, KernelTable } from '../../runtime/kernel.js';
import { TINPU_KERNELS } from '../tinpu/dialect.js';
import type { RunForm } from './run-vector.js';

/** A known way in which a device's arithmetic, or what it hands over, differs from that of the model. */
export type Cause =
  | 'input-truncation'
  | 'input-toward-zero'
  | 'truncation'
  | 'half-even'
  | 'half-away'
  | 'double-half'
  | 'missing-bias'
  | 'float-accumulation'
  | 'input-channels-last'
  | 'input-signedness'
  | 'real-outputs'
  | 'integer-outputs';

/** Something a device may do otherwise than the model says; it explains a difference when it gives what was expected. */
export interface Hypothesis extends RunForm {
  readonly cause: Cause;
  /** What it means, for people to read. */
  readonly text: string;
  /** Whether it can change anything. */
  readonly applies: (graph: Graph) => boolean;
  /** The same in one layer alone, a `q.Bnorm`. */
  readonly inLayer?: ((layer: Node) => RunForm) | undefined;
  /** Another order or meaning of an input; undefined where it is the same. */
  readonly input?: ((tensor: Tensor) => Tensor | undefined) | undefined;
}

/** Whether a node requantises. */
export const isBnorm = ({ domain, op }: Node): boolean => domain === 'q' && op === 'Bnorm';

const has =
  (...ops: readonly string[]) =>
  ({ nodes }: Graph): boolean =>
    nodes.some((node) => node.domain === 'q' && ops.includes(node.op));

const instead = (...kernels: readonly (readonly [op: string, kernel: Kernel])[]): KernelTable =>
  new Map([...TINPU_KERNELS, ...kernels.map(([op, kernel]) => [`q.${op}`, kernel] as const)]);

function requantising(cause: Cause, text: string, kernel: Kernel): Hypothesis {
  const inLayer = (layer: Node): RunForm => ({
    kernels: instead(['Bnorm', (node, ...rest) => (node === layer ? kernel : bnorm)(node, ...rest)]),
  });
  return { cause, text, applies: has('Bnorm'), kernels: instead(['Bnorm', kernel]), inLayer };
}

const normalising = (cause: Cause, text: string, round: (product: number, factor: number) => number): Hypothesis => ({
  cause,
  text,
  applies: has('InputNorm'),
  kernels: instead(['InputNorm', inputNormVariant(round)]),
});

const feeding = (cause: Cause, text: string, input: (tensor: Tensor) => Tensor | undefined): Hypothesis => ({
  cause,
  text,
  applies: ({ inputs }) => inputs.some((value) => !isConstant(value)),
  input,
});

/** The bias holds the half that makes a floor round (spec 1.2): what is a whole number with it was a tie without. */
const tie =
  (down: (rounded: number) => boolean): Requantisation =>
  (shifted) =>
    Number.isInteger(shifted) && down(shifted) ? shifted - 1 : Math.floor(shifted);

const FLOAT_SUMS = 'sums are taken in float32, which is not exact beyond 2^24';

/** In the order in which they are told; of several with one cause, the first that explains. */
export const HYPOTHESES: readonly Hypothesis[] = [
  normalising(
    'input-truncation',
    'the input sequence casts to int32 before it shifts, as C code does; ONNX floors (a rare ±1)',
    (product, factor) => Math.floor(Math.trunc(product) * factor),
  ),
  normalising('input-toward-zero', 'the input sequence rounds toward zero instead of down', (product, factor) =>
    Math.trunc(Math.fround(product * factor)),
  ),
  requantising(
    'truncation',
    'layers round toward zero instead of down: the shift is not arithmetic',
    bnormVariant({ round: Math.trunc }),
  ),
  requantising(
    'half-even',
    'ties are rounded to even, the bias rounds them up',
    bnormVariant({ round: tie((rounded) => rounded % 2 !== 0) }),
  ),
  requantising(
    'half-away',
    'ties are rounded away from zero, the bias rounds them up',
    bnormVariant({ round: tie((rounded) => rounded <= 0) }),
  ),
  requantising(
    'double-half',
    'layers round to nearest although the bias holds the half already',
    bnormVariant({ round: (shifted) => Math.floor(shifted + 0.5) }),
  ),
  requantising('missing-bias', 'layers leave out their bias', bnormVariant({ withoutBias: true })),
  {
    cause: 'float-accumulation',
    text: FLOAT_SUMS,
    applies: has('Conv', 'MatMul'),
    kernels: instead(
      ['Conv', convInFloat32],
      ['MatMul', matMulInFloat32],
      ['Bnorm', bnormVariant({ inFloat32: true })],
    ),
  },
  { cause: 'float-accumulation', text: FLOAT_SUMS, applies: () => true, inFloats: true },
  feeding('input-channels-last', 'the input is in the order N, H, W, C; the model takes N, C, H, W', (tensor) =>
    isOrdered(tensor.dims) ? withNumbers(tensor, channelsFirst(tensor.toNumbers(), tensor.dims)) : undefined,
  ),
  feeding('input-signedness', 'the input is read as bytes of the other signedness', otherSignedness),
];

/** Bytes that floats carry, read as those of the other signedness; undefined for other numbers, and where nothing changes. */
function otherSignedness(tensor: Tensor): Tensor | undefined {
  const numbers = tensor.toNumbers();
  if (tensor.dtype !== 'float32' || !numbers.every((n) => Number.isInteger(n) && n >= -128 && n <= 255)) {
    return undefined;
  }
  const signed = numbers.some((n) => n < 0);
  if (!signed && !numbers.some((n) => n > 127)) return undefined;
  const other = (n: number): number => (signed ? (n + 256) % 256 : n > 127 ? n - 256 : n);
  return withNumbers(tensor, Float64Array.from(numbers, other));
}

/** A tensor of the same type and dims with other elements; undefined for 64-bit integers. */
function withNumbers(tensor: Tensor, numbers: Float64Array): Tensor | undefined {
  const { data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return undefined;
  const store = data.slice();
  store.set(numbers);
  return new Tensor(tensor.dtype, tensor.dims, store);
}
