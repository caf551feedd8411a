import { opName, type Node, type Value } from '../../ir/graph.js';

/** Operators that hand weights on to the layer that reads them. */
const WEIGHT_MOVERS: ReadonlySet<string> = new Set([
  'Transpose',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Cast',
]);

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** The layers to which operators that only move elements bring a constant as their weights. */
export function layersBehind(constant: Value): Node[] {
  const layers: Node[] = [];
  const pending = [constant];
  for (const value of pending) {
    for (const { node, index } of value.uses) {
      if (LAYERS.has(opName(node)) && index < 2) layers.push(node);
      else if (WEIGHT_MOVERS.has(opName(node))) pending.push(...node.outputs);
    }
  }
  return layers;
}
