import { isConstant, type Node } from '../../ir/graph.js';

/** What keeps a mover from commuting with scaling, so that it cannot move integers; undefined where nothing does. */
export function moverComplaint(node: Node): string | undefined {
  if (node.outputs.length > 1) return `${node.op} returns indices as well`;
  return CONDITIONS.get(node.op)?.(node);
}

const joinComplaint = ({ op, inputs }: Node): string | undefined =>
  inputs.some((input) => input !== undefined && isConstant(input)) ? `${op} takes in a constant` : undefined;

const CONDITIONS: ReadonlyMap<string, (node: Node) => string | undefined> = new Map([
  ['Pad', padComplaint],
  ['Concat', joinComplaint],
  ['Max', joinComplaint],
  ['Min', joinComplaint],
]);

function padComplaint({ attrs, inputs: [, , fill] }: Node): string | undefined {
  if (attrs.string('mode', 'constant') !== 'constant' || fill === undefined) return undefined;
  const value = fill.constant?.toNumbers()[0];
  return value === 0 ? undefined : `Pad fills with ${value ?? 'a computed value'}, integers with 0`;
}
