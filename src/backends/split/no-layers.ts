import { UserError } from '../../ir/diagnostics.js';

/** What to say of a model in which nothing could become integers. */
export const noLayers = (file: string): UserError =>
  new UserError({
    code: 'no-layers',
    severity: 'error',
    message: `${file}: no layer of the model computes anything that could become integers`,
    hint: 'give a model with at least one convolution, matrix product, pool or activation between input and output',
  });
