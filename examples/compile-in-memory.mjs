// Compiles a model without touching the disk: calibration data come one by one from an async iterator, as from a sensor or a
// download. Prints which layer lands where, and runs the result in exact integers.
//
//   node examples/compile-in-memory.mjs

import { readFileSync } from 'node:fs';
import { compileModel, decodeNpy, observeRanges, openModel, Tensor } from 'quantc';

/** @param {string} name */
const file = (name) => readFileSync(new URL(`../fixtures/cls_1k_v1/${name}`, import.meta.url));

const bytes = file('float.onnx');
const recordings = decodeNpy(file('calib.npy'));
if (!recordings.is('float32')) throw new TypeError('float32 was expected');
const shape = recordings.dims.slice(1);
const size = recordings.size / (recordings.dims[0] ?? 1);
const { data } = recordings;

async function* samples() {
  for (let at = 0; at < data.length; at += size) yield new Tensor('float32', shape, data.subarray(at, at + size));
}

// A function that starts the iterator is run through as often as it takes, and nothing is held in memory.
const { bytes: compiled, summary } = await compileModel(bytes, { target: 'f28p55', samples });
console.table(
  summary.layers.map(({ name, pattern, placement, weightBits, sqnrDb }) => ({
    name,
    pattern,
    placement,
    weightBits,
    dB: sqnrDb?.toFixed(1),
  })),
);
console.log(`output: ${summary.accuracy?.sqnrDb?.toFixed(1)} dB, ${compiled.length} bytes`);

const first = new Tensor('float32', [1, ...shape], data.subarray(0, size));
const outputs = openModel(compiled).run(new Map([['input', first]]));
console.log('integers of the first sample:', outputs.get('output')?.toNumbers());

// The ranges alone, of every tensor of the float graph as it is.
const ranges = await observeRanges(openModel(bytes).graph, samples, { observer: 'percentile' });
for (const [{ name }, { min, max }] of ranges) console.log(`${name}: ${min.toFixed(3)} … ${max.toFixed(3)}`);
