import type { AttributeSpec } from './operator.js';

/** Attributes that recur: an integer, a number, and an integer that stands for a truth value. */
export const INT: AttributeSpec = { kind: 'int' };
export const FLOAT: AttributeSpec = { kind: 'float' };
export const FLAG: AttributeSpec = { kind: 'int', oneOf: [0, 1] };
