import type { DraftNode, ModelDraft } from '../model-draft.js';
import { isPowerOfTwo, operandsOf, type Form } from './form.js';

/** The same constant with other elements. */
function mapped(c: string, draft: ModelDraft, map: (x: number) => number): string {
  return draft.floats(draft.shapeOf(c), (draft.dataOf(c) ?? []).map(map), c);
}

const isPowers = (c: string | undefined, draft: ModelDraft): boolean => draft.dataOf(c)?.every(isPowerOfTwo) === true;

/** Add(x, c) → Sub(x, -c). */
const addAsSub: Form = {
  name: 'add-as-sub',
  rewrite: (node, draft) => {
    const operands = node.op === 'Add' ? operandsOf(node, draft) : undefined;
    return operands && [{ ...node, op: 'Sub', inputs: [operands.x, mapped(operands.c, draft, (x) => -x)] }];
  },
};

/** The constant as the first operand. */
const constantFirst: Form = {
  name: 'constant-first',
  rewrite: (node, draft) => {
    const operands = node.op === 'Add' || node.op === 'Mul' ? operandsOf(node, draft) : undefined;
    return operands && [{ ...node, inputs: [operands.c, operands.x] }];
  },
};

/** Mul(x, 2^-n) → Div(x, 2^n). */
const mulAsDiv: Form = {
  name: 'mul-as-div',
  rewrite: (node, draft) => {
    const operands = node.op === 'Mul' ? operandsOf(node, draft) : undefined;
    if (operands === undefined || !isPowers(operands.c, draft)) return undefined;
    return [{ ...node, op: 'Div', inputs: [operands.x, mapped(operands.c, draft, (x) => 1 / x)] }];
  },
};

/** A Mul by a constant in front of another one. */
function twoFactors(node: DraftNode, draft: ModelDraft): { x: string; a: string; b: string } | undefined {
  const outer = node.op === 'Mul' ? operandsOf(node, draft) : undefined;
  const before = outer && draft.producer(outer.x);
  const inner = before?.op === 'Mul' && draft.isInner(outer?.x) ? operandsOf(before, draft) : undefined;
  if (outer === undefined || inner === undefined) return undefined;
  return { x: inner.x, a: inner.c, b: outer.c };
}

/** Mul(Mul(x, a), 2^-n) → Mul(x, a · 2^-n). */
const mergeFactors: Form = {
  name: 'merge-factors',
  rewrite: (node, draft) => {
    const factors = twoFactors(node, draft);
    if (factors === undefined || (!isPowers(factors.a, draft) && !isPowers(factors.b, draft))) return undefined;
    const { x, a, b } = factors;
    const [left = [], right = []] = [draft.dataOf(a), draft.dataOf(b)];
    const [longer, shorter] = left.length < right.length ? [b, left] : [a, right];
    if (shorter.length !== 1 && shorter.length !== draft.dataOf(longer)?.length) return undefined;
    const other = (i: number): number => shorter[shorter.length === 1 ? 0 : i] ?? NaN;
    const product = draft.floats(
      draft.shapeOf(longer),
      (draft.dataOf(longer) ?? []).map((item, i) => item * other(i)),
      a,
    );
    return [{ ...node, inputs: [x, product] }];
  },
};

/** Mul(Mul(x, a), 2^-n) → Mul(Mul(x, 2^-n), a). */
const swapFactors: Form = {
  name: 'swap-factors',
  rewrite: (node, draft) => {
    const factors = twoFactors(node, draft);
    if (factors === undefined || !isPowers(factors.b, draft)) return undefined;
    const inner = draft.tensor(draft.shapeOf(factors.x), 'swapped');
    return [
      { op: 'Mul', inputs: [factors.x, factors.b], outputs: [inner] },
      { ...node, inputs: [inner, factors.a] },
    ];
  },
};

/** Mul(x, c) → Mul(Mul(x, 4 · c), 1/4). */
const splitFactor: Form = {
  name: 'split-factor',
  rewrite: (node, draft, dice) => {
    const operands = node.op === 'Mul' ? operandsOf(node, draft) : undefined;
    if (operands === undefined) return undefined;
    const by = dice.of([2, 4, 0.5, 1]);
    const inner = draft.tensor(draft.shapeOf(operands.x), 'part');
    return [
      { op: 'Mul', inputs: [operands.x, mapped(operands.c, draft, (x) => x * by)], outputs: [inner] },
      { ...node, inputs: [inner, draft.floats([], [1 / by])] },
    ];
  },
};

/** What computes integers whatever it is given, once the layer before it is one of integers. */
const SUMS: ReadonlySet<string> = new Set(['Conv', 'MatMul', 'Gemm']);

/** Mul(Add(sums, b), 2^-n) → Add(Mul(sums, 2^-n), b · 2^-n), which is exact on integers. */
const biasBehind: Form = {
  name: 'bias-behind',
  rewrite: (node, draft) => {
    const outer = node.op === 'Mul' ? operandsOf(node, draft) : undefined;
    const before = outer && draft.producer(outer.x);
    const inner = before?.op === 'Add' && draft.isInner(outer?.x) ? operandsOf(before, draft) : undefined;
    if (outer === undefined || inner === undefined || !SUMS.has(draft.producer(inner.x)?.op ?? '')) return undefined;
    const [factors = [], bias = []] = [draft.dataOf(outer.c), draft.dataOf(inner.c)];
    if (factors.length !== bias.length || !factors.every((x) => Number.isInteger(x) || isPowerOfTwo(x)))
      return undefined;
    const scaled = draft.tensor(draft.shapeOf(inner.x), 'scaled');
    const moved = draft.floats(
      draft.shapeOf(inner.c),
      bias.map((item, i) => item * (factors[i] ?? NaN)),
      inner.c,
    );
    return [
      { op: 'Mul', inputs: [inner.x, outer.c], outputs: [scaled] },
      { ...node, op: 'Add', inputs: [scaled, moved] },
    ];
  },
};

/** Arithmetic with constants, one by one, in other words. */
export const ARITHMETIC: readonly Form[] = [
  addAsSub,
  constantFirst,
  mulAsDiv,
  mergeFactors,
  swapFactors,
  splitFactor,
  biasBehind,
];
