import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bits } from '../../src/backends/quantisation.js';
import { prepareForTinpu } from '../../src/backends/tinpu/prepare/prepare.js';
import type { LayerConstants, LayerInput } from '../../src/backends/tinpu/recipes/recipe.js';
import { isFoldedConv, weightsOf } from '../../src/backends/weights/weights-of.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { wrapperLayer } from './defects.js';
import { PreparedGraph, type ActivationObserver } from './prepared-graph.js';
import type { ReferenceLayer } from './reference-case.js';

/** A layer of the float model at the scales that the wrapper gave it, and the integers that it made of it. */
export interface NarrowLayer {
  readonly label: string;
  /** Class of the wrapper's module. */
  readonly kind: string;
  readonly input: LayerInput;
  readonly reference: ReferenceLayer;
}

interface Variant {
  readonly error?: string | null;
  readonly activation_observers?: readonly ActivationObserver[];
  readonly prepared_graph?: readonly string[];
}

/** Layers of a case that the wrapper quantised with narrow weights; none where it failed or left other layers. */
export function narrowLayers(folder: string, variant: string, bits: Bits): NarrowLayer[] {
  const json = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { ti } = json('meta.json') as { readonly ti: Readonly<Record<string, Variant>> };
  const params = `ti_${variant}.params.json`;
  const observed = ti[variant];
  // Calibration at any width runs through the same modules and observers.
  const graph = ti['w8']?.prepared_graph;
  if (typeof observed?.error === 'string' || graph === undefined || !existsSync(join(folder, params))) return [];
  // Where the model with its BatchNormalization nodes is left out, the wrapper's modules tell which layers had one.
  const unfolded = existsSync(join(folder, 'float_bn.onnx'));
  const model = join(folder, unfolded ? 'float_bn.onnx' : 'float.onnx');
  const prepared = new PreparedGraph(graph, observed?.activation_observers ?? []);
  const imported = importModel(new Uint8Array(readFileSync(model))).graph;
  const float = prepareForTinpu(imported, undefined, { trace: undefined, verify: false, report: () => undefined });
  const layers = float.nodes.filter(({ op }) => op === 'Conv' || op === 'Gemm');
  const modules = prepared.ofKind(/^(?:Conv|Linear)(?!Transpose)/);
  const references = (json(params) as { readonly layers: readonly ReferenceLayer[] }).layers.filter(
    ({ kind, weight_is_float: left }) => (kind === 'Conv' || kind === 'Linear') && left !== true,
  );
  if (layers.length !== references.length || modules.length !== references.length) return [];
  return references.flatMap((reference, i) => {
    const [node, module] = [layers[i], modules[i]];
    if (node === undefined || module === undefined) return [];
    const { inputScale, outputScale } = wrapperLayer(prepared, module);
    const input: LayerInput = {
      ...weightsOf(node),
      inputScale,
      outputScale,
      inputRange: { lo: -128, hi: 255 },
      bits,
      foldedBatchnorm: unfolded ? isFoldedConv(node) : module.kind.startsWith('ConvBn'),
    };
    return [{ label: `${reference.kind} ${reference.index}`, kind: module.kind, input, reference }];
  });
}

/** Whether integers of [channels, ...] are those whose digest the reference has. */
export function sameWeights({ input, reference }: NarrowLayer, { weights }: LayerConstants): boolean {
  const { channels, channelOf } = input;
  const rows = Array.from({ length: channels }, (): number[] => []);
  for (const [i, weight] of weights.entries()) rows[channelOf(i)]?.push(weight);
  return createHash('sha256').update(Int8Array.from(rows.flat())).digest('hex') === reference.weight_sha256;
}
