import { FLOAT_CONTRIB_RULES } from './contrib-float.js';
import { INTEGER_PRODUCT_RULES } from './contrib-integer.js';
import { QLINEAR_RULES } from './contrib-qlinear.js';
import { REQUANT_SHIFT_RULES } from './contrib-requant-shift.js';
import type { NormalRule } from './rule.js';

/** Name of an operator outside ai.onnx as rules and messages write it. */
export const qualifiedName = (domain: string, op: string): string => (domain === '' ? op : `${domain}.${op}`);

/** Operators of ONNX Runtime's own domain that are compositions of standard ones, and requantisations of integer networks. */
export const CONTRIB_RULES: readonly NormalRule[] = [
  ...FLOAT_CONTRIB_RULES,
  ...QLINEAR_RULES,
  ...INTEGER_PRODUCT_RULES,
  ...REQUANT_SHIFT_RULES,
];

const KNOWN: ReadonlySet<string> = new Set(CONTRIB_RULES.flatMap(({ ops = [] }) => ops));

/** Whether a rule turns the operator into ones of the IR. */
export const isContrib = (domain: string, op: string): boolean => KNOWN.has(qualifiedName(domain, op));
