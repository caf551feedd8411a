import { isConstant, opName, type Node, type Value } from '../../ir/graph.js';
import { isMover, movedInputs } from '../split/movers.js';

/** Operators whose result is never below 0, whatever they are given. */
const NON_NEGATIVE: ReadonlySet<string> = new Set([
  'Relu',
  'Sigmoid',
  'HardSigmoid',
  'Softmax',
  'Softplus',
  'Abs',
  'Exp',
  'Sqrt',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
]);

/** Operators whose result is not below 0 when no operand is. */
const KEEPING: ReadonlySet<string> = new Set([
  'Add',
  'Mul',
  'Identity',
  'Dropout',
  'AveragePool',
  'GlobalAveragePool',
  'ReduceMean',
  'ReduceSum',
]);

/** Whether the operators that compute a value say that it is not below 0; `known` holds values of which that is known. */
export function isNonNegative(value: Value, known: ReadonlySet<Value>): boolean {
  const pending = [value];
  const seen = new Set<Value>(pending);
  for (const next of pending) {
    if (known.has(next)) continue;
    if (isConstant(next)) {
      if (next.constant.toNumbers().every((x) => x >= 0)) continue;
      return false;
    }
    const operands = next.producer === undefined ? undefined : deciding(next.producer);
    if (operands === undefined) return false;
    for (const operand of operands) {
      if (seen.has(operand)) continue;
      seen.add(operand);
      pending.push(operand);
    }
  }
  return true;
}

/** The operands that must not be below 0 for the result not to be; undefined where that does not help. */
function deciding(node: Node): readonly Value[] | undefined {
  if (NON_NEGATIVE.has(opName(node))) return [];
  if (opName(node) === 'Clip') {
    const [x, min] = node.inputs;
    if (min !== undefined && isConstant(min) && (min.constant.toNumbers()[0] ?? -1) >= 0) return [];
    return x === undefined ? undefined : [x];
  }
  if (isMover(node)) return movedInputs(node);
  if (!KEEPING.has(opName(node))) return undefined;
  return node.inputs.slice(0, node.op.startsWith('Reduce') ? 1 : 2).filter((input) => input !== undefined);
}
