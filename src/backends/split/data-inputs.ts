import { isConstant, type Node, type Value } from '../../ir/graph.js';

/** The inputs of a node that carry real numbers and are computed, or fed, at run time. */
export const dataInputs = ({ inputs }: Node): Value[] =>
  inputs.filter((input) => input !== undefined && !isConstant(input) && input.type.dtype === 'float32') as Value[];
