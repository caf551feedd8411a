import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { numberData, type Tensor } from '../../src/ir/tensor.js';
import { decodeNpy } from '../../src/runtime/formats/npy.js';
import { decodeNpz } from '../../src/runtime/formats/npz.js';
import { foldingErrors, type FoldingError } from './folding.js';
import { PreparedGraph, type ActivationObserver } from './prepared-graph.js';

/** The variant that a re-implementation working from the float model reproduces: BatchNorm and Dropout in evaluation mode. */
export const VARIANT = 'w8_frozen';

/** The model with its BatchNormalization nodes in place. */
const UNFOLDED = 'float_bn.onnx';

/** One entry of `layers` in params.json. */
export interface ReferenceLayer {
  readonly index: number;
  readonly kind: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly weight_shape?: readonly number[];
  readonly weight_sha256?: string;
  readonly weight_is_float?: boolean;
  readonly offset?: readonly number[];
  readonly mult?: readonly number[];
  readonly shift?: readonly number[];
  readonly area_mul?: readonly number[];
  readonly clip_lo?: number;
  readonly clip_hi?: number;
}

/** What the wrapper made of a model. */
export interface Reference {
  readonly layers: readonly ReferenceLayer[];
  /** int8 weights of a layer as [outputs, ...]; undefined where the file was left out. */
  readonly weightsOf: (layer: ReferenceLayer) => ArrayLike<number> | undefined;
  readonly prepared: PreparedGraph;
  readonly outputs: ArrayLike<number>;
  /** Whether `outputs` are integers, or already multiplied by the scale of the output. */
  readonly integerOutputs: boolean;
}

/** A folder with a float model, its data, and the reference. */
export interface ReferenceCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly calibration: Tensor;
  readonly batchSize: number;
  readonly test: Tensor;
  readonly floatOutputs: ArrayLike<number>;
  /** How exact folded constants are, for each Conv and Linear in order and its channels, if that is known. */
  readonly foldings: readonly (readonly FoldingError[])[] | undefined;
  /** The first line of why the wrapper failed, instead of a reference. */
  readonly reference: Reference | { readonly failure: string };
}

interface Variant {
  readonly error?: string | null;
  readonly weights_identical_to?: string;
  readonly output_is_integer?: boolean;
  readonly activation_observers?: readonly ActivationObserver[];
  readonly prepared_graph?: readonly string[];
}

interface Meta {
  readonly calib?: { readonly batch_size?: number };
  readonly ti: Readonly<Record<string, Variant>>;
}

export const isCase = (folder: string): boolean =>
  existsSync(join(folder, 'float.onnx')) && existsSync(join(folder, 'meta.json'));

/** Reads a case; `name` is what the table calls it. */
export function readCase(folder: string, name: string): ReferenceCase {
  const bytes = (file: string): Uint8Array => new Uint8Array(readFileSync(join(folder, file)));
  const array = (file: string): Tensor => decodeNpy(bytes(file), { file });
  const json = (file: string): unknown => JSON.parse(new TextDecoder().decode(bytes(file)));
  const meta = json('meta.json') as Meta;
  const variant = meta.ti[VARIANT];
  const base = {
    name,
    model: bytes('float.onnx'),
    calibration: array('calib.npy'),
    batchSize: meta.calib?.batch_size ?? 16,
    test: array('test_x.npy'),
    floatOutputs: numbers(array('float.out.npy')),
    foldings: existsSync(join(folder, UNFOLDED)) ? foldingErrors(bytes(UNFOLDED)) : undefined,
  };
  if (variant === undefined) return { ...base, reference: { failure: `no variant ${VARIANT}` } };
  if (typeof variant.error === 'string') {
    return { ...base, reference: { failure: variant.error.split('\n')[0] ?? '' } };
  }
  const { layers } = json(`ti_${VARIANT}.params.json`) as { readonly layers: readonly ReferenceLayer[] };
  const own = `ti_${VARIANT}.weights.npz`;
  const stored = existsSync(join(folder, own)) ? own : variant.weights_identical_to;
  const weights = stored !== undefined && existsSync(join(folder, stored)) ? decodeNpz(bytes(stored)) : undefined;
  const graph = variant.prepared_graph ?? meta.ti[VARIANT.replace('_frozen', '')]?.prepared_graph ?? [];
  return {
    ...base,
    reference: {
      layers,
      weightsOf: ({ index }) => {
        const found = weights?.get(String(index).padStart(2, '0'));
        return found && numbers(found);
      },
      prepared: new PreparedGraph(graph, variant.activation_observers ?? []),
      outputs: numbers(array(`ti_${VARIANT}.out.npy`)),
      integerOutputs: variant.output_is_integer ?? true,
    },
  };
}

function numbers(tensor: Tensor): ArrayLike<number> {
  const data = numberData(tensor);
  if (data === undefined) throw new RangeError(`an array of ${tensor.dtype} holds no numbers`);
  return data;
}
