import { isConstant, type ConstantValue, type Node, type Value } from '../../../ir/graph.js';
import { broadcastShapes, isStatic } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { dyadicOf, isPowerOfTwo, MOST_SCALE, shiftOf } from './integer-constants.js';
import { spread } from './spread-constant.js';

/**
 * floor's argument taken apart: ((base + bias) · scale) · 2^-shift, each part a constant that broadcasts into base, or
 * left out.
 */
export interface AffineChain {
  readonly base: Value;
  readonly bias: NamedTensor | undefined;
  readonly scale: NamedTensor | undefined;
  /** Integers 0 … 31. */
  readonly shift: Tensor<'int32'> | undefined;
}

/** A constant and the label it should have. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor<'float32'>;
}

/**
 * Reads Add?, then factors, backwards from the argument of a Floor (spec 1.2, 1.4, 1.6). All factors but one must be powers
 * of two, which change no rounding of float32, in whatever order and number they come.
 * @returns undefined when the argument is none of that.
 */
export function readAffineChain(value: Value): AffineChain | undefined {
  let base = value;
  const factors: NamedTensor[] = [];
  for (let step = stepOf(base); step?.op === 'Mul' || step?.op === 'Div'; step = stepOf(base)) {
    const factor = factorOf(step);
    if (factor === undefined) return undefined;
    factors.unshift(factor);
    base = step.data;
  }
  const step = stepOf(base);
  const bias = step && addendOf(step);
  if (step !== undefined) base = step.data;
  if (step !== undefined ? bias === undefined : factors.length === 0) return undefined;
  const split = splitFactors(factors);
  return split && { base, bias, ...split };
}

const stepOf = ({ producer }: Value): ConstantStep | undefined => producer && constantStep(producer);

function factorOf({ op, constant: { name, constant } }: ConstantStep): NamedTensor | undefined {
  if (!constant.is('float32')) return undefined;
  if (op === 'Mul') return { name, tensor: constant };
  return isPowers(constant) ? { name, tensor: mapped(constant, (x) => 1 / x) } : undefined;
}

function addendOf({ op, constant: { name, constant } }: ConstantStep): NamedTensor | undefined {
  if (!constant.is('float32')) return undefined;
  return { name, tensor: op === 'Add' ? constant : mapped(constant, (x) => -x) };
}

const mapped = ({ dims, data }: Tensor<'float32'>, map: (x: number) => number): Tensor<'float32'> =>
  Tensor.float32(dims, data.map(map));

const isPowers = ({ data }: Tensor<'float32'>): boolean => data.every(isPowerOfTwo);

type Factors = Pick<AffineChain, 'scale' | 'shift'>;

/** The product of factors as scale · 2^-shift; undefined when it takes more than one rounding. */
function splitFactors(factors: readonly NamedTensor[]): Factors | undefined {
  const scales = factors.filter(({ tensor }) => !isShift(tensor));
  const shifts = factors.filter(({ tensor }) => isShift(tensor));
  const [scale, more] = scales;
  const [shift, another] = shifts;
  const stated = shift === undefined || scale === undefined || isWhole(scale.tensor);
  if (more === undefined && another === undefined && stated && (shift !== undefined || isWhole(scale?.tensor)))
    return { scale, shift: shift && exponents(shift.tensor) };
  const [first, ...others] = factors;
  if (first === undefined) return { scale: undefined, shift: undefined };
  if (factors.filter(({ tensor }) => !isPowers(tensor)).length > 1) return undefined;
  const product = others.reduce<Tensor<'float32'> | undefined>(
    (left, { tensor }) => left && productOf(left, tensor),
    first.tensor,
  );
  if (product === undefined) return undefined;
  const parts = Array.from(product.data, (x) => dyadicOf(x, MOST_SCALE));
  const known = parts.filter((part) => part !== undefined);
  const name = scale?.name ?? first.name;
  if (known.length < parts.length) return { scale: { name, tensor: product }, shift: undefined };
  return {
    scale: {
      name,
      tensor: Tensor.float32(
        product.dims,
        known.map(({ factor }) => factor),
      ),
    },
    shift: new Tensor(
      'int32',
      product.dims,
      Int32Array.from(known, (part) => part.shift),
    ),
  };
}

const isWhole = (tensor: Tensor<'float32'> | undefined): boolean => tensor?.data.every(Number.isInteger) !== false;

const isShift = ({ data }: Tensor<'float32'>): boolean => data.every((x) => shiftOf(x) !== undefined);

const exponents = ({ dims, data }: Tensor<'float32'>): Tensor<'int32'> =>
  new Tensor(
    'int32',
    dims,
    Int32Array.from(data, (x) => shiftOf(x) ?? 0),
  );

function productOf(a: Tensor<'float32'>, b: Tensor<'float32'>): Tensor<'float32'> | undefined {
  const dims = broadcastShapes(a.dims, b.dims);
  if (dims === undefined || !isStatic(dims)) return undefined;
  const [left, right] = [spread(a, dims), spread(b, dims)];
  return Tensor.float32(
    dims,
    left.data.map((x, i) => x * (right.data[i] ?? NaN)),
  );
}

/** Arithmetic of a tensor with a constant. */
export interface ConstantStep {
  readonly op: string;
  readonly data: Value;
  readonly constant: ConstantValue;
}

const STEPS: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** The tensor and the constant of an addition or multiplication, or of a subtraction or division by the constant. */
export function constantStep({ domain, op, inputs: [a, b] }: Node): ConstantStep | undefined {
  if (domain !== '' || !STEPS.has(op) || a === undefined || b === undefined) return undefined;
  if (isConstant(b) && !isConstant(a)) return { op, data: a, constant: b };
  const commutes = op === 'Add' || op === 'Mul';
  return isConstant(a) && !isConstant(b) && commutes ? { op, data: b, constant: a } : undefined;
}
