import type { Kernel } from '../kernel.js';
import { REPEAT_KERNELS } from './expand.js';
import { FILL_KERNELS } from './fill.js';
import { GATHER_KERNELS } from './gather.js';
import { GRID_SAMPLE_KERNELS } from './grid-sample.js';
import { PAD_KERNELS } from './pad.js';
import { VIEW_KERNELS } from './reshape.js';
import { RESIZE_KERNELS } from './resize.js';
import { SCATTER_KERNELS } from './scatter.js';
import { SELECTION_KERNELS } from './select.js';
import { SLICE_KERNELS } from './slice.js';
import { PERMUTATION_KERNELS } from './transpose.js';

/** Kernels of `SHAPE_OPERATORS` by operator name; each works on every element type its operator accepts. */
export const SHAPE_KERNELS: readonly (readonly [string, Kernel])[] = [
  ...VIEW_KERNELS,
  ...PERMUTATION_KERNELS,
  ...SLICE_KERNELS,
  ...GATHER_KERNELS,
  ...SCATTER_KERNELS,
  ...REPEAT_KERNELS,
  ...PAD_KERNELS,
  ...RESIZE_KERNELS,
  ...GRID_SAMPLE_KERNELS,
  ...FILL_KERNELS,
  ...SELECTION_KERNELS,
];
