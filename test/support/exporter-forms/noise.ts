import type { DraftNode, ModelDraft } from '../model-draft.js';
import type { Dice, Form } from './form.js';

/** Puts nodes that pass the result of a node on behind it, under its name. */
function behind(
  node: DraftNode,
  draft: ModelDraft,
  pass: (from: string, to: string) => readonly DraftNode[],
): readonly DraftNode[] | undefined {
  const [y = '', ...others] = node.outputs;
  if (others.length > 0) return undefined;
  const inner = draft.tensor(draft.shapeOf(y), 'inner');
  return [{ ...node, outputs: [inner] }, ...pass(inner, y)];
}

const isFloatTensor = ({ op }: DraftNode): boolean =>
  /^(Add|Mul|Floor|Clip|Relu|Conv|MatMul|Round|MaxPool|Flatten)$/.test(op);

/** Identity of modules that do nothing; none stands between a Floor and its Clip, which one module writes. */
const identity: Form = {
  name: 'identity',
  rewrite: (node, draft) =>
    isFloatTensor(node) && node.op !== 'Floor'
      ? behind(node, draft, (from, to) => [{ op: 'Identity', inputs: [from], outputs: [to] }])
      : undefined,
};

const idleCast: Form = {
  name: 'idle-cast',
  rewrite: (node, draft) =>
    isFloatTensor(node)
      ? behind(node, draft, (from, to) => [
          { op: 'Cast', inputs: [from], outputs: [to], attributes: { to: { int: 1 } } },
        ])
      : undefined,
};

/** Dropout of inference, with its mask that nothing reads. */
const dropout: Form = {
  name: 'dropout',
  rewrite: (node, draft, dice) => {
    if (!/^(Clip|Relu|Flatten)$/.test(node.op)) return undefined;
    const mask = dice.chance(0.5) ? [draft.fresh('mask')] : [];
    const ratio = dice.chance(0.5) ? [draft.floats([], [0.25])] : [];
    return behind(node, draft, (from, to) => [{ op: 'Dropout', inputs: [from, ...ratio], outputs: [to, ...mask] }]);
  },
};

/** Behind a Floor and its Clip, integers as integers and back. */
const throughIntegers: Form = {
  name: 'through-integers',
  rewrite: (node, draft, dice) => {
    if (node.op !== 'Clip' || node.inputs.length < 3 || node.inputs[1] === '') return undefined;
    if (draft.producer(node.inputs[0])?.op !== 'Floor') return undefined;
    const integers = draft.fresh('integers');
    const to = dice.of([5, 6, 7]);
    return behind(node, draft, (from, out) => [
      { op: 'Cast', inputs: [from], outputs: [integers], attributes: { to: { int: to } } },
      { op: 'Cast', inputs: [integers], outputs: [out], attributes: { to: { int: 1 } } },
    ]);
  },
};

/** What changes nothing, between what belongs together. */
export const NOISE: readonly Form[] = [identity, idleCast, dropout, throughIntegers];

/** Adds nodes that nothing reads: a branch of its own, and a second result of pools. */
export function addDeadNodes(draft: ModelDraft, dice: Dice): void {
  const nodes = draft.nodes.flatMap((node): DraftNode[] => {
    const [y = ''] = node.outputs;
    if (!dice.chance(0.1) || !isFloatTensor(node)) return [node];
    return [node, { op: dice.of(['Abs', 'Sqrt', 'Shape', 'Relu']), inputs: [y], outputs: [draft.fresh('dead')] }];
  });
  draft.nodes = nodes.map((node) =>
    node.op === 'MaxPool' && node.outputs.length === 1 && dice.chance(0.3)
      ? { ...node, outputs: [...node.outputs, draft.fresh('indices')] }
      : node,
  );
}
