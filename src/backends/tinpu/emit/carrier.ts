import type { AttributeInput } from '../../../ir/attributes.js';
import { Attributes } from '../../../ir/attributes.js';
import { InternalError } from '../../../ir/diagnostics.js';
import { GraphEditor } from '../../../ir/editor.js';
import type { ConstantValue, Graph, Node, Value } from '../../../ir/graph.js';
import { codeOfDType } from '../../../ir/onnx/data-type.js';
import { checkCall, type InferenceCall } from '../../../ir/ops/operator.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import type { OperatorTable } from '../../../ir/ops/table.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import { isMover } from '../../split/movers.js';

/** What is said of one node of the carrier beyond its inputs. */
interface Step {
  readonly node: string;
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attrs?: Attributes | Readonly<Record<string, AttributeInput>>;
}

/** Builds the float32-carrier graph of spec 1.6: ai.onnx operators only, every integer held by a float32. */
export class Carrier {
  readonly #editor: GraphEditor;
  readonly #operators: OperatorTable;
  readonly #values = new Map<Value, Value>();
  readonly #operands = new Map<Value, Value>();
  readonly #scalars = new Map<number, Value>();
  /** Labels that belong to tensors of the quantised graph, and those given to others. */
  readonly #labels: Set<string>;
  #fresh = 0;

  /** @param labels those of the quantised graph, which nothing else may take */
  constructor(name: string, operators: OperatorTable, labels: Iterable<string>) {
    this.#editor = GraphEditor.create(name);
    this.#operators = operators;
    this.#labels = new Set(labels);
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

  /** The same, or the float32 constant that holds a constant of integers. */
  integers(value: Value | undefined): Value {
    return value?.constant === undefined ? this.read(value) : this.constant(value);
  }

  /** Whether the integers of a value are held by a float32. */
  carries(value: Value): boolean {
    return value.type.dtype !== 'float32' && this.#values.get(value)?.type.dtype === 'float32';
  }

  define(value: Value, carrier: Value): void {
    this.#values.set(value, carrier);
  }

  addInput(value: Value): void {
    const input = this.#editor.addInput(value.name, value.type);
    this.#values.set(value, input);
    if (!ACTIVATION_TYPES.includes(value.type.dtype) || !meetsLayers(value)) return;
    this.#values.set(value, this.op(`${value.name}/Cast`, 'Cast', [input], `${value.name}/float`, { to: FLOAT32 }));
  }

  addOutput(name: string, value: Value): void {
    this.#editor.addOutput(name, this.read(value));
  }

  /** One node whose only result is no tensor of the quantised graph; it is labelled `label` or much like it. */
  op(
    node: string,
    op: string,
    inputs: readonly (Value | undefined)[],
    label: string,
    attrs: Step['attrs'] = Attributes.none,
  ): Value {
    const [value] = this.#add({ node, op, inputs, attrs }, [this.#free(label)]);
    if (value === undefined) throw new InternalError(`${op} has no result`);
    return value;
  }

  /**
   * One node that computes values of the quantised graph, under their labels. Results that are left out stay so, unless
   * the operator always has them.
   */
  results(
    values: readonly Value[],
    node: string,
    op: string,
    inputs: readonly (Value | undefined)[],
    attrs: Step['attrs'] = Attributes.none,
  ): void {
    const required = this.#operators.get(op)?.outputs[0] ?? 0;
    const names = values.map(({ name }, i) => (name === '' && i < required ? this.#free(`${node}/unused`) : name));
    for (const [i, carrier] of this.#add({ node, op, inputs, attrs }, names).entries()) {
      const value = values[i];
      if (value !== undefined) this.define(value, carrier);
    }
  }

  #add({ node, op, inputs, attrs }: Step, names: readonly string[]): readonly Value[] {
    const spec = this.#operators.get(op);
    if (spec === undefined) throw new InternalError(`${op} cannot be emitted`);
    const attributes = attrs instanceof Attributes ? attrs : Attributes.of(attrs ?? {});
    const call: InferenceCall = {
      op,
      attrs: attributes,
      inputs,
      outputCount: names.length,
      freshDim: () => `dim_${this.#fresh++}`,
    };
    const [fault] = checkCall(spec, call);
    if (fault !== undefined) throw new InternalError(`an illegal ${op} is emitted: ${fault.message}`);
    const results = spec.infer(call);
    const outputs = names.map((name, i) => {
      const facts = results[i];
      if (facts === undefined) throw new InternalError(`${op} has no result ${i}`);
      return { ...facts, name };
    });
    return this.#editor.addNode({ op, name: node, inputs, attrs: attributes, outputs }).outputs;
  }

  /** A constant as float32, under other dims when given. */
  constant(value: Value | undefined, dims?: readonly number[]): Value {
    const tensor = value?.constant;
    const data = tensor && numberData(tensor);
    if (value === undefined || tensor === undefined || data === undefined)
      throw new InternalError('a constant is expected');
    return this.tensor(new Tensor('float32', dims ?? tensor.dims, Float32Array.from(data)), value.name);
  }

  /** A constant as it is, such as the axes of an operator; one for all its readers. */
  operand(value: ConstantValue): Value {
    const known = this.#operands.get(value);
    if (known !== undefined) return known;
    const operand = this.tensor(value.constant, value.name);
    this.#operands.set(value, operand);
    return operand;
  }

  tensor(tensor: Tensor, label: string): Value {
    return this.#editor.constant(tensor, this.#free(label));
  }

  /** A scalar, one for each number. */
  scalar(number: number): Value {
    const known = this.#scalars.get(number);
    if (known !== undefined) return known;
    const value = this.tensor(Tensor.float32([], [number]), `scalar_${String(number)}`);
    this.#scalars.set(number, value);
    return value;
  }

  /** The label, or one like it that is not taken. */
  #free(label: string): string {
    let free = label;
    for (let n = 1; this.#labels.has(free); n++) free = `${label}_${n}`;
    this.#labels.add(free);
    return free;
  }
}

const FLOAT32 = codeOfDType('float32');

/** Whether integers are read by the quantised dialect, as they are or moved. */
const meetsLayers = ({ uses }: Value): boolean =>
  [...uses].some(({ node }) => node.domain === 'q' || (isMover(node) && node.outputs.some(meetsLayers)));

/** Emits one node of the quantised dialect. */
export type Emitter = (node: Node, to: Carrier) => void;
