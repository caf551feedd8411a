/**
 * Operators of ai.onnx that only move, repeat, drop or select elements, so that integers pass through them as real
 * numbers do, scale and all (spec 1.5, T12, T16, T17).
 */
export const MOVERS: ReadonlySet<string> = new Set([
  'Flatten',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Concat',
  'Slice',
  'Pad',
  'Gather',
  'Expand',
  'Tile',
  'DepthToSpace',
  'SpaceToDepth',
  'Resize',
  'MaxPool',
  'Max',
  'Min',
  'ReduceMax',
  'ReduceMin',
]);
