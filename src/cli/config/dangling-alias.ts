import { isAlias, isMap, isNode, isSeq, type Alias, type Node } from 'yaml';

/** The first alias of a document that no anchor is above; the depth of the document is of no matter. */
export function danglingAlias(root: Node): Alias | undefined {
  const anchors = new Set<string>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (isAlias(node)) {
      if (!anchors.has(node.source)) return node;
    } else if (isNode(node)) {
      if (node.anchor !== undefined) anchors.add(node.anchor);
      if (isMap(node)) for (const { key, value } of node.items.toReversed()) pending.push(value, key);
      else if (isSeq(node)) for (const item of node.items.toReversed()) pending.push(item);
    }
  }
  return undefined;
}
