import type { DraftNode, ModelDraft } from '../model-draft.js';
import type { Form } from './form.js';

interface Bounds {
  readonly x: string;
  readonly lo: number;
  readonly hi: number;
}

/** Data and bounds of a Clip or Relu; undefined where a bound is computed. */
function boundsOf({ op, inputs: [x = '', min, max] }: DraftNode, draft: ModelDraft): Bounds | undefined {
  if (op === 'Relu') return { x, lo: 0, hi: Infinity };
  if (op !== 'Clip') return undefined;
  const bound = (name: string | undefined, open: number): number =>
    name === undefined || name === '' ? open : (draft.dataOf(name)?.[0] ?? NaN);
  const [lo, hi] = [bound(min, -Infinity), bound(max, Infinity)];
  return Number.isNaN(lo) || Number.isNaN(hi) ? undefined : { x, lo, hi };
}

/** Nodes that bound x on one side after the other. */
function steps({ x, lo, hi }: Bounds, upperFirst: boolean, node: DraftNode, draft: ModelDraft): DraftNode[] {
  const sides = [
    { op: 'Max', bound: lo },
    { op: 'Min', bound: hi },
  ].filter(({ bound }) => Number.isFinite(bound));
  if (upperFirst) sides.reverse();
  let at = x;
  return sides.map(({ op, bound }, i) => {
    const output = i === sides.length - 1 ? (node.outputs[0] ?? '') : draft.tensor(draft.shapeOf(x), 'bounded');
    const result = { op, inputs: [at, draft.floats([], [bound])], outputs: [output] };
    at = output;
    return result;
  });
}

const clip = (node: DraftNode, x: string, lo: number, hi: number, draft: ModelDraft): DraftNode => ({
  op: 'Clip',
  inputs: [
    x,
    Number.isFinite(lo) ? draft.floats([], [lo]) : '',
    ...(Number.isFinite(hi) ? [draft.floats([], [hi])] : []),
  ],
  outputs: node.outputs,
});

/** Clip or Relu → Min and Max in either order. */
const asMinMax: Form = {
  name: 'clip-as-min-max',
  rewrite: (node, draft, dice) => {
    const bounds = boundsOf(node, draft);
    return bounds && steps(bounds, dice.chance(0.5), node, draft);
  },
};

/** Clip → two of one bound each. */
const asTwoClips: Form = {
  name: 'clip-as-two-clips',
  rewrite: (node, draft, dice) => {
    const bounds = node.op === 'Clip' ? boundsOf(node, draft) : undefined;
    if (bounds === undefined || !Number.isFinite(bounds.lo) || !Number.isFinite(bounds.hi)) return undefined;
    const inner = { ...node, outputs: [draft.tensor(draft.shapeOf(bounds.x), 'bounded')] };
    const [lower, upper] = [
      [bounds.lo, Infinity],
      [-Infinity, bounds.hi],
    ] as const;
    const [first, second] = dice.chance(0.5) ? [lower, upper] : [upper, lower];
    return [
      clip(inner, bounds.x, first[0], first[1], draft),
      clip(node, inner.outputs[0] ?? '', second[0], second[1], draft),
    ];
  },
};

/** Clip(x, 0, hi) → Min(Relu(x), hi) or Clip(Relu(x), 0, hi); Relu → Clip from 0. */
const withRelu: Form = {
  name: 'clip-with-relu',
  rewrite: (node, draft, dice) => {
    const bounds = boundsOf(node, draft);
    if (bounds?.lo !== 0) return undefined;
    if (node.op === 'Relu') return [clip(node, bounds.x, 0, Infinity, draft)];
    const inner = draft.tensor(draft.shapeOf(bounds.x), 'rectified');
    const relu = { op: 'Relu', inputs: [bounds.x], outputs: [inner] };
    const upper = { op: 'Min', inputs: [inner, draft.floats([], [bounds.hi])], outputs: node.outputs };
    return [relu, dice.chance(0.5) ? upper : clip(node, inner, 0, bounds.hi, draft)];
  },
};

/** Clip or Relu of a Clip or Relu → one Clip with the bounds of both. */
const merged: Form = {
  name: 'merge-clips',
  rewrite: (node, draft) => {
    const outer = boundsOf(node, draft);
    const before = outer && draft.producer(outer.x);
    const inner = before && draft.isInner(outer.x) ? boundsOf(before, draft) : undefined;
    if (outer === undefined || inner === undefined) return undefined;
    const within = (x: number): number => Math.min(Math.max(x, outer.lo), outer.hi);
    return [clip(node, inner.x, within(inner.lo), within(inner.hi), draft)];
  },
};

/** Relu(Clip(x, lo, hi)) → Clip(Relu(x), 0, hi). */
const reluFirst: Form = {
  name: 'relu-first',
  rewrite: (node, draft) => {
    const before = node.op === 'Relu' ? draft.producer(node.inputs[0]) : undefined;
    const inner = before?.op === 'Clip' && draft.isInner(node.inputs[0]) ? boundsOf(before, draft) : undefined;
    if (inner === undefined || inner.hi < 0) return undefined;
    const rectified = draft.tensor(draft.shapeOf(inner.x), 'rectified');
    return [
      { op: 'Relu', inputs: [inner.x], outputs: [rectified] },
      clip(node, rectified, Math.max(0, inner.lo), inner.hi, draft),
    ];
  },
};

/** Relu → Where(x > 0, x, 0) or x · (x > 0). */
const reluAsSelect: Form = {
  name: 'relu-as-select',
  rewrite: (node, draft, dice) => {
    const [x = ''] = node.inputs;
    if (node.op !== 'Relu') return undefined;
    const shape = draft.shapeOf(x);
    const positive = draft.tensor(shape, 'positive');
    const zero = draft.floats([], [0]);
    const compare = { op: 'Greater', inputs: [x, zero], outputs: [positive] };
    if (dice.chance(0.5)) return [compare, { op: 'Where', inputs: [positive, x, zero], outputs: node.outputs }];
    const mask = draft.tensor(shape, 'mask');
    return [
      compare,
      { op: 'Cast', inputs: [positive], outputs: [mask], attributes: { to: { int: 1 } } },
      { op: 'Mul', inputs: [x, mask], outputs: node.outputs },
    ];
  },
};

/** Bounds in other words. */
export const CLIPS: readonly Form[] = [asMinMax, asTwoClips, withRelu, merged, reluFirst, reluAsSelect];
