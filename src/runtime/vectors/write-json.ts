import { strToU8 } from 'fflate';
import { sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { formatFloat32 } from './format-float.js';
import type { GoldenVector, NamedTensor } from './golden-vector.js';

/**
 * Golden vectors as `{sets: [{set, model_test_input, input_q, golden_output, tensors}]}` (spec 4.4), arrays nested as the
 * tensors are; several inputs or outputs stand by name under `inputs` and `outputs`. NaN and infinities are strings.
 */
export function writeJsonVectors(vectors: readonly GoldenVector[]): Uint8Array {
  const sets = vectors.map(({ inputs, integers, outputs, tensors }, k) => {
    const members: string[] = [`"set": ${k}`];
    const single = (key: string, list: readonly NamedTensor[], group?: string): void => {
      const [first, ...others] = list;
      if (first === undefined) return;
      if (others.length === 0) members.push(`${JSON.stringify(key)}: ${listText(first.tensor)}`);
      else if (group !== undefined) members.push(`${JSON.stringify(group)}: ${groupText(list)}`);
    };
    single('model_test_input', inputs, 'inputs');
    if (inputs.length === 1) single('input_q', integers);
    single('golden_output', outputs, 'outputs');
    if (tensors.length > 0) members.push(`"tensors": ${groupText(tensors)}`);
    return `  {\n${members.map((member) => `   ${member}`).join(',\n')}\n  }`;
  });
  return strToU8(`{\n "sets": [\n${sets.join(',\n')}\n ]\n}\n`);
}

const groupText = (list: readonly NamedTensor[]): string =>
  `{\n${list.map(({ name, tensor }) => `    ${JSON.stringify(name)}: ${listText(tensor)}`).join(',\n')}\n   }`;

/** Elements as lists in lists, built from the innermost outward; a scalar is a list of one, an axis of size 0 an empty list. */
function listText({ dtype, dims, data }: Tensor): string {
  const single = dtype !== 'float64';
  let parts = Array.from(data as Iterable<number | bigint>, (value) => elementText(value, single));
  for (const [outer, dim] of [...(dims.length === 0 ? [1] : dims).entries()].toReversed()) {
    const lists = sizeOf(dims.slice(0, outer));
    parts = Array.from({ length: lists }, (_, i) => `[${parts.slice(i * dim, (i + 1) * dim).join(', ')}]`);
  }
  return parts[0] ?? '[]';
}

function elementText(value: number | bigint, single: boolean): string {
  if (typeof value === 'bigint') return String(value);
  if (!Number.isFinite(value)) return JSON.stringify(String(value));
  if (Object.is(value, -0)) return '-0';
  return single && !Number.isInteger(value) ? formatFloat32(value) : String(value);
}
