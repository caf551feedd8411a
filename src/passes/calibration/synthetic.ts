import { bitsOf, integerRange, isFloat, type DType } from '../../ir/dtype.js';
import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import { uniformSource } from '../../ir/random.js';
import { sizeOf } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { batchingOf } from './batching.js';
import { convertElements } from './convert.js';
import { checkBatchSize, type SampleBatch, type SampleInput, type SampleSource } from './samples.js';

/** Which random numbers stand in for data. */
export interface SyntheticOptions {
  /** 64; rounded up to whole batches for a model of fixed batch. */
  readonly count?: number | undefined;
  /** Any 32-bit integer; 1. */
  readonly seed?: number | undefined;
  /** Of floats: bell-shaped with variance 1 within ±6 (the default), or uniform in [-1, 1). */
  readonly distribution?: 'normal' | 'uniform' | undefined;
  /** Told that the ranges will not be representative. */
  readonly report?: ((diagnostic: Diagnostic) => void) | undefined;
}

/**
 * Random samples for a model that came without data, the same for the same seed on every machine and whatever the batch
 * size. Integers of up to 8 bits take all their values; wider ones, which are indices mostly, and booleans take 0 and 1.
 * @throws UserError when an input has an unknown dimension besides the batch.
 */
export function syntheticSamples(inputs: readonly SampleInput[], options: SyntheticOptions = {}): SampleSource {
  const { count = 64, seed = 1, distribution = 'normal', report } = options;
  const { fixed, rowsPerSample } = batchingOf(inputs);
  const plans = inputs.map((input) => planOf(input, rowsPerSample(input)));
  const total = Math.ceil(checkBatchSize(count) / (fixed ?? 1)) * (fixed ?? 1);
  report?.({
    code: 'synthetic-calibration',
    severity: 'warning',
    message: `no calibration data: all ranges are taken from ${total} samples of random numbers, which do not represent real inputs; expect a poor accuracy`,
    hint: 'give a few dozen typical inputs with --calib',
  });
  return {
    count: total,
    description: `${total} synthetic samples (${distribution}, seed ${seed})`,
    fixedBatch: fixed,
    batches: (size) => asynchronous(generate(plans, total, fixed ?? checkBatchSize(size), seed, distribution)),
  };
}

interface Plan {
  readonly name: string;
  readonly dtype: DType;
  /** Dims behind the batch; undefined for an input without axes. */
  readonly row: readonly number[] | undefined;
  readonly rowsPerSample: number;
}

function planOf({ name, type: { dtype, shape } }: SampleInput, rowsPerSample: number): Plan {
  const row = shape.slice(1);
  const known = row.filter((dim) => typeof dim === 'number');
  if (known.length === row.length) return { name, dtype, row: shape.length === 0 ? undefined : known, rowsPerSample };
  throw new UserError({
    code: 'unknown-dimension',
    severity: 'error',
    message: `input '${name}' takes ${dtype}[${shape.join(',')}], so how large a random sample should be is unknown`,
    hint: 'give calibration data',
  });
}

async function* asynchronous(batches: AsyncIterable<SampleBatch> | Iterable<SampleBatch>): AsyncGenerator<SampleBatch> {
  yield* batches;
}

function* generate(
  plans: readonly Plan[],
  total: number,
  size: number,
  seed: number,
  distribution: 'normal' | 'uniform',
): Generator<SampleBatch> {
  // Every input draws from a generator of its own, so that its values do not depend on the batch size.
  const draws = plans.map(({ dtype }, i) =>
    drawer(dtype, uniformSource(seed + Math.imul(i, 0x9e3779b9)), distribution),
  );
  const constants = new Map<string, Tensor>();
  for (const [i, { name, dtype, row }] of plans.entries()) {
    if (row === undefined) constants.set(name, tensorOf(dtype, [], draws[i]));
  }
  for (let done = 0; done < total; done += size) {
    const samples = Math.min(size, total - done);
    const batch = new Map(constants);
    for (const [i, { name, dtype, row, rowsPerSample }] of plans.entries()) {
      if (row !== undefined) batch.set(name, tensorOf(dtype, [samples * rowsPerSample, ...row], draws[i]));
    }
    yield batch;
  }
}

/** A function that draws one value of the element type. */
function drawer(dtype: DType, uniform: () => number, distribution: 'normal' | 'uniform'): () => number {
  if (isFloat(dtype)) {
    if (distribution === 'uniform') return uniform;
    // The sum of twelve uniform numbers in [-1, 1) has variance 4; halved, it is close to normal, and exact.
    return () => {
      let sum = 0;
      for (let i = 0; i < 12; i++) sum += uniform();
      return sum / 2;
    };
  }
  if (dtype === 'bool' || bitsOf(dtype) > 8) return () => (uniform() < 0 ? 0 : 1);
  const { lo, hi } = integerRange(dtype);
  return () => lo + Math.floor(((uniform() + 1) / 2) * (hi - lo + 1));
}

function tensorOf(dtype: DType, dims: readonly number[], draw: (() => number) | undefined): Tensor {
  const values = new Float32Array(sizeOf(dims));
  for (let i = 0; i < values.length; i++) values[i] = draw?.() ?? 0;
  return convertElements(new Tensor('float32', dims, values), dtype);
}
