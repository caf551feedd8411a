import type { Diagnostic } from '../../ir/diagnostics.js';
import { isStatic, sizeOf, type Shape } from '../../ir/shape.js';
import { nameOf, type ArraySource } from './assign-arrays.js';
import { fittingOrder, fitShape, type ShapeFit } from './fit-shape.js';
import type { SampleInput } from './samples.js';

/** An array that provides samples of an input; without a fit, the one value of an input without axes. */
export interface FittedArray {
  readonly input: SampleInput;
  readonly source: ArraySource;
  readonly fit: ShapeFit | undefined;
}

/** Fits an array to an input; a diagnostic says what was found and what is accepted. */
export function fitArray(input: SampleInput, source: ArraySource): FittedArray | Diagnostic {
  const { dims } = source.array;
  const { shape } = input.type;
  const fault = (code: string, message: string, hint: string): Diagnostic => {
    return { code, severity: 'error', message, at: { file: source.file.origin }, hint };
  };
  const found = `${nameOf(source)} is ${source.array.dtype}[${dims.join(',')}]`;
  if (dims.includes(0)) {
    return fault('no-samples', `${found}, which has no elements`, 'give data with at least one sample');
  }
  if (shape.length === 0) {
    if (sizeOf(dims) === 1) return { input, source, fit: undefined };
    return fault('sample-shape', `${found}, but input '${input.name}' takes one number`, 'give one number for it');
  }
  const fit = fitShape(dims, shape);
  if (fit !== undefined) return { input, source, fit };
  const mismatch = `${found}, but input '${input.name}' takes ${input.type.dtype}[${shape.join(',')}]`;
  const order = fittingOrder(dims, shape);
  if (order === undefined) return fault('sample-shape', mismatch, `accepted are ${acceptedForms(shape)}`);
  return fault(
    'sample-layout',
    `${mismatch}; with its axes in the order ${order.join(', ')} it would fit`,
    `transpose the data: numpy.transpose(data, (${order.join(', ')}))`,
  );
}

export const isDiagnostic = (result: object): result is Diagnostic => 'severity' in result;

function acceptedForms(shape: Shape): string {
  const row = shape.slice(1);
  const forms = [`[${['n', ...row].join(',')}] for n samples`, `[${row.join(',')}] for a single one`];
  if (isStatic(row) && row.length > 1) forms.push(`[n,${sizeOf(row)}] for flattened ones`);
  return `${forms.join(', ')}, with or without axes of size 1`;
}
