import { concat } from './concat.js';
import { expand, tile } from './expand.js';
import { constantOfShape, range } from './fill.js';
import { gather, gatherElements, gatherND } from './gather.js';
import { gridSample } from './grid-sample.js';
import type { Operator } from './operator.js';
import { pad } from './pad.js';
import { flatten, reshape } from './reshape.js';
import { resize } from './resize.js';
import { scatterElements, scatterND } from './scatter.js';
import { nonZero, oneHot, reverseSequence, trilu } from './select.js';
import { shapeOf, size } from './shape-of.js';
import { slice } from './slice.js';
import { split } from './split.js';
import { squeeze, unsqueeze } from './squeeze.js';
import { depthToSpace, spaceToDepth, transpose } from './transpose.js';

/** Operators that move, select or describe elements without computing with them. */
export const SHAPE_OPERATORS: readonly Operator[] = [
  reshape,
  flatten,
  squeeze,
  unsqueeze,
  transpose,
  depthToSpace,
  spaceToDepth,
  slice,
  split,
  concat,
  gather,
  gatherElements,
  gatherND,
  scatterElements,
  scatterND,
  expand,
  tile,
  pad,
  resize,
  gridSample,
  shapeOf,
  size,
  constantOfShape,
  range,
  oneHot,
  nonZero,
  trilu,
  reverseSequence,
];
