import type { Graph, Quantisation, Value } from '../../../ir/graph.js';
import type { TensorSummary } from '../../summary.js';
import { rawInput } from '../split/domains.js';
import type { QuantisationPoint } from '../split/roles.js';
import { summariseTensor } from './summarise.js';

/** An input as real numbers, with the integers that it becomes in the input sequence. */
export function summariseInput(
  input: Value,
  points: readonly QuantisationPoint[],
  scales: ReadonlyMap<QuantisationPoint, Quantisation>,
): TensorSummary {
  const point = points.find(({ kind, value, node }) => {
    const clipped = value.producer?.op === 'Clip' ? value.producer.inputs[0] : value;
    const source = kind === 'affine' ? node?.inputs[0] : kind === 'input' ? clipped : undefined;
    return source !== undefined && rawInput(source) === input;
  });
  const quantisation = point && scales.get(point);
  const { type } = input;
  return summariseTensor(input.name, { ...input, type: quantisation ? { ...type, quantisation } : type });
}

/** The integers that nodes compute, whose scales nothing else in the file tells. */
export const innerTensors = ({ nodes }: Graph): TensorSummary[] =>
  nodes.flatMap(({ outputs }) =>
    outputs.flatMap((value) => (value.type.quantisation === undefined ? [] : [summariseTensor(value.name, value)])),
  );
