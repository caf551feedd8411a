// What a device computed, as tests: every golden vector must be what the integer interpreter computes, bit for bit. A test
// that fails names the first layer that differs and the first element of it.
//
//   node --test examples/verify-device.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { bindVectors, openModel, readVectors, verifyVectors } from 'quantc';

/** @param {string} name */
const file = (name) => ({ name, bytes: readFileSync(new URL(`../fixtures/coral_base_100/${name}`, import.meta.url)) });

const model = openModel(file('model_ti.onnx').bytes);
// Any format that `quantc verify` reads: .npy and .npz by name, TI's test_vector.c and headers, JSON, raw dumps.
const vectors = bindVectors(model, readVectors([file('inputs.npy'), file('golden.npy')]));

for (const { label, equal, diverges, tensors } of verifyVectors(model, vectors)) {
  test(`${label}: the device computes what the interpreter does`, () => {
    const worst = tensors.find(({ name }) => name === diverges);
    assert.ok(equal, `'${diverges}' differs: ${JSON.stringify(worst?.first)}`);
  });
}
