import type { Node, Value } from '../../ir/graph.js';
import type { Bits } from '../quantisation.js';
import { layerName } from '../report/layer-name.js';

/** Bits of the weights and of the result of a layer. */
export interface LayerBits {
  readonly weights?: Bits | undefined;
  readonly activations?: Bits | undefined;
}

/** Widths of weights and activations (spec 4.1). */
export interface WidthOptions {
  /** Bits of all weights, 8. */
  readonly weightBits?: Bits | undefined;
  /** Bits of all activations, 8. */
  readonly activationBits?: Bits | undefined;
  /** Other bits for some layers, by name of the layer, of a source node or of the tensor it computes. */
  readonly layerBits?: ReadonlyMap<string, LayerBits> | undefined;
  /** Bits that a layer was trained for, where nothing else is asked for. */
  readonly trainedBits?: ((layer: Node) => LayerBits | undefined) | undefined;
}

/** Looks up the widths of layers and remembers which of the names it was given are those of layers. */
export class Widths {
  readonly #options: WidthOptions;
  readonly #used = new Set<string>();

  constructor(options: WidthOptions = {}) {
    this.#options = options;
  }

  /** @param node what computes the tensor; undefined for an input of the model */
  of(node: Node | undefined, value: Value): Required<{ readonly [K in keyof LayerBits]-?: Bits }> {
    const { layerBits, trainedBits } = this.#options;
    const trained = node && trainedBits?.(node);
    const { weightBits = trained?.weights ?? 8, activationBits = trained?.activations ?? 8 } = this.#options;
    const names = [
      value.name,
      ...(node === undefined ? [] : [layerName(node), ...[...node.origins, ...node.outputs].map(({ name }) => name)]),
    ];
    const name = names.find((candidate) => layerBits?.has(candidate));
    if (name !== undefined) this.#used.add(name);
    const own = name === undefined ? undefined : layerBits?.get(name);
    return { weights: own?.weights ?? weightBits, activations: own?.activations ?? activationBits };
  }

  /** Names that no layer bears. */
  get unknown(): string[] {
    return [...(this.#options.layerBits?.keys() ?? [])].filter((name) => !this.#used.has(name));
  }
}
