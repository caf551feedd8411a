import type { Attribute } from '../attributes.js';
import type { DType } from '../dtype.js';

/** What an operator has gained after the opset of its newest form (`Operator.since`). */
export interface Gain {
  readonly op: string;
  readonly since: number;
  /** Attributes with their defaults. */
  readonly attributes?: Readonly<Record<string, Attribute['value']>>;
  /** Attributes that change nothing whatever they say, since they concern element types that came with or after them. */
  readonly idle?: readonly string[];
  /** Values that a string attribute did not have before. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** The first input that is new. */
  readonly input?: number;
  /** Element types that inputs or results did not have before. */
  readonly types?: readonly DType[];
}

const SHORT: readonly DType[] = ['float16', 'bfloat16'];
const NARROW: readonly DType[] = ['uint4', 'int4', 'uint16', 'int16'];

/** Operators whose bfloat16 form is of opset 22. */
const BFLOAT16_AT_22 = [
  ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'AveragePool', 'Conv', 'ConvTranspose', 'Cos', 'Cosh'],
  ...['Dropout', 'Elu', 'GRU', 'GlobalAveragePool', 'GlobalMaxPool', 'GridSample', 'HardSigmoid', 'HardSwish'],
  ...['InstanceNormalization', 'LSTM', 'LpNormalization', 'LpPool', 'MaxPool', 'RNN', 'Round', 'Selu', 'Sin', 'Sinh'],
  ...['Softplus', 'Softsign', 'Tan', 'ThresholdedRelu'],
];

/** Changes of ai.onnx that bring in more than another opset number, by the change log of its operators. */
export const GAINS: readonly Gain[] = [
  { op: 'BatchNormalization', since: 14, attributes: { training_mode: 0 } },
  { op: 'MaxPool', since: 10, attributes: { ceil_mode: 0, dilations: [1] } },
  { op: 'AveragePool', since: 10, attributes: { ceil_mode: 0 } },
  { op: 'AveragePool', since: 19, attributes: { dilations: [1] } },
  { op: 'LpPool', since: 18, attributes: { ceil_mode: 0, dilations: [1] } },
  { op: 'Resize', since: 18, attributes: { antialias: 0, axes: [], keep_aspect_ratio_policy: 'stretch' } },
  { op: 'Resize', since: 19, values: { coordinate_transformation_mode: ['half_pixel_symmetric'] } },
  { op: 'Pad', since: 18, input: 3 },
  { op: 'Pad', since: 19, values: { mode: ['wrap'] } },
  { op: 'Reshape', since: 14, attributes: { allowzero: 0 } },
  { op: 'Shape', since: 15, attributes: { start: 0, end: Number.MAX_SAFE_INTEGER } },
  { op: 'Cast', since: 19, idle: ['saturate'] },
  { op: 'Cast', since: 24, idle: ['round_mode'] },
  { op: 'CastLike', since: 19, idle: ['saturate'] },
  { op: 'CastLike', since: 24, idle: ['round_mode'] },
  { op: 'QuantizeLinear', since: 13, attributes: { axis: 1 } },
  { op: 'QuantizeLinear', since: 19, idle: ['saturate'], types: SHORT },
  { op: 'QuantizeLinear', since: 21, attributes: { block_size: 0, output_dtype: 0 }, types: NARROW },
  { op: 'QuantizeLinear', since: 23, attributes: { precision: 0 } },
  { op: 'DequantizeLinear', since: 13, attributes: { axis: 1 } },
  { op: 'DequantizeLinear', since: 19, types: SHORT },
  { op: 'DequantizeLinear', since: 21, attributes: { block_size: 0 }, types: NARROW },
  { op: 'DequantizeLinear', since: 23, attributes: { output_dtype: 0 } },
  { op: 'ArgMax', since: 12, attributes: { select_last_index: 0 } },
  { op: 'ArgMin', since: 12, attributes: { select_last_index: 0 } },
  { op: 'DepthToSpace', since: 11, attributes: { mode: 'DCR' } },
  { op: 'RNN', since: 14, attributes: { layout: 0 } },
  { op: 'GRU', since: 14, attributes: { layout: 0 } },
  { op: 'LSTM', since: 14, attributes: { layout: 0 } },
  { op: 'ScatterElements', since: 16, attributes: { reduction: 'none' } },
  { op: 'ScatterND', since: 16, attributes: { reduction: 'none' } },
  { op: 'ScatterElements', since: 18, values: { reduction: ['max', 'min'] } },
  { op: 'ScatterND', since: 18, values: { reduction: ['max', 'min'] } },
  { op: 'ReduceMax', since: 20, types: ['bool'] },
  { op: 'ReduceMin', since: 20, types: ['bool'] },
  { op: 'IsInf', since: 20, types: SHORT },
  { op: 'ConstantOfShape', since: 20, types: ['bfloat16'] },
  { op: 'TopK', since: 24, types: ['bfloat16'] },
  { op: 'Range', since: 27, attributes: { stash_type: 1 }, types: SHORT },
  ...BFLOAT16_AT_22.map((op): Gain => ({ op, since: 22, types: ['bfloat16'] })),
];
