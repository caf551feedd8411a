/** How the bytes of a protobuf field are laid out, or the message that they hold. */
export type FieldKind =
  'varint' | 'fixed32' | 'bytes' | 'varints' | 'floats' | 'doubles' | { readonly message: MessageName };

export type MessageName =
  | 'Model'
  | 'OperatorSetId'
  | 'Function'
  | 'TrainingInfo'
  | 'Graph'
  | 'Node'
  | 'Attribute'
  | 'Tensor'
  | 'Segment'
  | 'SparseTensor'
  | 'TensorAnnotation'
  | 'StringStringEntry'
  | 'ValueInfo'
  | 'Type'
  | 'TypeTensor'
  | 'TypeElement'
  | 'TypeMap'
  | 'Shape'
  | 'Dimension';

export type MessageSchema = ReadonlyMap<number, FieldKind>;

const of = (message: MessageName): FieldKind => ({ message });

/** The messages of onnx.proto as far as their nesting and wire types go; fields left out hold no message. */
export const SCHEMA: Readonly<Record<MessageName, MessageSchema>> = {
  Model: new Map<number, FieldKind>([
    [1, 'varint'],
    [2, 'bytes'],
    [3, 'bytes'],
    [4, 'bytes'],
    [5, 'varint'],
    [6, 'bytes'],
    [7, of('Graph')],
    [8, of('OperatorSetId')],
    [14, of('StringStringEntry')],
    [20, of('TrainingInfo')],
    [25, of('Function')],
  ]),
  OperatorSetId: new Map<number, FieldKind>([
    [1, 'bytes'],
    [2, 'varint'],
  ]),
  Function: new Map<number, FieldKind>([
    [1, 'bytes'],
    [4, 'bytes'],
    [5, 'bytes'],
    [6, 'bytes'],
    [7, of('Node')],
    [8, 'bytes'],
    [9, of('OperatorSetId')],
    [10, 'bytes'],
    [11, of('Attribute')],
    [12, of('ValueInfo')],
    [13, 'bytes'],
  ]),
  TrainingInfo: new Map<number, FieldKind>([
    [1, of('Graph')],
    [2, of('Graph')],
    [3, of('StringStringEntry')],
    [4, of('StringStringEntry')],
  ]),
  Graph: new Map<number, FieldKind>([
    [1, of('Node')],
    [2, 'bytes'],
    [5, of('Tensor')],
    [10, 'bytes'],
    [11, of('ValueInfo')],
    [12, of('ValueInfo')],
    [13, of('ValueInfo')],
    [14, of('TensorAnnotation')],
    [15, of('SparseTensor')],
  ]),
  Node: new Map<number, FieldKind>([
    [1, 'bytes'],
    [2, 'bytes'],
    [3, 'bytes'],
    [4, 'bytes'],
    [5, of('Attribute')],
    [6, 'bytes'],
    [7, 'bytes'],
    [8, 'bytes'],
  ]),
  Attribute: new Map<number, FieldKind>([
    [1, 'bytes'],
    [2, 'fixed32'],
    [3, 'varint'],
    [4, 'bytes'],
    [5, of('Tensor')],
    [6, of('Graph')],
    [7, 'floats'],
    [8, 'varints'],
    [9, 'bytes'],
    [10, of('Tensor')],
    [11, of('Graph')],
    [13, 'bytes'],
    [14, of('Type')],
    [15, of('Type')],
    [20, 'varint'],
    [21, 'bytes'],
    [22, of('SparseTensor')],
    [23, of('SparseTensor')],
  ]),
  Tensor: new Map<number, FieldKind>([
    [1, 'varints'],
    [2, 'varint'],
    [3, of('Segment')],
    [4, 'floats'],
    [5, 'varints'],
    [6, 'bytes'],
    [7, 'varints'],
    [8, 'bytes'],
    [9, 'bytes'],
    [10, 'doubles'],
    [11, 'varints'],
    [12, 'bytes'],
    [13, of('StringStringEntry')],
    [14, 'varint'],
  ]),
  Segment: new Map<number, FieldKind>([
    [1, 'varint'],
    [2, 'varint'],
  ]),
  SparseTensor: new Map<number, FieldKind>([
    [1, of('Tensor')],
    [2, of('Tensor')],
    [3, 'varints'],
  ]),
  TensorAnnotation: new Map<number, FieldKind>([
    [1, 'bytes'],
    [2, of('StringStringEntry')],
  ]),
  StringStringEntry: new Map<number, FieldKind>([
    [1, 'bytes'],
    [2, 'bytes'],
  ]),
  ValueInfo: new Map<number, FieldKind>([
    [1, 'bytes'],
    [2, of('Type')],
    [3, 'bytes'],
  ]),
  Type: new Map<number, FieldKind>([
    [1, of('TypeTensor')],
    [4, of('TypeElement')],
    [5, of('TypeMap')],
    [6, 'bytes'],
    [8, of('TypeTensor')],
    [9, of('TypeElement')],
  ]),
  TypeTensor: new Map<number, FieldKind>([
    [1, 'varint'],
    [2, of('Shape')],
  ]),
  TypeElement: new Map<number, FieldKind>([[1, of('Type')]]),
  TypeMap: new Map<number, FieldKind>([
    [1, 'varint'],
    [2, of('Type')],
  ]),
  Shape: new Map<number, FieldKind>([[1, of('Dimension')]]),
  Dimension: new Map<number, FieldKind>([
    [1, 'varint'],
    [2, 'bytes'],
    [3, 'bytes'],
  ]),
};
