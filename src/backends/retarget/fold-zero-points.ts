import { GraphEditor } from '../../ir/editor.js';
import { valuesOf, type Graph, type Value } from '../../ir/graph.js';
import { fitsShifted } from './fits-shifted.js';
import { shiftRegion, type ShiftRegion } from './shift-region.js';
import { shiftTensors } from './shift-tensors.js';
import { gridBits, gridRange, sameGrid, type TrainedGrid } from './trained-grid.js';
import type { TrainedWeightsIndex } from './trained-knowledge.js';

/** A tensor that stands for one of the model, all of whose real numbers are larger by `offset`. */
export interface ShiftedTensor {
  /** Its label in the model. */
  readonly label: string;
  readonly zeroPoint: number;
  readonly offset: number;
}

/** What became of zero points that are neither the lowest integer of 8 bits nor the middle one. */
export interface FoldedZeroPoints {
  /** By label in the graph. */
  readonly shifted: ReadonlyMap<string, ShiftedTensor>;
  /** Why a tensor keeps its real numbers, by label. */
  readonly obstacles: ReadonlyMap<string, string>;
}

/** What became of a model that has none. */
export const NOTHING_FOLDED: FoldedZeroPoints = { shifted: new Map(), obstacles: new Map() };

/**
 * Shifts tensors of a canonical float graph, in place, so that their lowest trained integer stands for 0: unsigned integers
 * without a zero point (spec 1.1) then stand for the numbers that they were trained for, and the biases around them make up
 * for it.
 * @param grids by label; those of shifted tensors are entered under their new labels
 * @param realOutputs whether outputs of the graph are real numbers
 */
export function foldZeroPoints(
  graph: Graph,
  grids: Map<string, TrainedGrid>,
  weights: TrainedWeightsIndex,
  realOutputs: boolean,
): FoldedZeroPoints {
  const editor = new GraphEditor(graph);
  const shifted = new Map<string, ShiftedTensor>();
  const obstacles = new Map<string, string>();
  const done = new Set<Value>();
  for (const value of [...valuesOf(graph)]) {
    const grid = value.constant === undefined ? grids.get(value.name) : undefined;
    if (grid === undefined || done.has(value) || !isOffCentre(grid)) continue;
    const region = shiftRegion(graph, value, realOutputs);
    const obstacle = 'obstacle' in region ? region.obstacle : obstacleIn(region, grid, grids, weights);
    if ('obstacle' in region || obstacle !== undefined) {
      if (obstacle !== undefined) obstacles.set(value.name, obstacle);
      continue;
    }
    for (const each of region.values) done.add(each);
    const offset = -gridRange(grid).min;
    for (const [{ name }, label] of shiftTensors(editor, region, offset)) {
      shifted.set(name, { label, zeroPoint: grid.zeroPoint, offset });
      if (grids.has(label)) grids.set(name, { ...grid, zeroPoint: grid.lo });
    }
  }
  return { shifted, obstacles };
}

/** Whether integers without a zero point would stand for other numbers. */
const isOffCentre = (grid: TrainedGrid): boolean =>
  gridBits(grid) === 8 &&
  Number.isInteger(grid.zeroPoint) &&
  grid.zeroPoint !== grid.lo &&
  grid.zeroPoint !== grid.lo + 128;

function obstacleIn(
  { values, readers }: ShiftRegion,
  grid: TrainedGrid,
  grids: ReadonlyMap<string, TrainedGrid>,
  weights: TrainedWeightsIndex,
): string | undefined {
  const other = values.find(({ name }) => {
    const own = grids.get(name);
    return own !== undefined && !sameGrid(own, grid);
  });
  if (other !== undefined) return `'${other.name}' has another scale or zero point`;
  const full = readers.find((reader) => !fitsShifted(reader, grid, weights));
  return full && `the sums of '${full.name}' would be too large`;
}
