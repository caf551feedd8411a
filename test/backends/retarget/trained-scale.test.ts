import { describe, expect, it } from 'vitest';
import type { TrainedGrid } from '../../../src/backends/retarget/trained-grid.js';
import { TrainedWeightsIndex } from '../../../src/backends/retarget/trained-knowledge.js';
import { trainedTensor, type TrainedTensor } from '../../../src/backends/retarget/trained-points.js';
import { energyOf, expectedDifference, ownScale, trainedScale } from '../../../src/backends/retarget/trained-scale.js';
import type { ScaleContext } from '../../../src/backends/tinpu/recipes/recipe.js';
import { assignRoles, type QuantisationPoint } from '../../../src/backends/tinpu/split/roles.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const unsigned = (scale: number): TrainedGrid => ({ scale, zeroPoint: 0, lo: 0, hi: 255 });
const signed = (scale: number): TrainedGrid => ({ scale, zeroPoint: 0, lo: -128, hi: 127 });

/** The point that a line computes from unsigned `x`, what is known of both, and the context in which `x` has a scale. */
class Trained {
  readonly point: QuantisationPoint;
  readonly #tensors = new Map<QuantisationPoint, TrainedTensor>();
  readonly known;
  readonly #inputScale: number;
  readonly #signed: boolean;

  constructor(line: string, x: TrainedGrid, y: TrainedGrid | undefined, isSigned = false) {
    const graph = parseGraph(
      `graph "g"
      input %x: float32[N,4,2,2]
      const %w: float32[1,4,1,1] = [1.27, -0.5, 0.03, 0.9]
      const %zero: float32[] = [0]
      const %six: float32[] = [6]
      ${line}
      output "y" = %y`,
      OPERATORS,
    );
    const { points } = assignRoles(graph);
    const grids = new Map([['x', x], ...(y === undefined ? [] : ([['y', y]] as const))]);
    for (const point of points) {
      const tensor = trainedTensor(point, grids);
      if (tensor !== undefined) this.#tensors.set(point, tensor);
    }
    this.point = points.at(-1) ?? expect.fail('no point');
    const weights = new TrainedWeightsIndex({ weights: new Map([[0, { scales: [0.01], peak: 127 }]]) });
    this.known = { tensorOf: (point: QuantisationPoint) => this.#tensors.get(point), weights };
    this.#inputScale = x.scale;
    this.#signed = isSigned;
  }

  get context(): ScaleContext {
    return {
      rangeOf: () => ({ min: 0, max: 0 }),
      signed: (point) => point === this.point && this.#signed,
      inputScaleOf: ({ from }) => from && this.#inputScale,
    };
  }

  /** Gives samples of `x` or `y`. */
  observe(name: string, ...data: number[]): this {
    for (const [{ value }, { evidence }] of this.#tensors)
      if (value.name === name) evidence.observe(Float32Array.from(data));
    return this;
  }

  own = (): number => ownScale(this.point, this.context, this.known);
  chosen = (): number => trainedScale({ points: [this.point] }, this.context, this.known);
  difference = (scale: number, weights?: number): number =>
    expectedDifference(this.point, scale, this.context, this.known, weights);
}

const CONV = '%y = Conv(%x, %w) "conv" @[0 "conv" "Conv"]';
const POOL = '%y = GlobalAveragePool(%x) "pool"';

describe('ownScale', () => {
  it('is the trained one where the integers stand for the same numbers', () => {
    expect(new Trained(CONV, unsigned(0.1), unsigned(0.05)).own()).toBe(0.05);
    expect(new Trained(CONV, unsigned(0.1), signed(0.05), true).own()).toBe(0.05);
  });

  it('reaches as far as a grid around another zero point', () => {
    // -10 … 15.5, of which the upper end needs 127 steps.
    const around = { scale: 0.1, zeroPoint: 100, lo: 0, hi: 255 };
    expect(new Trained(CONV, unsigned(0.1), around, true).own()).toBeCloseTo(15.5 / 127, 12);
  });

  it('saturates at a bound that the grid reaches beyond', () => {
    const relu6 = '%c = Conv(%x, %w) "conv" @[0 "conv" "Conv"]\n%y = Clip(%c, %zero, %six)';
    expect(new Trained(relu6, unsigned(0.1), unsigned(12 / 255)).own()).toBeCloseTo(6 / 255, 12);
    expect(new Trained(relu6, unsigned(0.1), unsigned(3 / 255)).own()).toBe(3 / 255);
  });
});

describe('energyOf', () => {
  const trained = (...samples: number[]): TrainedTensor => {
    const model = new Trained(CONV, unsigned(0.1), signed(0.125)).observe('y', ...samples);
    return model.known.tensorOf(model.point) ?? expect.fail('not trained');
  };

  it('is the mean square of samples', () => {
    expect(energyOf(trained(1, -3))).toBe(5);
  });

  it('is guessed from how far the grid reaches without samples', () => {
    // -16 … 15.875: an eighth of 16, squared.
    expect(energyOf(trained())).toBe(4);
  });
});

describe('expectedDifference', () => {
  it('is that of one rounding where the model had none', () => {
    expect(new Trained(POOL, unsigned(1), undefined).difference(1)).toBeCloseTo(1 / 12, 12);
  });

  it('is nothing on the same grid behind exact arithmetic', () => {
    // An average of 4 is a multiplier of 1/4, and a trained weight scale of 0.01 is 2^-3 · s_y / s_x.
    expect(new Trained(POOL, unsigned(1), unsigned(1)).difference(1)).toBe(0);
    expect(new Trained(CONV, unsigned(1), unsigned(0.08)).difference(0.08)).toBeCloseTo(0, 12);
  });

  it('is that of two roundings on different grids, and of what only the trained one cuts off', () => {
    const model = new Trained(POOL, unsigned(1), unsigned(1));
    expect(model.difference(2)).toBeCloseTo((4 + 1) / 12, 12);
    // 257 is cut off by 2, and half of the samples are.
    expect(model.observe('y', 257, 3).difference(2)).toBeCloseTo((4 + 1) / 12 + 4 / 2, 12);
  });

  it('takes the squared error of weights with the energy of the input', () => {
    const model = new Trained(CONV, unsigned(1), unsigned(0.08)).observe('x', 1, 7);
    expect(model.difference(0.16, 0.002)).toBeCloseTo(25 * 0.002 + (0.16 ** 2 + 0.08 ** 2) / 12, 12);
  });

  it('is a sixth of a squared step, beside the disturbance, where roundings on one grid have nothing in common', () => {
    const model = new Trained(CONV, unsigned(1), unsigned(0.08)).observe('x', 1, 7);
    expect(model.difference(0.08, 0.002)).toBeCloseTo(0.05 + 0.08 ** 2 / 6, 12);
  });
});

describe('trainedScale', () => {
  // s_w · s_x = 0.001 is no power of two times 0.05; it is 2^-6 times 0.064.
  const layer = (): Trained => new Trained(CONV, unsigned(0.1), unsigned(0.05));

  it('is the trained one where it keeps the integers of the weights', () => {
    expect(new Trained(CONV, unsigned(0.1), unsigned(0.064)).chosen()).toBe(0.064);
  });

  it.each([
    ['without samples', [], []],
    ['with samples', [10, -3], [1]],
  ])('is the next one that keeps the integers of the weights, %s', (_, x, y) => {
    expect(
      layer()
        .observe('x', ...x)
        .observe('y', ...y)
        .chosen(),
    ).toBeCloseTo(0.064, 9);
  });

  it('stays where so small an input makes the error of the weights less than that of a coarser grid', () => {
    expect(layer().observe('x', 0.01).observe('y', 1).chosen()).toBe(0.05);
  });

  it('stays where samples saturate on the trained grid', () => {
    // It reaches 12.75.
    expect(layer().observe('x', 10).observe('y', 20, 1).chosen()).toBe(0.05);
  });

  it('stays within the bounds that saturation stands for', () => {
    const relu6 = '%c = Conv(%x, %w) "conv" @[0 "conv" "Conv"]\n%y = Clip(%c, %zero, %six)';
    const scale = 6 / 255;
    expect(new Trained(relu6, unsigned(0.1), unsigned(scale)).chosen()).toBe(scale);
  });
});
