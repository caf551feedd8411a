import { numberData } from '../../ir/tensor.js';
import { sizeOf } from '../../ir/shape.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import type { GoldenVector } from '../../runtime/vectors/golden-vector.js';
import type { InputSequence } from '../../runtime/vectors/input-sequence.js';
import type { OpenedModel } from '../run.js';
import { chooseVectors, traitsOf } from './choose-vectors.js';
import { inputNormOf } from './input-norm-of.js';
import { recordVector } from './recorded-vector.js';

/** How many vectors are recorded, and how much of each. */
export interface RecordOptions {
  /** How many vectors are wanted; 8. */
  readonly count?: number | undefined;
  /** Whether every integer tensor is recorded too. */
  readonly intermediates?: boolean | undefined;
  /** Called with the number of samples looked at. */
  readonly progress?: ((samples: number) => void) | undefined;
}

/** Golden vectors, and what they show. */
export interface RecordedVectors {
  readonly vectors: readonly GoldenVector[];
  /** Which samples they are, from 0. */
  readonly samples: readonly number[];
  /** Saturated channels, one for each bound: of all samples, and of those chosen. */
  readonly saturations: { readonly seen: number; readonly covered: number };
}

/** Golden vectors of a model from the samples that show most of it (see `chooseVectors`). */
export async function recordVectors(
  model: Pick<OpenedModel, 'graph' | 'run'>,
  samples: SampleSource,
  { count = 8, intermediates = false, progress }: RecordOptions = {},
): Promise<RecordedVectors> {
  const traits = await traitsOf(model, samples, progress);
  const chosen = chooseVectors(traits, count);
  const vectors: GoldenVector[] = [];
  let index = 0;
  for await (const feeds of samples.batches(1)) {
    if (chosen.includes(index)) vectors.push(recordVector(model, feeds, `sample ${index}`, intermediates));
    index++;
  }
  const saturated = (indices: readonly number[]): number =>
    new Set(indices.flatMap((i) => [...(traits[i]?.saturated ?? [])])).size;
  return {
    vectors,
    samples: chosen,
    saturations: { seen: saturated([...traits.keys()]), covered: saturated(chosen) },
  };
}

const IDENTIFIER = 'tvmgen_default';

/**
 * The input sequences of a model whose constants are one for each channel or one for all, as a generated header holds them;
 * undefined for an input that has none, or one that such a header cannot tell.
 */
export function inputSequencesOf({ graph }: Pick<OpenedModel, 'graph'>): readonly (InputSequence | undefined)[] {
  return graph.inputs.map((input, i) => {
    const constants = (inputNormOf(graph, input)?.inputs ?? []).slice(1).map((value) => value?.constant);
    const lists = constants.map((tensor) => {
      const data = tensor && numberData(tensor);
      if (tensor === undefined || data === undefined) return undefined;
      const fromChannel = tensor.dims.slice(Math.max(0, tensor.rank - (input.type.shape.length - 1)));
      const perChannel =
        tensor.size === 1 ||
        (tensor.size === fromChannel[0] &&
          tensor.size === sizeOf(tensor.dims) &&
          fromChannel.length === input.type.shape.length - 1);
      return perChannel ? data : undefined;
    });
    const [bias, scale, shift] = lists;
    if (bias === undefined || scale === undefined || shift === undefined) return undefined;
    return {
      prefix: i === 0 ? IDENTIFIER : `${IDENTIFIER}_${i}`,
      bias: Float32Array.from(bias),
      scale: Float32Array.from(scale),
      shift: Int32Array.from(shift),
    };
  });
}
