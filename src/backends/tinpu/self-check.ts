import { InternalError } from '../../ir/diagnostics.js';
import type { Graph, Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { prepare } from '../../runtime/executor.js';
import type { KernelTable } from '../../runtime/kernel.js';

/**
 * Runs a lowered graph and what was read back from the emitted file on samples; every tensor of the lowered graph must be
 * there under its label with the same values (spec 4.2).
 * @throws InternalError naming the first tensor that is missing or differs.
 */
export async function checkReadBack(
  lowered: Graph,
  readBack: Graph,
  samples: SampleSource,
  kernels: KernelTable,
  options: { readonly batchSize: number; readonly limit: number },
): Promise<void> {
  const expected = prepare(lowered, kernels);
  const actual = prepare(readBack, kernels);
  const labelOf = labelsInFile(lowered);
  let seen = 0;
  for await (const batch of samples.batches(options.batchSize)) {
    const tensors = new Map<string, Tensor>();
    expected.run(batch, {
      observe: (value, tensor) => {
        const label = labelOf(value);
        if (label === undefined) return undefined;
        tensors.set(label, new Tensor(tensor.dtype, tensor.dims, tensor.data.slice() as typeof tensor.data));
        return undefined;
      },
    });
    actual.run(batch, {
      observe: (value, tensor) => {
        const reference = tensors.get(value.name);
        // A lifted tensor is seen twice, as integers under an invented label and carried under its own.
        if (reference !== undefined && compare(value.name, reference, tensor)) tensors.delete(value.name);
        return undefined;
      },
    });
    const [missing] = tensors.keys();
    if (missing !== undefined) throw new InternalError(`tensor '${missing}' is not in the emitted model`);
    const [first] = batch.values();
    seen += first?.dims[0] ?? 1;
    if (seen >= options.limit) return;
  }
}

/**
 * The label that a value has in the file: a graph output's name goes to the value behind it, and what bore the name before
 * has another one there.
 */
function labelsInFile({ outputs }: Graph): (value: Value) => string | undefined {
  const names = new Map(outputs.map(({ name, value }) => [value, name]));
  const taken = new Set(names.values());
  return (value) => names.get(value) ?? (taken.has(value.name) ? undefined : value.name);
}

function compare(name: string, expected: Tensor, actual: Tensor): true {
  const a = numberData(expected);
  const b = numberData(actual);
  if (a === undefined || b === undefined || a.length !== b.length) {
    throw new InternalError(`tensor '${name}' of the emitted model has another type or size`);
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const found = `${b[i] ?? NaN} instead of ${a[i] ?? NaN}`;
    throw new InternalError(`element ${i} of tensor '${name}' of the emitted model is ${found}`);
  }
  return true;
}
