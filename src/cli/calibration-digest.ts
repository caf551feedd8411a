import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { SampleInput, SampleSource } from '../passes/calibration/samples.js';

/** Samples that are hashed at once; part of what the digest is of. */
const AT_ONCE = 16;

/**
 * SHA-256 of calibration data as the model gets them: names, types, sizes and elements of the inputs, whatever files they
 * came from and however those are split.
 */
export async function digestSamples(inputs: readonly SampleInput[], samples: SampleSource): Promise<string> {
  const hash = sha256.create();
  for await (const batch of samples.batches(AT_ONCE)) {
    for (const { name } of inputs) {
      const tensor = batch.get(name);
      if (tensor === undefined) continue;
      const { dtype, dims, data } = tensor;
      hash.update(utf8ToBytes(`${JSON.stringify([name, dtype, dims])}\n`));
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  return bytesToHex(hash.digest());
}
