import { UserError } from '../../ir/diagnostics.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersIn } from '../verify/elements.js';
import type { OutputComparison } from './comparison.js';
import type { Engine, EngineTally } from './engine-agreement.js';
import { realOf, stepsOf, type OutputForm } from './output-form.js';
import { OutputMeasure } from './output-measure.js';
import type { ResolvedGrid } from './resolve-scales.js';

/** One output of both models and what is found of it, batch by batch. */
export class ComparedOutput {
  readonly form: OutputForm;
  /** Results of the last batch as real numbers. */
  last: { readonly float: ArrayLike<number>; readonly quantised: ArrayLike<number> } = { float: [], quantised: [] };
  readonly #grid: ResolvedGrid | undefined;
  readonly #measure = new OutputMeasure();

  constructor(form: OutputForm, grid: ResolvedGrid | undefined) {
    this.form = form;
    this.#grid = grid;
  }

  add(
    expected: ReadonlyMap<string, Tensor>,
    actual: ReadonlyMap<string, Tensor>,
    others: ReadonlyMap<string, Tensor> | undefined,
    rows: number,
    tally: EngineTally,
  ): void {
    const { form } = this;
    const float = elementsOf(expected.get(form.name));
    const integers = elementsOf(actual.get(form.quantised));
    const runtime = others?.get(form.quantised);
    if (float.length !== integers.length) {
      const message = `output '${form.name}' has ${float.length} elements in the first model, ${integers.length} in the second`;
      throw new UserError({ code: 'model-outputs', severity: 'error', message, hint: 'give two forms of one model' });
    }
    const real = realOf(form, this.#grid);
    const quantised = Float64Array.from(integers, real);
    this.#measure.add(float, quantised, rows);
    this.last = { float, quantised };
    const results = new Map<Engine, ArrayLike<number>>([
      ['float', float],
      ['integers', integers],
      ...(runtime === undefined ? [] : [['runtime', elementsOf(runtime)] as const]),
    ]);
    tally.add(results, stepsOf(form, this.#grid));
  }

  get comparison(): OutputComparison {
    return {
      name: this.form.name,
      ...this.#measure.agreement,
      scale: this.#grid?.scale,
      fitted: this.#grid?.fitted ?? false,
    };
  }
}

const elementsOf = (tensor: Tensor | undefined): ArrayLike<number> => (tensor === undefined ? [] : numbersIn(tensor));
