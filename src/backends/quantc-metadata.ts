import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Summary, TensorSummary } from './summary.js';
import { VERSION } from './version.js';

/** Facts of a tensor as quantc writes them into a model (spec 4.2). */
export interface TensorFacts {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: number;
  readonly signed: boolean;
}

/** What quantc wrote into a model about how it was made. */
export interface QuantcMetadata {
  readonly target: string;
  readonly backend: string;
  readonly recipe: string;
  readonly inputs: ReadonlyMap<string, TensorFacts>;
  readonly outputs: ReadonlyMap<string, TensorFacts>;
  /** Integers inside the model, by label. */
  readonly tensors: ReadonlyMap<string, TensorFacts>;
}

/** What goes into the metadata besides the tensors of the interface. */
export interface Provenance extends Pick<Summary, 'target' | 'backend' | 'recipe'> {
  /** The model as it was read. */
  readonly source: Uint8Array;
}

/** The metadata of an emitted model (spec 4.2), and the facts of inner tensors that nothing else in the file tells. */
export function quantcMetadata(
  { source, target, backend, recipe }: Provenance,
  { inputs, outputs }: Readonly<Record<'inputs' | 'outputs', readonly TensorSummary[]>>,
  inner?: readonly TensorSummary[],
): readonly (readonly [key: string, value: string])[] {
  const document = {
    version: VERSION,
    target,
    backend,
    recipe,
    inputs: inputs.map(factsOf),
    outputs: outputs.map(factsOf),
    ...(inner && { tensors: inner.map(factsOf) }),
    sourceSha256: bytesToHex(sha256(source)),
  };
  return [['quantc', JSON.stringify(document)]];
}

const factsOf = ({ name, scale, zeroPoint, bits, signed }: TensorSummary): object => ({
  name,
  scale,
  zeroPoint,
  bits,
  signed,
});

/** Reads the entry `quantc` of a model's metadata; undefined when there is none that quantc could have written. */
export function readQuantcMetadata(metadata: ReadonlyMap<string, string>): QuantcMetadata | undefined {
  const text = metadata.get('quantc');
  if (text === undefined) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(document)) return undefined;
  const { target, backend, recipe, inputs, outputs, tensors } = document;
  if (typeof target !== 'string' || typeof backend !== 'string' || typeof recipe !== 'string') return undefined;
  return {
    target,
    backend,
    recipe,
    inputs: readTensors(inputs),
    outputs: readTensors(outputs),
    tensors: readTensors(tensors),
  };
}

function readTensors(list: unknown): Map<string, TensorFacts> {
  const facts = new Map<string, TensorFacts>();
  if (!Array.isArray(list)) return facts;
  for (const item of list as unknown[]) {
    if (!isRecord(item)) continue;
    const { name, scale, zeroPoint, bits, signed } = item;
    if (typeof name !== 'string' || typeof scale !== 'number' || typeof bits !== 'number') continue;
    facts.set(name, { scale, zeroPoint: typeof zeroPoint === 'number' ? zeroPoint : 0, bits, signed: signed === true });
  }
  return facts;
}

const isRecord = (
  value: unknown,
): value is Readonly<
  Record<'target' | 'backend' | 'recipe' | 'inputs' | 'outputs' | 'tensors' | keyof TensorFacts | 'name', unknown>
> => typeof value === 'object' && value !== null && !Array.isArray(value);
