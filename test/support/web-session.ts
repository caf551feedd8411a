import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type * as Library from '../../src/index.js';

/** Files that a page has at hand, by path in fixtures/. */
export type Files = (name: string) => Uint8Array;

/** What a session found out, as plain data. */
export interface SessionReport {
  /** SHA-256 of the compiled model. */
  readonly sha256: string;
  readonly bytes: number;
  readonly layers: readonly string[];
  readonly outputs: readonly number[];
  /** For each vector of a device, the tensors compared and whether all are equal. */
  readonly vectors: readonly { readonly tensors: number; readonly equal: boolean }[];
}

/**
 * What somebody does with the library in a web page: reads a model from bytes, compiles it with calibration samples from an
 * async iterator, runs it, and verifies vectors of a device. Uses nothing but the library and the language.
 */
export async function webSession(quantc: typeof Library, file: Files): Promise<SessionReport> {
  const { compileModel, decodeNpy, openModel, Tensor } = quantc;
  const calibration = decodeNpy(file('cls_1k_v1/calib.npy'));
  const data = Float32Array.from(calibration.toNumbers());
  const shape = calibration.dims.slice(1);
  const size = data.length / (calibration.dims[0] ?? 1);
  async function* samples(): AsyncGenerator<Library.Tensor> {
    for (let at = 0; at < data.length; at += size) {
      yield await Promise.resolve(new Tensor('float32', shape, data.subarray(at, at + size)));
    }
  }
  const { bytes, summary } = await compileModel(file('cls_1k_v1/float.onnx'), { target: 'f28p55', samples });
  const sample = new Tensor('float32', [1, ...shape], data.subarray(0, size));
  const outputs = openModel(bytes).run(new Map([['input', sample]]));

  const device = openModel(file('coral_base_100/model_ti.onnx'));
  const arrays = ['inputs.npy', 'golden.npy'];
  const read = quantc.readVectors(arrays.map((name) => ({ name, bytes: file(`coral_base_100/${name}`) })));
  const verdicts = quantc.verifyVectors(device, quantc.bindVectors(device, read));
  return {
    sha256: bytesToHex(sha256(bytes)),
    bytes: bytes.length,
    layers: summary.layers.map(({ name, pattern }) => `${name} ${pattern ?? '-'}`),
    outputs: [...outputs.values()].flatMap((tensor) => tensor.toNumbers()),
    vectors: verdicts.map(({ tensors, equal }) => ({ tensors: tensors.length, equal })),
  };
}
