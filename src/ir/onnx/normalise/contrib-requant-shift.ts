import { Attributes } from '../../attributes.js';
import type { Tensor } from '../../tensor.js';
import { OperatorFault } from '../../ops/operator.js';
import type { Operand } from '../emitter.js';
import type { Draft } from './draft.js';
import { scalarOf, type NormalRule } from './rule.js';

/** What such a requantisation says of itself, under the names that are in use. */
const ATTRIBUTES = ['div', 'n_levels', 'n_levels_out', 'signed', 'shift', 'mul', 'add'] as const;

/** Domains that the operators bear; after a compiler's own passes they have none. */
const inAnyDomain = (op: string): string[] => [op, `PACTOps.${op}`];

/** The one number of an attribute, which may be an int, a float or a tensor; undefined without it. */
function numberOf(draft: Draft, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const attribute = draft.attrs.get(name);
    if (attribute === undefined) continue;
    const { kind, value } = attribute;
    const number =
      kind === 'tensor' && value.size === 1
        ? value.toNumbers()[0]
        : kind === 'int' || kind === 'float'
          ? value
          : undefined;
    if (number !== undefined && Number.isInteger(number)) return number;
    throw new OperatorFault(
      'invalid-attribute',
      `attribute ${name} of ${draft.op} is ${number ?? `of kind ${kind}`}, one integer is accepted`,
    );
  }
  return undefined;
}

function required(draft: Draft, ...names: readonly string[]): number {
  const number = numberOf(draft, ...names);
  if (number !== undefined) return number;
  throw new OperatorFault('invalid-attribute', `attribute ${names.join(' or ')} of ${draft.op} is missing`);
}

/** The power of two in `div`. */
function shiftOf(draft: Draft): number {
  const div = required(draft, 'div');
  const shift = Math.log2(div);
  if (Number.isInteger(shift) && shift >= 0 && shift <= 62) return shift;
  throw new OperatorFault(
    'unsupported-attribute',
    `attribute div of ${draft.op} is ${div}, powers of two from 1 to 2^62 are accepted`,
    'Export the network with divisors that are powers of two.',
  );
}

/** The integers that n levels span. */
function rangeOf(draft: Draft): { readonly lo: number; readonly hi: number } {
  const levels = required(draft, 'n_levels_out', 'n_levels');
  if (levels < 2) {
    throw new OperatorFault(
      'invalid-attribute',
      `attribute n_levels of ${draft.op} is ${levels}, 2 or more are accepted`,
    );
  }
  if (required(draft, 'signed') === 0) return { lo: 0, hi: levels - 1 };
  const below = Math.floor(levels / 2);
  return { lo: -below, hi: levels - 1 - below };
}

/** The multiplier or addend: an input, else an attribute. */
function operandOf(draft: Draft, index: number, name: 'mul' | 'add'): Operand {
  if (draft.inputs.length > index && draft.has(index)) return draft.inputs[index];
  const attribute = draft.attrs.get(name);
  if (attribute === undefined) {
    throw new OperatorFault('invalid-input', `${draft.op} has neither an input nor an attribute ${name}`);
  }
  const tensor: Tensor = attribute.kind === 'tensor' ? attribute.value : scalarOf('int64', required(draft, name));
  return draft.constant(tensor, name);
}

/** Makes the node the requantisation of `x`. */
function requantise(draft: Draft, x: Operand, at: number): string {
  const attrs = Attributes.of({ shift: shiftOf(draft), ...rangeOf(draft) });
  draft.inputs = [x, operandOf(draft, at, 'mul'), operandOf(draft, at + 1, 'add')];
  draft.op = 'q.RequantShift';
  draft.attrs = attrs;
  return 'its divisor is stated as a shift, its levels as bounds';
}

const REQUANT_SHIFT: NormalRule = {
  ops: inAnyDomain('RequantShift'),
  apply: (draft) => requantise(draft, draft.input(0), 1),
};

/** A convolution and what requantises it in one: x, weights, multiplier, addend. */
const REQUANTIZED_CONV: NormalRule = {
  ops: inAnyDomain('RequantizedConv'),
  apply(draft) {
    if (draft.inputs.length !== 4) {
      throw new OperatorFault(
        'invalid-input',
        `${draft.op} has ${draft.inputs.length} inputs, accepted: data, weights, multiplier and addend`,
        'Give the network as it was before convolutions and requantisations were merged.',
      );
    }
    if (draft.attrs.has('shift')) {
      throw new OperatorFault(
        'unsupported-attribute',
        `${draft.op} states its shift, so its addend may hold the rounding half already or not`,
        'Give the network as it was before convolutions and requantisations were merged.',
      );
    }
    const conv = draft.before('Conv', [draft.input(0), draft.input(1)], draft.attrs.without(...ATTRIBUTES));
    return requantise(draft, conv, 2);
  },
};

/** Requantisation by a multiplication, an addition and a shift with rounding, as PACT networks of integers have it. */
export const REQUANT_SHIFT_RULES: readonly NormalRule[] = [REQUANT_SHIFT, REQUANTIZED_CONV];
