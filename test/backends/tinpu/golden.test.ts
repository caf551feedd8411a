import { readdirSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import { openModel } from '../../../src/backends/run.js';
import { numberData } from '../../../src/ir/tensor.js';
import { Agreement } from '../../../src/runtime/agreement.js';
import { decodeNpy } from '../../../src/runtime/formats/npy.js';
import { hasShared, shared, sharedPath } from '../../support/fixtures.js';

const FOLDER = 'golden/ti-ptq';
const LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;

interface Meta {
  readonly ti: { readonly w8?: { readonly sqnr_db?: number } };
}

const cases = hasShared(FOLDER)
  ? readdirSync(sharedPath(FOLDER), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  : [];

describe.skipIf(cases.length === 0)('reference networks with what the TI wrapper made of them', () => {
  for (const { name } of cases) {
    const file = (part: string): Uint8Array => shared(`${FOLDER}/${name}/${part}`);
    const compiled = () =>
      compileModel(file('float.onnx'), {
        target: 'f28p55',
        model: name,
        samples: decodeNpy(file('calib.npy')),
        verify: true,
      });
    it(
      `${name} compiles to what ONNX Runtime computes, no worse than the TI wrapper`,
      { timeout: 60_000 },
      async () => {
        const { bytes, summary } = await compiled();
        const x = decodeNpy(file('test_x.npy'));
        const [own] = openModel(bytes)
          .run(new Map([['input', x]]))
          .values();
        const integers = own && numberData(own);
        expect(integers).toBeDefined();
        for (const level of LEVELS) {
          const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: level });
          const { output } = await session.run({
            input: new ort.Tensor('float32', x.data as Float32Array, [...x.dims]),
          });
          expect(Array.from(output?.data as Float32Array)).toEqual(Array.from(integers ?? []));
        }
        const agreement = new Agreement();
        const float = decodeNpy(file('float.out.npy'));
        agreement.add(numberData(float) ?? [], integers ?? [], summary.outputs[0]?.scale);
        const meta = JSON.parse(new TextDecoder().decode(file('meta.json'))) as Meta;
        const bar = meta.ti.w8?.sqnr_db;
        // Half a decibel is what the choice of another scale may cost by chance on 64 test samples.
        if (bar !== undefined) expect(agreement.sqnrDb).toBeGreaterThanOrEqual(bar - 0.5);
      },
    );
  }
});
