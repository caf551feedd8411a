import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';

/**
 * By the change log of ai.onnx: the opset whose text of an operator has the inputs, attributes and meaning of today, as
 * far as later opsets add element types, or inputs and attributes that may be left out, alone. Before opset 6 and 7
 * operators have `consumed_inputs` and broadcast by attributes.
 */
const CHANGE_LOG: Readonly<Record<number, readonly string[]>> = {
  1: [
    ...['Conv', 'ConvTranspose', 'GlobalAveragePool', 'GlobalMaxPool', 'Identity', 'LRN', 'LpNormalization', 'MatMul'],
    ...['Not', 'Size', 'Softplus', 'Softsign', 'SpaceToDepth', 'Transpose'],
  ],
  2: ['LpPool'],
  6: [
    ...[
      'Abs',
      'Cast',
      'Ceil',
      'Elu',
      'Exp',
      'Floor',
      'HardSigmoid',
      'InstanceNormalization',
      'LeakyRelu',
      'Log',
      'Neg',
    ],
    ...['Reciprocal', 'Relu', 'Selu', 'Sigmoid', 'Sqrt', 'Tanh', 'Tile'],
  ],
  7: [
    ...['Acos', 'Add', 'And', 'Asin', 'Atan', 'Cos', 'Div', 'GRU', 'LSTM', 'Mul', 'Or', 'PRelu', 'RNN', 'Sin', 'Sub'],
    ...['Tan', 'Xor'],
  ],
  8: ['Expand', 'Max', 'Mean', 'Min', 'Sum'],
  9: [
    ...['Acosh', 'Asinh', 'Atanh', 'BatchNormalization', 'ConstantOfShape', 'Cosh', 'Erf', 'Greater', 'IsNaN', 'Less'],
    ...['MeanVarianceNormalization', 'NonZero', 'Shrink', 'Sign', 'Sinh', 'Where'],
  ],
  10: [
    ...['AveragePool', 'ConvInteger', 'IsInf', 'MatMulInteger', 'MaxPool', 'Mod', 'QLinearConv', 'QLinearMatMul'],
    ...['ReverseSequence', 'ThresholdedRelu'],
  ],
  // Negative axes, Clip and Pad by inputs, Gemm without C.
  11: [
    ...['BitShift', 'Clip', 'Concat', 'CumSum', 'DepthToSpace', 'DynamicQuantizeLinear', 'Equal', 'Flatten', 'Gather'],
    ...['GatherElements', 'Gemm', 'OneHot', 'Pad', 'Range', 'Resize', 'Round', 'Slice', 'TopK'],
  ],
  12: ['ArgMax', 'ArgMin', 'Celu', 'Dropout', 'Einsum', 'GatherND', 'GreaterOrEqual', 'LessOrEqual', 'Pow'],
  // Axes as inputs, Softmax along one axis, quantisation along an axis.
  13: [
    ...['DequantizeLinear', 'Hardmax', 'LogSoftmax', 'QuantizeLinear', 'ReduceSum', 'Softmax', 'Split', 'Squeeze'],
    'Unsqueeze',
  ],
  14: ['HardSwish', 'Reshape', 'Trilu'],
  15: ['CastLike', 'Shape'],
  16: ['ScatterElements', 'ScatterND'],
  17: ['LayerNormalization'],
  18: [
    ...['BitwiseAnd', 'BitwiseNot', 'BitwiseOr', 'BitwiseXor', 'Mish', 'ReduceL1', 'ReduceL2', 'ReduceLogSum'],
    ...['ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd', 'ReduceSumSquare'],
  ],
  20: ['Gelu', 'GridSample'],
  21: ['GroupNormalization'],
  23: ['RMSNormalization'],
  24: ['Swish'],
};

describe('OPERATORS', () => {
  it('says since when each form is legal', () => {
    const wanted = Object.entries(CHANGE_LOG).flatMap(([since, names]) => names.map((name) => `${name} ${since}`));
    expect([...OPERATORS.values()].map(({ name, since }) => `${name} ${since}`).sort()).toEqual(wanted.sort());
  });
});
