import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isFloat } from '../../src/ir/dtype.js';
import { importModel, type ImportedModel } from '../../src/ir/onnx/import.js';
import { readModelFile } from '../../src/ir/onnx/model-file.js';
import { decodeTensorProto } from '../../src/ir/onnx/tensor-proto.js';
import type { OperatorTable } from '../../src/ir/ops/table.js';
import type { Tensor } from '../../src/ir/tensor.js';

const ROOT = fileURLToPath(new URL('../../../shared/onnx-node-tests/', import.meta.url));

/** Whether the cases of the ONNX backend suite are at hand; suites built on them are skipped otherwise. */
export const hasNodeTests: boolean = existsSync(ROOT);

/** One set of inputs and the outputs that belong to them, in the order of the graph. */
export interface NodeTestData {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** A case of the suite: a model of one or a few nodes with its data. */
export interface NodeTest {
  readonly name: string;
  readonly model: ImportedModel;
  readonly data: readonly NodeTestData[];
}

/** Names of all cases. */
export const nodeTestNames = (): string[] =>
  hasNodeTests
    ? readdirSync(ROOT)
        .filter((name) => existsSync(`${ROOT}${name}/model.onnx`))
        .sort()
    : [];

/** Path of a case's model. */
export const nodeTestFile = (name: string): string => `${ROOT}${name}/model.onnx`;

/** Operators of a case's model. */
export function nodeTestOperators(name: string): Set<string> {
  const { graph } = readModelFile(readFileSync(nodeTestFile(name)));
  return new Set((graph?.node ?? []).map((node) => node.opType ?? ''));
}

/** Names of the cases that use the given operators only (Constant aside), without those in `except`. */
export function nodeTestsOf(operators: readonly string[], except: readonly string[] = []): string[] {
  const accepted = new Set([...operators, 'Constant']);
  return nodeTestNames().filter((name) => {
    const used = nodeTestOperators(name);
    return !except.includes(name) && used.size > 0 && [...used].every((op) => accepted.has(op));
  });
}

/** Loads a case. @throws UserError when its model or data use what quantc does not support. */
export function loadNodeTest(name: string, operators?: OperatorTable): NodeTest {
  const folder = `${ROOT}${name}/`;
  const model = importModel(readFileSync(`${folder}model.onnx`), {
    file: name,
    ...(operators !== undefined && { operators }),
  });
  const data = readdirSync(folder)
    .filter((entry) => entry.startsWith('test_data_set_'))
    .sort()
    .map((set) => ({
      inputs: readTensors(`${folder}${set}`, 'input'),
      outputs: readTensors(`${folder}${set}`, 'output'),
    }));
  return { name, model, data };
}

function readTensors(folder: string, kind: 'input' | 'output'): Tensor[] {
  const count = readdirSync(folder).filter((entry) => entry.startsWith(`${kind}_`)).length;
  return Array.from({ length: count }, (_, i) => decodeTensorProto(readFileSync(`${folder}/${kind}_${i}.pb`)));
}

/**
 * The first difference of two tensors in words; undefined when they agree. Integers and booleans agree when equal,
 * floats when |actual - expected| <= atol + rtol |expected|, by default with the tolerance of the suite's own runner
 * (rtol 1e-3, atol 1e-7); NaN agrees with NaN.
 */
export function describeDifference(
  actual: Tensor | undefined,
  expected: Tensor,
  { rtol = 1e-3, atol = 1e-7 }: { readonly rtol?: number; readonly atol?: number } = {},
): string | undefined {
  if (actual === undefined) return 'there is no result';
  if (actual.dtype !== expected.dtype) return `the type is ${actual.dtype}, expected ${expected.dtype}`;
  if (actual.dims.join() !== expected.dims.join())
    return `the dims are [${actual.dims.join()}], expected [${expected.dims.join()}]`;
  const close = isFloat(expected.dtype);
  for (let i = 0; i < expected.size; i++) {
    const [a, e] = [actual.data[i], expected.data[i]];
    if (Object.is(a, e) || a === e) continue;
    if (close && Math.abs(Number(a) - Number(e)) <= atol + rtol * Math.abs(Number(e)) && Number.isFinite(e)) continue;
    return `element ${i} is ${String(a)}, expected ${String(e)}`;
  }
  return undefined;
}
