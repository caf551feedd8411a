import { isConstant, type ConstantValue, type Node, type Value } from '../../../ir/graph.js';
import { numberData } from '../../../ir/tensor.js';
import { shiftOf } from './integer-constants.js';

/**
 * floor's argument taken apart: ((base + bias) · scale) · 2^-shift, each part a constant that broadcasts into base, or
 * left out.
 */
export interface AffineChain {
  readonly base: Value;
  readonly bias: ConstantValue | undefined;
  readonly scale: ConstantValue | undefined;
  readonly shift: PowerOfTwo | undefined;
}

/** A constant of powers of two by which the chain multiplies, or divides. */
export interface PowerOfTwo {
  readonly value: ConstantValue;
  readonly shifts: readonly number[];
}

/**
 * Reads Add? → Mul? → Mul(2^-n) | Div(2^n) backwards from the argument of a Floor (spec 1.2, 1.4, 1.6).
 * @returns undefined when the argument is none of that.
 */
export function readAffineChain(value: Value): AffineChain | undefined {
  let base = value;
  const step = (op: string): ConstantValue | undefined => {
    const operands = base.producer?.op === op ? constantStep(base.producer) : undefined;
    if (operands === undefined) return undefined;
    base = operands.data;
    return operands.constant;
  };
  const shift = readShift(base, step);
  const scale = step('Mul');
  const bias = step('Add');
  return shift === undefined && scale === undefined && bias === undefined ? undefined : { base, bias, scale, shift };
}

function readShift(value: Value, step: (op: string) => ConstantValue | undefined): PowerOfTwo | undefined {
  const { producer } = value;
  const constant = producer && constantStep(producer)?.constant;
  const data = constant && numberData(constant.constant);
  if (producer === undefined || constant === undefined || data === undefined) return undefined;
  if (producer.op !== 'Mul' && producer.op !== 'Div') return undefined;
  const shifts = Array.from(data, (factor) => shiftOf(producer.op === 'Mul' ? factor : 1 / factor));
  const known = shifts.filter((n) => n !== undefined);
  if (known.length < shifts.length) return undefined;
  step(producer.op);
  return { value: constant, shifts: known };
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
