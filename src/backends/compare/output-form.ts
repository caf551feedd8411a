import { isInteger } from '../../ir/dtype.js';
import { opName, type Graph, type Value } from '../../ir/graph.js';
import { UserError } from '../../ir/diagnostics.js';
import { integersBehind } from '../tinpu/lift/carried.js';
import type { OutputSteps } from './engine-agreement.js';
import { nearestPoint, type Grid } from './grid.js';
import type { IntegerFacts } from './quantised-feeds.js';
import type { QuantisedTensor } from './quantised-tensor.js';

/** An output of the float model and the one of the quantised model that stands for it. */
export interface OutputForm {
  /** Name in the float model. */
  readonly name: string;
  /** Name in the quantised model. */
  readonly quantised: string;
  /** What is delivered: integers of `tensor` or its real numbers. */
  readonly delivers: 'integers' | 'reals';
  /** The integers at or behind the output; undefined where it was computed in float. */
  readonly tensor: QuantisedTensor | undefined;
}

/**
 * Pairs the outputs of two models by name, or in order where the names differ.
 * @param facts what the quantised model says of its outputs, by name
 * @throws UserError when there are not as many
 */
export function outputForms(
  float: Graph,
  quantised: Graph,
  tensors: readonly QuantisedTensor[],
  facts: ReadonlyMap<string, IntegerFacts>,
): OutputForm[] {
  const [wanted, found] = [float.outputs.length, quantised.outputs.length];
  if (wanted !== found) {
    const message = `the first model has ${wanted} outputs, the second ${found}`;
    throw new UserError({ code: 'model-outputs', severity: 'error', message, hint: 'give two forms of one model' });
  }
  const names = new Set(float.outputs.map(({ name }) => name));
  const byName = quantised.outputs.every(({ name }) => names.has(name));
  return float.outputs.map(({ name }, i) => {
    const own = byName ? quantised.outputs.find((output) => output.name === name) : quantised.outputs[i];
    const value = own?.value;
    const label = own?.name ?? name;
    const integers = value && integersAt(value);
    const tensor = integers && tensorOf(integers, tensors, facts.get(label));
    const delivers = value !== undefined && (isInteger(value.type.dtype) || integersBehind(value) !== undefined);
    return { name, quantised: label, delivers: delivers ? 'integers' : 'reals', tensor };
  });
}

/** The integers that an output is, casts or dequantises. */
function integersAt(value: Value): Value | undefined {
  const { producer } = value;
  if (isInteger(value.type.dtype)) return value;
  if (producer !== undefined && DEQUANTISING.has(opName(producer))) return producer.inputs[0];
  return integersBehind(value);
}

const DEQUANTISING: ReadonlySet<string> = new Set(['q.Dequantize', 'DequantizeLinear']);

function tensorOf(
  integers: Value,
  tensors: readonly QuantisedTensor[],
  facts: IntegerFacts | undefined,
): QuantisedTensor | undefined {
  const found = tensors.find(({ value }) => value === integers);
  if (found === undefined || found.grid.scale !== undefined || facts === undefined || facts.bits > 16) return found;
  return { ...found, grid: { ...found.grid, scale: facts.scale, zeroPoint: facts.zeroPoint } };
}

/** The real number that a delivered result stands for. */
export const realOf =
  (form: OutputForm, grid: Grid | undefined): ((result: number) => number) =>
  (result) =>
    form.delivers === 'integers' && grid !== undefined ? grid.scale * (result - grid.zeroPoint) : result;

/** The values that an output can have. Without a grid any real number is possible. */
export function stepsOf(form: OutputForm, grid: Grid | undefined): OutputSteps {
  if (grid === undefined) return { stepOfReal: (real) => real, stepOfResult: (result) => result };
  const real = realOf(form, grid);
  return {
    stepOfReal: (x) => Math.round(nearestPoint(x, grid) / grid.scale),
    stepOfResult: (result) => Math.round(real(result) / grid.scale),
  };
}
