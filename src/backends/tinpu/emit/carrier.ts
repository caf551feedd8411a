import type { AttributeInput } from '../../../ir/attributes.js';
import { Attributes } from '../../../ir/attributes.js';
import { InternalError } from '../../../ir/diagnostics.js';
import { GraphEditor } from '../../../ir/editor.js';
import type { Graph, Node, Value } from '../../../ir/graph.js';
import { checkCall, type InferenceCall } from '../../../ir/ops/operator.js';
import type { OperatorTable } from '../../../ir/ops/table.js';
import { numberData, Tensor } from '../../../ir/tensor.js';

/** Builds the float32-carrier graph of spec 1.6: ai.onnx operators only, every integer held by a float32. */
export class Carrier {
  readonly #editor: GraphEditor;
  readonly #operators: OperatorTable;
  readonly #values = new Map<Value, Value>();
  readonly #scalars = new Map<number, Value>();
  #fresh = 0;

  constructor(name: string, operators: OperatorTable) {
    this.#editor = GraphEditor.create(name);
    this.#operators = operators;
  }

  get graph(): Graph {
    return this.#editor.graph;
  }

  /** The carrier of a value of the quantised graph, which was built before it is asked for. */
  read(value: Value | undefined): Value {
    const known = value && this.#values.get(value);
    if (known === undefined) throw new InternalError(`'${value?.name ?? 'a left-out input'}' has no carrier yet`);
    return known;
  }

  define(value: Value, carrier: Value): void {
    this.#values.set(value, carrier);
  }

  addInput(value: Value): void {
    this.#values.set(value, this.#editor.addInput(value.name, value.type));
  }

  addOutput(name: string, value: Value): void {
    this.#editor.addOutput(name, this.read(value));
  }

  /** One node; `result` labels what it computes. */
  op(
    node: string,
    op: string,
    inputs: readonly (Value | undefined)[],
    result: string,
    attrs: Attributes | Readonly<Record<string, AttributeInput>> = Attributes.none,
  ): Value {
    const spec = this.#operators.get(op);
    if (spec === undefined) throw new InternalError(`${op} cannot be emitted`);
    const attributes = attrs instanceof Attributes ? attrs : Attributes.of(attrs);
    const call: InferenceCall = {
      op,
      attrs: attributes,
      inputs,
      outputCount: 1,
      freshDim: () => `dim_${this.#fresh++}`,
    };
    const [fault] = checkCall(spec, call);
    if (fault !== undefined) throw new InternalError(`an illegal ${op} is emitted: ${fault.message}`);
    const outputs = spec.infer(call).map((facts) => ({ ...facts, name: result }));
    const [value] = this.#editor.addNode({ op, name: node, inputs, attrs: attributes, outputs }).outputs;
    if (value === undefined) throw new InternalError(`${op} has no result`);
    return value;
  }

  /** A constant as float32, under other dims when given. */
  constant(value: Value | undefined, dims?: readonly number[]): Value {
    const tensor = value?.constant;
    const data = tensor && numberData(tensor);
    if (value === undefined || tensor === undefined || data === undefined)
      throw new InternalError('a constant is expected');
    return this.tensor(new Tensor('float32', dims ?? tensor.dims, Float32Array.from(data)), value.name);
  }

  tensor(tensor: Tensor, name: string): Value {
    return this.#editor.constant(tensor, name);
  }

  /** A scalar, one for each number. */
  scalar(number: number): Value {
    const known = this.#scalars.get(number);
    if (known !== undefined) return known;
    const value = this.#editor.constant(Tensor.float32([], [number]), `scalar_${String(number)}`);
    this.#scalars.set(number, value);
    return value;
  }
}

/** Emits one node of the quantised dialect. */
export type Emitter = (node: Node, to: Carrier) => void;
