import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../../src/ir/tensor.js';
import { MovingAverageObserver } from '../../../../src/passes/calibration/observers/moving-average.js';
import type { Range } from '../../../../src/passes/calibration/observers/observer.js';
import { decodeNpy } from '../../../../src/runtime/formats/npy.js';

const GOLDEN = new URL('../../../../../shared/golden/ti-ptq/', import.meta.url);
const BATCH = 16;

interface PublishedObserver {
  readonly after_target: string;
  readonly shared_observer_id: number;
  readonly min_val: number;
  readonly max_val: number;
}

interface PublishedNorm {
  readonly weight: readonly number[];
  readonly bias: readonly number[];
  readonly running_mean: readonly number[];
  readonly running_var: readonly number[];
  readonly eps: number;
}

interface Published {
  readonly ti: Readonly<
    Record<
      string,
      {
        readonly activation_observers: readonly PublishedObserver[] | null;
        readonly standalone_bn_after_calibration: Readonly<Record<string, PublishedNorm>> | null;
      }
    >
  >;
}

const published = (name: string): Published =>
  JSON.parse(readFileSync(new URL(`${name}/meta.json`, GOLDEN), 'utf8')) as Published;

function calibration(name: string): Tensor<'float32'> {
  const tensor = decodeNpy(readFileSync(new URL(`${name}/calib.npy`, GOLDEN)));
  if (!tensor.is('float32')) throw new Error(`${name}/calib.npy is ${tensor.dtype}`);
  return tensor;
}

function batchesOf({ data, dims: [count = 0] }: Tensor<'float32'>): Float32Array[] {
  const size = data.length / count;
  const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => i * BATCH);
  return starts.map((start) => data.subarray(start * size, Math.min(start + BATCH, count) * size));
}

const rangeOf = ({ min_val, max_val }: PublishedObserver): Range => ({
  min: Math.fround(min_val),
  max: Math.fround(max_val),
});

/** 8-bit fake quantisation with a power of two as scale (spec 1.7 step 3). */
function fakeQuantised(data: Float32Array, { min, max }: Range): Float32Array {
  const exact = Math.fround(min < 0 ? Math.max(-min, max) / 127.5 : max / 255);
  const scale = 2 ** Math.ceil(Math.fround(Math.log2(exact)));
  const zero = min < 0 ? 127 : 0;
  return data.map((value) => {
    const whole = Math.floor(value / scale);
    const rest = value / scale - whole;
    const rounded = rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
    return (Math.min(Math.max(rounded + zero, 0), 255) - zero) * scale;
  });
}

/** BatchNormalization in evaluation mode as torch computes it: 1/√ in float32, then x·α + β with a single rounding. */
function normalised({ data, dims }: Tensor<'float32'>, norm: PublishedNorm): Tensor<'float32'> {
  const [count = 0, channels = 0] = dims;
  const area = data.length / (count * channels);
  const affine = norm.weight.map((weight, channel) => {
    const variance = Math.fround(Math.fround(norm.running_var[channel]!) + Math.fround(norm.eps));
    const alpha = Math.fround(Math.fround(1 / Math.fround(Math.sqrt(variance))) * Math.fround(weight));
    return {
      alpha,
      beta: Math.fround(Math.fround(norm.bias[channel]!) - Math.fround(norm.running_mean[channel]!) * alpha),
    };
  });
  const values = data.map((value, i) => {
    const { alpha, beta } = affine[Math.floor(i / area) % channels]!;
    return value * alpha + beta;
  });
  return Tensor.float32(dims, values);
}

describe('MovingAverageObserver', () => {
  it('starts with the first batch and moves by a hundredth of the distance, in float32', () => {
    const observer = new MovingAverageObserver();
    observer.observe(Float32Array.of(-1, 3));
    expect(observer.range()).toEqual({ min: -1, max: 3 });
    observer.observe(Float32Array.of(0, 4));
    expect(observer.range()).toEqual({ min: Math.fround(-0.99), max: Math.fround(3.01) });
    observer.observe(new Float32Array(0));
    expect(observer.range().max).toBe(Math.fround(3.01));
  });

  it('takes another constant', () => {
    const observer = new MovingAverageObserver(0.5);
    observer.observe(Float32Array.of(0, 4));
    observer.observe(Float32Array.of(-2, 2));
    expect(observer.range()).toEqual({ min: -1, max: 3 });
    expect(() => new MovingAverageObserver(1.5)).toThrow('the averaging constant is in (0, 1], not 1.5');
  });
});

describe.skipIf(!existsSync(GOLDEN))('against published observers', () => {
  it.each(['ad_ae_2k', 'dscnn_kws', 'own_noinput_pos'])('of the input of %s', (name) => {
    const batches = batchesOf(calibration(name));
    const variants = Object.values(published(name).ti).flatMap((variant) => variant.activation_observers?.[0] ?? []);
    expect(variants.length).toBeGreaterThanOrEqual(4);
    const observer = new MovingAverageObserver();
    for (const batch of batches) observer.observe(batch);
    for (const variant of variants) expect(observer.range()).toEqual(rangeOf(variant));
  });

  it.each([
    ['pir2d_nobn', 3],
    ['pir2d_bn', 2],
    ['radar_linear4', 2],
  ])('of the input of %s, which updates %i times a batch', (name, updates) => {
    for (const variant of ['w8', 'w8_frozen']) {
      const observers = published(name).ti[variant]?.activation_observers ?? [];
      const [first] = observers;
      expect(
        observers.filter(({ shared_observer_id }) => shared_observer_id === first!.shared_observer_id),
      ).toHaveLength(updates);
      const observer = new MovingAverageObserver();
      for (const batch of batchesOf(calibration(name))) {
        let data = batch;
        for (let i = 0; i < updates; i++) {
          observer.observe(data);
          data = fakeQuantised(data, observer.range());
        }
      }
      expect(observer.range()).toEqual(rangeOf(first!));
    }
  });

  it('of every BatchNormalization behind an input', () => {
    let compared = 0;
    for (const { name } of readdirSync(GOLDEN, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      const { ti } = published(name);
      for (const variant of ['w8_frozen', 'w4_frozen']) {
        const observers = ti[variant]?.activation_observers ?? [];
        const [first] = observers;
        const norm = ti[variant]?.standalone_bn_after_calibration?.[first?.after_target ?? ''];
        if (first === undefined || norm === undefined) continue;
        if (observers.filter(({ shared_observer_id }) => shared_observer_id === first.shared_observer_id).length > 1)
          continue;
        const observer = new MovingAverageObserver();
        for (const batch of batchesOf(normalised(calibration(name), norm))) observer.observe(batch);
        expect({ name, ...observer.range() }).toEqual({ name, ...rangeOf(first) });
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(80);
  });
});
