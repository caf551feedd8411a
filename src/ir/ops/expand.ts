import { broadcastShapes, formatShape, type Dim } from '../shape.js';
import { boundedContents, checkRank, freshShape, integerList, MAX_CONTENTS } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';

const unknownRank = (call: InferenceCall): OperatorFault =>
  new OperatorFault(
    'dynamic-shape',
    `the number of axes that ${call.op} gives is known only once the graph runs`,
    'give the target shape as a constant, or fix the sizes of the graph inputs',
  );

/** Elements of a rank-1 result whose input holds a single known integer, or that equals its input. */
function repeatedContents(contents: readonly Dim[] | undefined, shape: readonly Dim[]): readonly Dim[] | undefined {
  if (contents === undefined) return undefined;
  const size = shape[0] ?? 1;
  if (shape.length > 1 || typeof size !== 'number') return undefined;
  if (size === contents.length) return contents;
  const [only] = contents;
  if (contents.length !== 1 || only === undefined || size > MAX_CONTENTS) return undefined;
  return new Array<Dim>(size).fill(only);
}

/** Expand: broadcasts the data against the shape that input 1 lists (both ways, so sizes of 1 there change nothing). */
export const expand: Operator = operator({
  name: 'Expand',
  since: 8,
  inputs: [2, 2],
  infer(call) {
    const { type, contents } = required(call, 0);
    const target = integerList(call, 1, required(call, 1));
    if (target.values === undefined) {
      if (typeof target.length !== 'number') throw unknownRank(call);
      return [{ type: { ...type, shape: freshShape(call, Math.max(target.length, type.shape.length)) } }];
    }
    checkRank(call, target.values.length);
    if (target.values.some((dim) => typeof dim === 'number' && dim < 0)) {
      throw new OperatorFault(
        'invalid-input',
        `the shape of Expand is [${target.values.join(', ')}], sizes from 0 upwards are accepted`,
      );
    }
    const shape = broadcastShapes(type.shape, target.values);
    if (shape === undefined) {
      throw new OperatorFault(
        'shape-mismatch',
        `Expand cannot broadcast ${formatShape(type.shape)} to ${formatShape(target.values)}`,
      );
    }
    return [{ type: { ...type, shape }, contents: repeatedContents(contents, shape) }];
  },
});

/** Tile: the data repeated along every axis as often as input 1 says. */
export const tile: Operator = operator({
  name: 'Tile',
  since: 6,
  inputs: [2, 2],
  infer(call) {
    const { type, contents } = required(call, 0);
    const { shape } = type;
    const repeats = integerList(call, 1, required(call, 1));
    if (typeof repeats.length === 'number' && repeats.length !== shape.length) {
      throw new OperatorFault(
        'shape-mismatch',
        `Tile of ${formatShape(shape)} has ${repeats.length} repeats, one for each of the ${shape.length} axes is accepted`,
      );
    }
    const result = shape.map((dim, axis): Dim => {
      const times = repeats.values?.[axis];
      if (times === undefined) return call.freshDim();
      if (typeof times === 'number' && times < 0) {
        throw new OperatorFault(
          'invalid-input',
          `the repeats of Tile are ${repeats.values?.join(', ')}, 0 and above are accepted`,
        );
      }
      if (times === 0 || dim === 0) return 0;
      if (times === 1) return dim;
      if (dim === 1) return times;
      return typeof times === 'number' && typeof dim === 'number' ? times * dim : call.freshDim();
    });
    const [size] = result;
    const tiled =
      contents !== undefined && shape.length === 1 && typeof size === 'number' && contents.length > 0
        ? repeatList(contents, size)
        : undefined;
    return [{ type: { ...type, shape: result }, contents: boundedContents(tiled) }];
  },
});

const repeatList = (list: readonly Dim[], length: number): Dim[] | undefined =>
  length > MAX_CONTENTS ? undefined : Array.from({ length }, (_, i) => list[i % list.length] ?? 0);
