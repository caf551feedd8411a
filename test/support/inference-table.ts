import { expect, it } from 'vitest';
import type { OperatorFault } from '../../src/ir/ops/operator.js';
import type { Operator } from '../../src/ir/ops/operator.js';
import type { Dim, Shape } from '../../src/ir/shape.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { infer, type AttributeInputs, type Given } from './run-operator.js';

export interface InferenceCase {
  readonly title: string;
  readonly inputs: readonly (Given | Tensor | undefined)[];
  readonly attrs?: AttributeInputs;
  readonly outputs?: number;
  /** Shape of the result, or of each result. */
  readonly gives?: Shape | readonly Shape[];
  readonly contents?: readonly Dim[];
  /** Code of the fault, and words its message holds. */
  readonly fault?: readonly [code: string, words: string];
}

const isShapeList = (gives: Shape | readonly Shape[]): gives is readonly Shape[] =>
  gives.some((part) => Array.isArray(part));

/** One test for each case: the shapes and contents that inference gives, or the fault that it throws. */
export function inferenceTable(spec: Operator, cases: readonly InferenceCase[]): void {
  it.each(cases.map((row) => [row.title, row] as const))(`${spec.name}: %s`, (_, row) => {
    const { inputs, attrs = {}, outputs = 1, gives, contents, fault } = row;
    if (fault !== undefined) {
      const [code, words] = fault;
      let thrown: unknown;
      try {
        infer(spec, inputs, attrs, outputs);
      } catch (error) {
        thrown = error;
      }
      expect((thrown as OperatorFault | undefined)?.name).toBe('OperatorFault');
      expect((thrown as OperatorFault).code).toBe(code);
      expect((thrown as OperatorFault).message).toContain(words);
      return;
    }
    const results = infer(spec, inputs, attrs, outputs);
    const shapes = results.map(({ type }) => type.shape);
    if (gives !== undefined) expect(shapes).toEqual(isShapeList(gives) ? gives : [gives]);
    expect(results[0]?.contents).toEqual(contents);
  });
}
