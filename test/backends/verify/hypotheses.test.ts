import { describe, expect, it } from 'vitest';
import { openModel } from '../../../src/backends/run.js';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { bindVectors } from '../../../src/backends/verify/bind-vectors.js';
import type { Explanation } from '../../../src/backends/verify/explain-vector.js';
import { verifyVectors } from '../../../src/backends/verify/verify-vectors.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

/** Two 1×1 layers behind an input sequence. Bias holds the half of a shift by 2 bits (spec 1.2). */
const NETWORK = `
graph "net"
input %x: float32[1,2,4,4]
const %ib: float32[] = [0.7]
const %is: float32[] = [91]
const %in: int32[] = [3]
%q: int8[1,2,4,4] = q.InputNorm(%x, %ib, %is, %in) {lo = -128, hi = 127} "norm"
const %w: int8[3,2,1,1] = [3, -2, 1, 2, -3, 1]
%a: int32[1,3,4,4] = q.Conv(%q, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv1"
const %b: int32[3] = [-19, 42, 14]
const %s: int32[1] = [1]
const %n: int32[1] = [2]
%r: int8[1,3,4,4] = q.Bnorm(%a, %b, %s, %n) {lo = -128, hi = 127} "layer1"
const %v: int8[2,3,1,1] = [1, 2, -3, -1, 3, 2]
%c: int32[1,2,4,4] = q.Conv(%r, %v) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv2"
const %d: int32[2] = [50, -30]
%y: int8[1,2,4,4] = q.Bnorm(%c, %d, %s, %n) {lo = -128, hi = 127} "layer2"
output "y" = %y
`;

interface Device {
  readonly normalise: (product: number) => number;
  /** From the accumulator with the bias, and whether it is the first layer. */
  readonly requantise: (acc: number, bias: number, layer: number) => number;
}

const clip = (value: number): number => Math.min(127, Math.max(-128, value));

/** The network as the specification says. */
const EXACT: Device = {
  normalise: (product) => Math.floor(product / 8),
  requantise: (acc, bias) => (acc + bias) >> 2,
};

const WEIGHTS = [
  {
    w: [
      [3, -2],
      [1, 2],
      [-3, 1],
    ],
    b: [-19, 42, 14],
  },
  {
    w: [
      [1, 2, -3],
      [-1, 3, 2],
    ],
    b: [50, -30],
  },
] as const;

const PIXELS = 16;

function compute(x: readonly number[], { normalise, requantise }: Device): Record<'q' | 'r' | 'y', number[]> {
  const q = x.map((value) => clip(normalise(Math.fround(Math.fround(value + Math.fround(0.7)) * 91))));
  const layer = (from: readonly number[], index: 0 | 1): number[] => {
    const { w, b } = WEIGHTS[index];
    return w.flatMap((row: readonly number[], m) =>
      Array.from({ length: PIXELS }, (_, p) => {
        const acc = row.reduce((sum, weight, k) => sum + weight * from[k * PIXELS + p]!, 0);
        return clip(requantise(acc, b[m]!, index));
      }),
    );
  };
  const r = layer(q, 0);
  return { q, r, y: layer(r, 1) };
}

/** What a value is before the half that the bias holds was added. */
const before = (acc: number, bias: number): number => (acc + bias - 2) / 4;

function halfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const DEVICES: readonly (readonly [cause: string, Partial<Device>])[] = [
  ['input-truncation', { normalise: (product) => (product | 0) >> 3 }],
  ['input-toward-zero', { normalise: (product) => Math.trunc(product / 8) }],
  ['truncation', { requantise: (acc, bias) => Math.trunc((acc + bias) / 4) }],
  ['half-even', { requantise: (acc, bias) => halfEven(before(acc, bias)) }],
  [
    'half-away',
    { requantise: (acc, bias) => Math.sign(before(acc, bias)) * Math.floor(Math.abs(before(acc, bias)) + 0.5) },
  ],
  ['double-half', { requantise: (acc, bias) => Math.round((acc + bias) / 4) }],
  ['missing-bias', { requantise: (acc) => acc >> 2 }],
];

const random = uniformSource(4);
/** In ±1, with products that are no whole numbers, as those that truncation shows in are few. */
const INPUT = Array.from({ length: 2 * PIXELS }, (_, i) =>
  Math.fround(i % 4 === 0 ? -0.7 - (8 * i + 0.4) / 91 : random()),
);

const model = openModel(parseGraph(NETWORK, TINPU_OPERATORS));

type Arrays = Readonly<Record<string, readonly number[]>>;

function explain(arrays: Arrays, of = model): readonly Explanation[] {
  const set = {
    label: 'set 0',
    arrays: Object.entries(arrays).map(([name, values]) => ({
      name,
      role: undefined,
      tensor: Tensor.float32([values.length], values),
    })),
  };
  const [verdict] = verifyVectors(of, bindVectors(of, { sets: [set], sequences: [] }));
  expect(verdict?.equal).toBe(false);
  return verdict?.explanations ?? [];
}

const causesOf = (arrays: Arrays, of = model): readonly string[] => explain(arrays, of).map(({ cause }) => cause);

describe('a device that', () => {
  it('does as the specification says is equal', () => {
    const { q, r, y } = compute(INPUT, EXACT);
    const results = model.run(new Map([['x', Tensor.float32([1, 2, 4, 4], INPUT)]]));
    expect(results.get('y')?.toNumbers()).toEqual(y);
    expect(q.some((value) => value < 0) && r.some((value) => value % 2 !== 0)).toBe(true);
  });

  it.each(DEVICES)(
    'has the fault %s has this cause and no other, with every tensor or the output alone',
    (cause, device) => {
      const { q, r, y } = compute(INPUT, { ...EXACT, ...device });
      expect(causesOf({ x: INPUT, q, r, y })).toEqual([cause]);
      expect(causesOf({ x: INPUT, y })).toEqual([cause]);
    },
  );

  it.each(DEVICES)('has the fault %s and another bit wrong has no known cause', (_, device) => {
    const { q, r, y } = compute(INPUT, { ...EXACT, ...device });
    r[5]! ^= 4;
    expect(causesOf({ x: INPUT, q, r, y })).toEqual([]);
  });

  it.each([0, 1])('leaves out the bias of layer %i alone is told which', (index) => {
    const requantise = (acc: number, bias: number, layer: number): number => (acc + (layer === index ? 0 : bias)) >> 2;
    const { r, y } = compute(INPUT, { ...EXACT, requantise });
    expect(explain({ x: INPUT, r, y })).toMatchObject([{ cause: 'missing-bias', layer: `layer${index + 1}` }]);
    expect(explain({ x: INPUT, y })).toMatchObject([{ cause: 'missing-bias', layer: `layer${index + 1}` }]);
  });

  it('is fed channels last', () => {
    const { q, y } = compute(INPUT, EXACT);
    const last = Array.from({ length: INPUT.length }, (_, i) => INPUT[(i % 2) * PIXELS + Math.floor(i / 2)]!);
    expect(causesOf({ x: last, q, y })).toEqual(['input-channels-last']);
    const swapped = [...INPUT.slice(PIXELS), ...INPUT.slice(0, PIXELS)];
    expect(causesOf({ x: swapped, q, y })).toEqual([]);
  });
});

describe('bytes of the other signedness', () => {
  const bytes = openModel(
    parseGraph(
      `
graph "net"
input %x: float32[1,2,2,2]
const %ib: float32[] = [0]
const %is: float32[] = [1]
const %in: int32[] = [0]
%q: int8[1,2,2,2] = q.InputNorm(%x, %ib, %is, %in) {lo = -128, hi = 127}
output "y" = %q
`,
      TINPU_OPERATORS,
    ),
  );
  const signed = [0, 1, -1, -128, 127, 5, -100, 6];
  const unsigned = Array.from(Uint8Array.from(signed));
  it('are found when the input is dumped so', () => {
    expect(causesOf({ x: unsigned, y: signed }, bytes)).toEqual(['input-signedness']);
  });
  it('are not found when values are others', () => {
    expect(causesOf({ x: unsigned.map((n) => n ^ 1), y: signed }, bytes)).toEqual([]);
    expect(causesOf({ x: signed, y: signed.map((n) => -n) }, bytes)).toEqual([]);
  });
});

describe('sums in float32', () => {
  const DEPTH = 1400;
  const draw = uniformSource(77);
  const x = Array.from({ length: DEPTH }, () => Math.floor(127 + 60 * draw()));
  const w = Array.from({ length: DEPTH }, () => Math.floor(126 + draw()));
  const bias = -Math.round(x.reduce((sum, value, k) => sum + value * w[k]!, 0));
  const network = (weights: readonly number[], offset: number): string => `
graph "net"
input %x: float32[1,${DEPTH}]
const %ib: float32[] = [0]
const %is: float32[] = [1]
const %in: int32[] = [0]
%q: uint8[1,${DEPTH}] = q.InputNorm(%x, %ib, %is, %in) {lo = 0, hi = 255}
const %w: int8[${DEPTH},1] = [${weights.join(', ')}]
%a: int32[1,1] = q.MatMul(%q, %w)
const %b: int32[1] = [${offset}]
const %s: int32[1] = [1]
const %n: int32[1] = [0]
%y: int8[1,1] = q.Bnorm(%a, %b, %s, %n) {lo = -128, hi = 127}
output "y" = %y
`;
  const open = (weights: readonly number[], offset: number): typeof model =>
    openModel(parseGraph(network(weights, offset), TINPU_OPERATORS));
  it('explain what is off beyond 2^24', () => {
    const sums = new Float32Array(1);
    for (const [k, value] of x.entries()) sums[0] = sums[0]! + value * w[k]!;
    expect(-bias).toBeGreaterThan(2 ** 24);
    expect(sums[0]).not.toBe(-bias);
    expect(causesOf({ x, y: [clip(sums[0]! + bias)] }, open(w, bias))).toEqual(['float-accumulation']);
  });
  it('do not explain what is off otherwise', () => {
    expect(causesOf({ x, y: [100] }, open(w, bias))).toEqual([]);
    const small = w.map((weight) => weight % 3);
    expect(causesOf({ x, y: [1] }, open(small, -x.reduce((sum, value, k) => sum + value * small[k]!, 0)))).toEqual([]);
  });
});
