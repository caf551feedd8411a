import { isConstant, type Graph } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { channelsFirst, isOrdered } from '../../runtime/comparison/channel-order.js';
import { bnormVariant, inputNormVariant } from '../../runtime/comparison/variant-kernels.js';
import type { Kernel, KernelTable } from '../../runtime/kernel.js';
import { TINPU_KERNELS } from '../tinpu/dialect.js';

/** Something a device may do otherwise than the model says; it explains a difference when it gives what was expected. */
export interface Hypothesis {
  readonly cause: string;
  /** What it means, for people to read. */
  readonly text: string;
  /** Whether it can change anything. */
  readonly applies: (graph: Graph) => boolean;
  readonly kernels: KernelTable;
  /** Runs the model as it is written, in floats, rather than the integers recognised in it. */
  readonly inFloats?: boolean;
  /** Another order or meaning of an input. */
  readonly input?: (tensor: Tensor) => Tensor | undefined;
}

const has =
  (op: string) =>
  ({ nodes }: Graph): boolean =>
    nodes.some((node) => node.domain === 'q' && node.op === op);

const instead = (op: string, kernel: Kernel): KernelTable => new Map([...TINPU_KERNELS, [`q.${op}`, kernel]]);

const requantising = (cause: string, text: string, kernel: Kernel): Hypothesis => ({
  cause,
  text,
  applies: has('Bnorm'),
  kernels: instead('Bnorm', kernel),
});

const normalising = (cause: string, text: string, round: (product: number, factor: number) => number): Hypothesis => ({
  cause,
  text,
  applies: has('InputNorm'),
  kernels: instead('InputNorm', inputNormVariant(round)),
});

const feeding = (cause: string, text: string, input: (tensor: Tensor) => Tensor | undefined): Hypothesis => ({
  cause,
  text,
  applies: ({ inputs }) => inputs.some((value) => !isConstant(value)),
  kernels: TINPU_KERNELS,
  input,
});

/** In the order in which they are told; a bias holds the half that makes a floor round (spec 1.2). */
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
    bnormVariant(Math.trunc),
  ),
  requantising(
    'half-even',
    'ties are rounded to even, the bias rounds them up',
    bnormVariant((shifted) => (Number.isInteger(shifted) && shifted % 2 !== 0 ? shifted - 1 : Math.floor(shifted))),
  ),
  requantising(
    'half-away',
    'ties are rounded away from zero, the bias rounds them up',
    bnormVariant((shifted) => (Number.isInteger(shifted) && shifted <= 0 ? shifted - 1 : Math.floor(shifted))),
  ),
  requantising(
    'double-half',
    'layers round to nearest although the bias holds the half already',
    bnormVariant((shifted) => Math.floor(shifted + 0.5)),
  ),
  requantising('missing-bias', 'layers leave out their bias', bnormVariant(Math.floor, false)),
  {
    cause: 'float-accumulation',
    text: 'sums are taken in float32, which is not exact beyond 2^24',
    applies: () => true,
    kernels: TINPU_KERNELS,
    inFloats: true,
  },
  feeding('input-channels-last', 'the input is in the order N, H, W, C; the model takes N, C, H, W', (tensor) =>
    isOrdered(tensor.dims) ? withNumbers(tensor, channelsFirst(tensor.toNumbers(), tensor.dims)) : undefined,
  ),
  feeding('input-signedness', 'the input is read as bytes of the other signedness', (tensor) => {
    const numbers = tensor.toNumbers();
    if (tensor.dtype !== 'float32' || !numbers.every((n) => Number.isInteger(n) && n >= -128 && n <= 255))
      return undefined;
    const signed = numbers.some((n) => n < 0);
    if (!numbers.some((n) => (signed ? n < 0 : n > 127))) return undefined;
    return withNumbers(
      tensor,
      Float64Array.from(numbers, (n) => (signed ? (n + 256) % 256 : n > 127 ? n - 256 : n)),
    );
  }),
];

/** A tensor of the same type and dims with other elements; undefined for 64-bit integers. */
function withNumbers(tensor: Tensor, numbers: Float64Array): Tensor | undefined {
  const { data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return undefined;
  const store = data.slice();
  store.set(numbers);
  return new Tensor(tensor.dtype, tensor.dims, store);
}
