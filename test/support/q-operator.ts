import { codeOfDType } from '../../src/ir/onnx/data-type.js';
import { Tensor } from '../../src/ir/tensor.js';
import { modelBytes, type AttributeSpec, type TensorSpec } from './onnx-builder.js';
import type { QdqLayer, QdqOperand } from './qdq-layer.js';

/** Operators on quantised tensors by the float operator they stand for. */
const NAMES: Readonly<Record<string, string>> = {
  Conv: 'QLinearConv',
  MatMul: 'QLinearMatMul',
  Gemm: 'com.microsoft.QGemm',
  Add: 'com.microsoft.QLinearAdd',
  Mul: 'com.microsoft.QLinearMul',
  Sigmoid: 'com.microsoft.QLinearSigmoid',
  LeakyRelu: 'com.microsoft.QLinearLeakyRelu',
  AveragePool: 'com.microsoft.QLinearAveragePool',
  GlobalAveragePool: 'com.microsoft.QLinearGlobalAveragePool',
};

const spec = (name: string, { dtype, dims, data }: Tensor): TensorSpec => ({
  name,
  type: codeOfDType(dtype),
  dims,
  raw: new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)),
});

function attributeOf(value: QdqLayer['attrs'][string]): AttributeSpec {
  if (typeof value === 'number') return { int: value };
  if (Array.isArray(value)) return { ints: value as number[] };
  if (typeof value === 'object' && 'float' in value) return { float: value.float };
  throw new Error('no such attribute is needed here');
}

const integersOf = (like: Tensor, values: readonly number[], dims: readonly number[]): Tensor => {
  const tensor = Tensor.zeros(like.dtype, dims);
  for (const [i, value] of values.entries()) tensor.data[i] = value;
  return tensor;
};

/** The layer as one operator on quantised tensors, in the QOperator form of ONNX Runtime's quantiser; undefined where there is none. */
export function qOperatorBytes(layer: QdqLayer): Uint8Array | undefined {
  const { op, attrs, operands, result } = layer;
  const name = NAMES[op];
  if (name === undefined || layer.tail !== undefined || result.dtype === 'int16') return undefined;
  const [first, second] = operands.map(({ integers }) => integers.dtype);
  // ONNX Runtime has no kernels for signed data with unsigned weights.
  if (first === 'int8' && second === 'uint8') return undefined;
  const initializers: TensorSpec[] = [];
  const constant = (label: string, tensor: Tensor): string => {
    initializers.push(spec(label, tensor));
    return label;
  };
  const inputs: { name: string; type: number; shape: readonly number[] }[] = [];
  const tensorOf = ({ integers, constant: isConstant }: QdqOperand, i: number): string => {
    if (isConstant) return constant(`x${i}`, integers);
    inputs.push({ name: `x${i}`, type: codeOfDType(integers.dtype), shape: integers.dims });
    return `x${i}`;
  };
  const triple = (operand: QdqOperand, i: number): string[] => {
    const { integers, scales, zeros } = operand;
    const dims = scales.length === 1 ? [] : [scales.length];
    return [
      tensorOf(operand, i),
      constant(`s${i}`, Tensor.float32(dims, scales)),
      constant(`z${i}`, integersOf(integers, zeros, dims)),
    ];
  };
  const end = [
    constant('ys', Tensor.float32([], [result.scale])),
    constant('yz', integersOf(Tensor.zeros(result.dtype, []), [result.zero], [])),
  ];
  const bias = operands[2] && tensorOf(operands[2], 2);
  const both = operands.slice(0, 2).flatMap(triple);
  const names =
    op === 'Gemm' ? [...both, bias ?? '', ...end] : [...both, ...end, ...(bias === undefined ? [] : [bias])];
  const domain = name.startsWith('com.microsoft.') ? 'com.microsoft' : '';
  return modelBytes({
    opset: 17,
    imports: [['com.microsoft', 1]],
    inputs,
    outputs: [{ name: 'y', type: codeOfDType(result.dtype) }],
    initializers,
    nodes: [
      {
        op: name.replace('com.microsoft.', ''),
        domain,
        inputs: names,
        outputs: ['y'],
        attributes: Object.entries(attrs).map(([label, value]) => [label, attributeOf(value)] as const),
      },
    ],
  });
}
