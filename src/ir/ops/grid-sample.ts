import { formatShape } from '../shape.js';
import { FLAG } from './attribute-specs.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkDType } from './elementwise-inference.js';
import { checkInputRank } from './facts.js';
import { operator, OperatorFault, required, type Operator } from './operator.js';
import { unifyDims } from './symbolic.js';

/**
 * Samples of images [N, C, H, W] at the places that a grid [N, height, width, 2] names by x and y, where -1 and 1 are the
 * borders (ONNX GridSample). Volumes are refused.
 */
export const gridSample: Operator = operator({
  name: 'GridSample',
  since: 20,
  inputs: [2, 2],
  attributes: {
    align_corners: FLAG,
    mode: { kind: 'string', oneOf: ['linear', 'nearest', 'cubic'] },
    padding_mode: { kind: 'string', oneOf: ['zeros', 'border', 'reflection'] },
  },
  types: FLOAT_TYPES,
  infer(call) {
    const { dtype, shape } = required(call, 0).type;
    const grid = required(call, 1);
    checkInputRank(call, 0, shape, 4);
    checkInputRank(call, 1, grid.type.shape, 4);
    checkDType(call, 1, grid, dtype);
    const [batch = 1, channels = 1] = shape;
    const [samples = 1, height = 1, width = 1, coordinates = 2] = grid.type.shape;
    const common = unifyDims(batch, samples);
    if (common === undefined || unifyDims(coordinates, 2) === undefined) {
      throw new OperatorFault(
        'shape-mismatch',
        `the grid of GridSample has shape ${formatShape(grid.type.shape)}, accepted for these data: ${formatShape([batch, 'height', 'width', 2])}`,
      );
    }
    return [{ type: { dtype, shape: [common, channels, height, width] } }];
  },
});
