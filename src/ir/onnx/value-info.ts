import { codeOfDType, dataTypeName, dtypeOfCode } from './data-type.js';
import { ModelFault } from './fault.js';
import type { ValueType } from '../graph.js';
import { toNumber, type TypeMessage, type ValueInfoMessage } from './proto.js';

/** A tensor type as a file declares it; `undefined` stands for a dimension without a usable size or name. */
export interface DeclaredType {
  readonly code: number;
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

/** The tensor type of a value_info entry; undefined when it declares none. */
export function declaredType(info: ValueInfoMessage): DeclaredType | undefined {
  const tensor = info.type?.tensorType;
  if (tensor === undefined || tensor === null) return undefined;
  const dims = tensor.shape?.dim;
  const declared = tensor.shape === undefined || tensor.shape === null ? undefined : (dims ?? []);
  return {
    code: tensor.elemType ?? 0,
    shape: declared?.map((dim) => {
      const size = toNumber(dim.dimValue);
      if (size > 0) return size;
      return dim.dimParam !== undefined && dim.dimParam !== null && dim.dimParam !== '' ? dim.dimParam : undefined;
    }),
  };
}

/**
 * The type of a graph input. A dimension that is missing, 0 or negative becomes a symbol from `nameDim`.
 * @throws ModelFault when it is no tensor, of a type quantc does not know, or of unknown rank.
 */
export function inputType(info: ValueInfoMessage, nameDim: (axis: number) => string): ValueType {
  const declared = declaredType(info);
  if (declared === undefined) {
    throw new ModelFault('unsupported-type', `it is ${kindOf(info.type)}, only dense tensors are accepted`);
  }
  const dtype = dtypeOfCode(declared.code);
  if (dtype === undefined) {
    throw new ModelFault(
      'unsupported-type',
      `its element type is ${dataTypeName(declared.code)}, which is not supported`,
    );
  }
  if (declared.shape === undefined) {
    throw new ModelFault(
      'unknown-rank',
      'its number of dimensions is not declared',
      'Export the model with a shape for this input; single sizes may stay open.',
    );
  }
  const shape = declared.shape.map((dim, axis) => dim ?? nameDim(axis));
  const known = shape.filter((dim) => typeof dim === 'number');
  if (!Number.isSafeInteger(known.reduce((product, dim) => product * dim, 1))) {
    throw new ModelFault('invalid-tensor', `its dimensions ${shape.join('x')} multiply to more than 2^53 elements`);
  }
  return { dtype, shape };
}

function kindOf(type: TypeMessage | null | undefined): string {
  if (type?.sequenceType) return 'a sequence';
  if (type?.mapType) return 'a map';
  if (type?.optionalType) return 'an optional value';
  if (type?.sparseTensorType) return 'a sparse tensor';
  return 'declared without a type';
}

/** The ValueInfoProto of a graph input or output. */
export function valueInfoMessage(name: string, type: ValueType): ValueInfoMessage {
  const dim = type.shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: codeOfDType(type.dtype), shape: { dim } } } };
}
