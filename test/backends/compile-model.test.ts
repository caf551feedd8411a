import { describe, expect, it } from 'vitest';
import type { CalibrationData } from '../../src/backends/calibration-data.js';
import { compileModel } from '../../src/backends/compile-model.js';
import { findTarget } from '../../src/backends/targets.js';
import { UserError } from '../../src/ir/diagnostics.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { uniformSource } from '../../src/ir/random.js';
import { Tensor as TensorOf } from '../../src/ir/tensor.js';
import { rewrites, type Pass } from '../../src/passes/pass.js';
import { any, op } from '../../src/passes/pattern.js';
import { rule } from '../../src/passes/rule.js';
import { modelOf, TINY } from '../support/cli.js';

const BYTES = modelOf(TINY);
const random = uniformSource(3);
const DATA = TensorOf.float32([12, 1, 8, 1], Float32Array.from({ length: 96 }, random));
const item = (index: number): Tensor => TensorOf.float32([1, 8, 1], DATA.data.slice(index * 8, index * 8 + 8));

function* items(): Generator<Tensor> {
  for (let i = 0; i < 12; i++) yield item(i);
}
async function* later(): AsyncGenerator<Tensor> {
  for (const next of items()) yield await Promise.resolve(next);
}

describe('compileModel', () => {
  it('takes calibration data in every form, to the same result', async () => {
    const forms: readonly CalibrationData[] = [
      DATA,
      new Map([['x', DATA]]),
      [...items()],
      items(),
      later(),
      items,
      later,
    ];
    const results = [];
    for (const samples of forms) results.push(await compileModel(BYTES, { target: 'f28p55', samples }));
    for (const { bytes, summary } of results) {
      expect(bytes).toEqual(results[0]!.bytes);
      expect(summary.accuracy?.samples).toBe(12);
      expect(summary.diagnostics).toEqual([]);
    }
  });

  it('refuses for the generic backend what is quantised already', async () => {
    for (const target of ['f28p55', 'generic']) {
      const { bytes } = await compileModel(BYTES, { target, samples: DATA });
      const again = compileModel(bytes, { target: 'f28p65', model: 'q.onnx' });
      await expect(again).rejects.toThrow(UserError);
      await expect(again).rejects.toThrow(/q\.onnx: the model is quantised already/);
    }
  });

  it('takes a target or the name of one, and its backend', async () => {
    const named = await compileModel(BYTES, { target: 'F28P55x', samples: DATA });
    const given = await compileModel(BYTES, { target: findTarget('f28p55')!, backend: 'tinpu', samples: DATA });
    expect(named.bytes).toEqual(given.bytes);
    expect(named.summary).toMatchObject({ model: 'model', target: 'f28p55', backend: 'tinpu' });
  });

  it('runs passes of one’s own over the imported graph first, and hands on what they report', async () => {
    const seen: (readonly string[])[] = [];
    const pass: Pass = {
      name: 'look',
      run: ({ graph }, { report }) => {
        seen.push(graph.nodes.map(({ op }) => op));
        report({ code: 'seen', severity: 'info', message: 'it was seen' });
      },
    };
    const widen = rewrites('widen', [
      rule({ name: 'drop-relu', match: op('Relu', [any('x')]), rewrite: ({ x }) => x }),
    ]);
    const { float, diagnostics } = await compileModel(BYTES, {
      target: 'f28p55',
      samples: DATA,
      passes: [pass, widen, pass],
    });
    const [before, after] = seen;
    expect(before).toContain('Relu');
    expect(after).toEqual(before!.filter((name) => name !== 'Relu'));
    expect(float.nodes.some(({ op: name }) => name === 'Relu' || name === 'Clip')).toBe(false);
    expect(diagnostics.filter(({ code }) => code === 'seen')).toHaveLength(2);
  });

  it('warns when it has to invent data', async () => {
    const { diagnostics } = await compileModel(BYTES, { target: 'tinpu' });
    expect(diagnostics.map(({ code }) => code)).toEqual(['synthetic-calibration']);
  });

  it.each([
    [{ target: 'z80' }, "the target 'z80' is not known"],
    [{ target: 'am263', recipe: 'torchmodelopt' }, "recipe 'torchmodelopt' is not one of the generic backend"],
    [{ target: 'tinpu', samples: [] }, 'there is no sample'],
    [{ target: 'tinpu', recipe: 'secret' }, "recipe 'secret' is not known"],
  ])('refuses %j', async (options, message) => {
    const failure = compileModel(BYTES, options);
    await expect(failure).rejects.toThrow(UserError);
    await expect(failure).rejects.toThrow(message);
  });
});
