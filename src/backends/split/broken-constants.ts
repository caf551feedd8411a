import { opName, type Node } from '../../ir/graph.js';
import { numberData } from '../../ir/tensor.js';

/** Why a node cannot be lowered, and what the user can do about it. */
export interface Complaint {
  readonly reason: string;
  readonly hint: string;
}

const LAYERS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm']);

/**
 * Constants of a node that no integers stand for: weights and biases of a layer must be finite, and NaN is nowhere of use.
 */
export function brokenConstants(node: Node): Complaint | undefined {
  const layer = LAYERS.has(opName(node));
  const sound = layer ? Number.isFinite : isNumber;
  const broken = node.inputs
    .slice(layer ? 1 : 0)
    .find((value) => value?.constant !== undefined && numberData(value.constant)?.every(sound) === false);
  if (broken === undefined) return undefined;
  const found = layer ? 'NaN or infinite values' : 'NaN';
  return { reason: `'${broken.name}' holds ${found}`, hint: 'train the model again, or mend the export' };
}

const isNumber = (x: number): boolean => !Number.isNaN(x);
