import type { GraphEditor } from '../ir/editor.js';
import { constantsOf, isGraphOutput, type ConstantValue } from '../ir/graph.js';
import type { Pass } from './pass.js';

/**
 * Removes nodes whose results nothing reads, and with them the constants only they read, and makes one of constants of
 * equal type, shape and bits. Graph inputs stay, read or not: they are part of the model's interface.
 */
export const removeDeadCode: Pass = {
  name: 'remove-dead-code',
  run: (editor) => {
    removeUnreadNodes(editor);
    mergeEqualConstants(editor);
  },
};

function removeUnreadNodes(editor: GraphEditor): void {
  const { graph } = editor;
  for (const node of graph.nodes.toReversed()) {
    const isRead = node.outputs.some((output) => output.uses.size > 0 || isGraphOutput(graph, output));
    if (!isRead) editor.remove(node);
  }
}

function mergeEqualConstants(editor: GraphEditor): void {
  const byType = new Map<string, ConstantValue[]>();
  for (const value of constantsOf(editor.graph)) {
    const { dtype, shape, quantisation } = value.type;
    collect(byType, JSON.stringify([dtype, shape, quantisation]), value);
  }
  for (const sameType of byType.values()) {
    if (sameType.length === 1) continue;
    const byHash = new Map<number, ConstantValue[]>();
    for (const value of sameType) {
      const key = hash(value);
      const kept = byHash.get(key)?.find((other) => sameBits(other, value));
      if (kept === undefined) collect(byHash, key, value);
      else editor.replaceAllUses(value, kept);
    }
  }
}

function collect<K>(groups: Map<K, ConstantValue[]>, key: K, value: ConstantValue): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

const bytesOf = ({ constant: { data } }: ConstantValue): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** FNV-1a of the elements' bytes. */
function hash(value: ConstantValue): number {
  let state = 0x811c9dc5;
  for (const byte of bytesOf(value)) state = Math.imul(state ^ byte, 0x01000193);
  return state;
}

function sameBits(a: ConstantValue, b: ConstantValue): boolean {
  const x = bytesOf(a);
  const y = bytesOf(b);
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
