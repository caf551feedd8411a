import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/backends/summary.js';
import type { CompareSummary } from '../../src/cli/report/compare-summary.js';
import type { Inspection } from '../../src/cli/inspection.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { uniformSource } from '../../src/ir/random.js';
import { Tensor } from '../../src/ir/tensor.js';
import { encodeNpy } from '../../src/runtime/formats/npy.js';
import { Folder, quantc } from '../support/cli.js';
import { QdqNetwork, randomIntegers } from '../support/qdq-network.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
  folder.write('qat.onnx', network(2 ** -3));
});
afterEach(() => folder.remove());

const run = (...argv: string[]): ReturnType<typeof quantc> => quantc(argv, { cwd: folder.path });

/** int8 → Conv → Relu → integers of a scale, with weights of 2^-7. */
function network(scale: number): Uint8Array {
  const net = new QdqNetwork();
  const input = { scale: 2 ** -4, zeroPoint: 0, type: 'int8' as const };
  const x = net.dequantise(net.input('x', ['N', 4, 5, 5], 'int8'), 'x_dq', input);
  const w = { dims: [4, 4, 3, 3], integers: randomIntegers(uniformSource(2), 144, 'int8', 1), scales: [2 ** -7] };
  const c = net.op('Conv', [x, net.weights('w', w)], 'c', { pads: { ints: [1, 1, 1, 1] } });
  net.quantise(net.op('Relu', [c], 'r'), 'y', { scale, type: 'uint8' });
  net.output('y', ['N', 4, 5, 5], 'uint8');
  return net.bytes();
}

describe('what compiling a quantised model costs', () => {
  const samples = Tensor.zeros('int8', [24, 4, 5, 5]);
  samples.data.set(randomIntegers(uniformSource(5), samples.size, 'int8', 1));
  const compared = async (): Promise<CompareSummary> => {
    folder.write('x.npy', encodeNpy(samples));
    expect((await run('qat.onnx', '-t', 'f28p55', '-o', 'q.onnx')).status).toBe(0);
    const { status, stdout, stderr } = await run('compare', 'qat.onnx', 'q.onnx', '--data', 'x.npy', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as CompareSummary;
  };

  it('is ties alone where scales are powers of two, since every integer of weights stays', async () => {
    const { referenceKind, outputs, engines } = await compared();
    expect(referenceKind).toBe('qdq');
    // QuantizeLinear rounds ties to even, the NPU upwards: one step of 2^-3, for half of the 2^-8 of sums that are ties.
    expect(outputs).toMatchObject([{ name: 'y', elements: 2400, maxAbsDiff: 2 ** -3, scale: 2 ** -3, fitted: false }]);
    expect(engines[0]?.engines).toEqual(['float', 'integers']);
    expect(engines[0]?.differing).toBeLessThan(2400 / 2 ** 8);
  });

  it('is a small difference where they are not', async () => {
    folder.write('qat.onnx', network(0.07));
    const [output] = (await compared()).outputs;
    expect(output?.sqnrDb).toBeGreaterThan(20);
    expect(output?.maxAbsDiff).toBeGreaterThan(0);
    expect(output?.cosine).toBeGreaterThan(0.99);
  });
});

describe('a quantised model', () => {
  it('is inspected with the rows that compiling gives', async () => {
    const before = JSON.parse((await run('inspect', 'qat.onnx', '-t', 'f28p55', '--json')).stdout) as Inspection;
    const after = JSON.parse((await run('qat.onnx', '-t', 'f28p55', '--json')).stdout) as Summary;
    const known = ({ layers }: Pick<Summary, 'layers'>): object[] =>
      layers.map(({ name, op, pattern, placement, reason, macs, weightBits, weightCount, bytes }) => {
        return { name, op, pattern, placement, reason, macs, weightBits, weightCount, bytes };
      });
    expect(before.layers.map(({ pattern }) => pattern)).toContain('GCONV');
    expect(known(before)).toEqual(known(after));
    expect((await run('inspect', 'qat.onnx', '-t', 'f28p65')).stdout).toContain(
      'obstacle: the model is quantised already, and the generic backend quantises float models',
    );
  });

  it('compiles without calibration data and without a word on stderr', async () => {
    const { status, stdout, stderr } = await run('qat.onnx', '-t', 'f28p55');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('(backend tinpu, recipe trained)');
    expect(stdout).toMatch(/^trained +2 of 2 scales and the integers of 4 of 4 channels stay$/m);
    expect(stdout).toMatch(/^agreement .* on 64 random samples$/m);
    const written = importModel(new Uint8Array(readFileSync(join(folder.path, 'qat.f28p55.onnx'))));
    const metadata = JSON.parse(written.metadata.metadataProps.get('quantc') ?? '{}') as object;
    expect(metadata).toMatchObject({
      recipe: 'trained',
      outputs: [{ name: 'y', scale: 2 ** -3, bits: 8, signed: false }],
    });
  });

  it('is made again from its saved configuration', async () => {
    await run('qat.onnx', '-t', 'f28p55', '-o', 'a.onnx', '--save-config', 'q.yaml');
    const again = await run('qat.onnx', '--config', 'q.yaml', '-o', 'b.onnx');
    expect(again).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(folder.path, 'b.onnx'))).toEqual(readFileSync(join(folder.path, 'a.onnx')));
  });

  it('has an account of every tensor in the summary', async () => {
    const { stdout } = await run('qat.onnx', '-t', 'f28p55', '--json');
    const { requantisation } = JSON.parse(stdout) as Summary;
    expect(requantisation).toMatchObject([
      { tensor: 'x', trained: { scale: 2 ** -4, zeroPoint: 0, bits: 8 }, weights: null, resolutionLossDb: 0 },
      { trained: { scale: 2 ** -3 }, weights: { channels: 4, kept: 4, bits: 8, sqnrDb: null }, expectedCostDb: 0 },
    ]);
  });

  it('tells what its scales cost where they do not fit', async () => {
    folder.write('odd.onnx', network(0.12));
    const { stdout } = await run('odd.onnx', '-t', 'f28p55');
    // 2^-7 · 2^-4 · 2^8 is the scale in [0.12, 0.24) at which weights keep their integers.
    expect(stdout).toMatch(/^ +y: scale 0\.1200 → 0\.1250, 4 of 4 channels kept, expected cost [2-6]\.\d dB$/m);
    const { stderr } = await run('odd.onnx', '-t', 'f28p55', '--verbose');
    expect(stderr).toContain("'y': the scale 0.1200 becomes 0.1250");
    expect(stderr).toContain("input 'x' takes real numbers instead of int8: 0.0625 · (integer - 0)");
  });

  it('is measured on its own integers', async () => {
    const next = uniformSource(5);
    folder.write(
      'x.npy',
      encodeNpy(new Tensor('int8', [9, 4, 5, 5], Int8Array.from(randomIntegers(next, 900, 'int8')))),
    );
    const { status, stdout, stderr } = await run('qat.onnx', '-t', 'f28p55', '--calib', 'x.npy');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^agreement .* on 9 samples$/m);
  });

  it('is refused where it chooses its scales at run time', async () => {
    const net = new QdqNetwork();
    net.op('DynamicQuantizeLinear', [net.input('x', ['N', 4])], 'q');
    net.output('q', ['N', 4], 'uint8');
    folder.write('dynamic.onnx', net.bytes());
    const { status, stderr } = await run('dynamic.onnx', '-t', 'f28p55');
    expect(status).toBe(2);
    expect(stderr).toBe(
      "error: dynamic.onnx: node 0 'q:node' (DynamicQuantizeLinear): DynamicQuantizeLinear chooses scales at run time, " +
        'accepted: scales that are constants\n  quantise the model statically, or give the float model and calibration data\n',
    );
  });
});
