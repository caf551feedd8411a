import { spellOutResize } from '../../../src/passes/rules/spell-out-resize.js';
import { describeRule, type RewriteCase } from '../../support/rules.js';

const NAME = '"r" @[1 "r" "Resize"]';

/** A Resize of [N,2,4] before, and what it becomes. */
const resize = (
  name: string,
  call: string,
  constants: string,
  after: string,
  afterConstants: string,
  more: Partial<RewriteCase> = {},
): RewriteCase => ({
  name,
  before: `graph "g"
    input %x: float32[N,2,4]
    ${constants}
    %y = Resize(%x, ${call} ${NAME}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,2,4]
    ${afterConstants}
    ${after}
    output "y" = %y`,
  ...more,
});

const exactness = { relative: 2 ** -21, because: 'weights and products of each axis round to float32' };
const LAST = 'const %z: float32[1] = ';

describeRule(spellOutResize, {
  rewrites: [
    resize(
      'scales of named axes',
      '_, %z) {axes = [-1], mode = "linear"}',
      `${LAST}[1.5]`,
      `%y: float32[N,2,6] = Resize(%x, _, %z) {mode = "linear"} ${NAME}`,
      'const %z: float32[3] = [1, 1, 1.5]',
    ),
    resize(
      'sizes of named axes beside one of unknown size',
      '_, _, %z) {axes = [2], mode = "cubic"}',
      'const %z: int64[1] = [8]',
      `%y: float32[N,2,8] = Resize(%x, _, %z) {mode = "cubic"} ${NAME}`,
      'const %z: float32[3] = [1, 1, 2]',
    ),
    resize(
      'a region of interest of named axes',
      '%roi, _, %z) {axes = [2], coordinate_transformation_mode = "tf_crop_and_resize", mode = "linear"}',
      'const %roi: float32[2] = [0.25, 0.75]\nconst %z: int64[1] = [8]',
      `%y: float32[N,2,8] = Resize(%x, %roi, %z) {coordinate_transformation_mode = "tf_crop_and_resize", mode = "linear"} ${NAME}`,
      'const %roi: float32[6] = [0, 0, 0.25, 1, 1, 0.75]\nconst %z: float32[3] = [1, 1, 2]',
    ),
    {
      name: 'sizes of a tensor whose sizes are all known',
      before: `graph "g"
        input %x: float32[2,5]
        const %z: int64[1] = [7]
        %y = Resize(%x, _, _, %z) {axes = [1], mode = "linear"}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[2,5]
        const %z: int64[2] = [2, 7]
        %y = Resize(%x, _, _, %z) {mode = "linear"}
        output "y" = %y`,
    },
    resize(
      'antialiasing where nothing shrinks',
      '_, %z) {axes = [2], mode = "linear", antialias = 1}',
      `${LAST}[2]`,
      `%y: float32[N,2,8] = Resize(%x, _, %z) {mode = "linear"} ${NAME}`,
      'const %z: float32[3] = [1, 1, 2]',
    ),
    resize(
      'antialiasing along the last axis, which is a product',
      '_, %z) {axes = [2], mode = "linear", antialias = 1}',
      `${LAST}[0.5]`,
      `%y = MatMul(%x, %m) ${NAME}`,
      'const %m: float32[4,2] = *',
      { exactness },
    ),
    resize(
      'antialiasing along another axis, which is turned to the end',
      '_, %z) {axes = [1], mode = "cubic", antialias = 1}',
      `${LAST}[0.5]`,
      `%"y/turned" = Transpose(%x) {perm = [0, 2, 1]} ${NAME}
       %"y/resized" = MatMul(%"y/turned", %m) ${NAME}
       %y = Transpose(%"y/resized") {perm = [0, 2, 1]} ${NAME}`,
      'const %m: float32[2,1] = *',
      { exactness },
    ),
    resize(
      'symmetric coordinates',
      '_, %z) {axes = [2], mode = "linear", coordinate_transformation_mode = "half_pixel_symmetric"}',
      `${LAST}[1.3]`,
      `%y = MatMul(%x, %m) ${NAME}`,
      'const %m: float32[4,5] = *',
      { exactness },
    ),
    resize(
      'symmetric coordinates of the nearest element, which only move elements',
      '_, %z) {axes = [2], coordinate_transformation_mode = "half_pixel_symmetric"}',
      `${LAST}[1.3]`,
      `%y = Gather(%x, %i) {axis = 2} ${NAME}`,
      'const %i: int64[5] = [0, 1, 1, 2, 3]',
    ),
    {
      name: 'a kept aspect ratio whose scale gives the same sizes',
      before: `graph "g"
        input %x: float32[2,4]
        const %z: int64[2] = [4, 20]
        %y = Resize(%x, _, _, %z) {mode = "linear", keep_aspect_ratio_policy = "not_larger"}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[2,4]
        const %z: float32[2] = [2, 2]
        %y = Resize(%x, _, %z) {mode = "linear"}
        output "y" = %y`,
    },
    {
      name: 'a kept aspect ratio that rounds a size up',
      before: `graph "g"
        input %x: float32[2,5]
        const %z: int64[2] = [3, 20]
        %y = Resize(%x, _, _, %z) {mode = "nearest", keep_aspect_ratio_policy = "not_larger"}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[2,5]
        const %i: int64[3] = [0, 0, 1]
        const %j: int64[8] = [0, 0, 1, 2, 2, 3, 4, 4]
        %"y_1": float32[3,5] = Gather(%x, %i) {axis = 0}
        %y: float32[3,8] = Gather(%"y_1", %j) {axis = 1}
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'scales that the model computes',
      graph: `graph "g"
        input %x: float32[2,4]
        input %z: float32[1]
        %y: float32[2,L] = Resize(%x, _, %z) {axes = [1], mode = "linear"}
        output "y" = %y`,
      reason: 'it resizes an axis of unknown size',
    },
    {
      name: 'antialiasing with extrapolation',
      graph: `graph "g"
        input %x: float32[2,4]
        const %roi: float32[2] = [-0.5, 2]
        const %z: int64[1] = [2]
        %y = Resize(%x, %roi, _, %z) {axes = [1], mode = "linear", antialias = 1, coordinate_transformation_mode = "tf_crop_and_resize"}
        output "y" = %y`,
      reason: 'it extrapolates beyond the data',
    },
    {
      name: 'antialiasing of integers',
      graph: `graph "g"
        input %x: uint8[2,4]
        const %z: int64[1] = [2]
        %y = Resize(%x, _, _, %z) {axes = [1], mode = "linear", antialias = 1}
        output "y" = %y`,
      reason: 'the data are not float32',
    },
  ],
  untouched: [
    {
      name: 'what opset 17 has',
      graph: `graph "g"
        input %x: float32[2,4]
        const %z: float32[2] = [1, 2]
        %y = Resize(%x, _, %z) {mode = "linear"}
        output "y" = %y`,
    },
  ],
});
