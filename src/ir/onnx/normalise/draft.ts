import { Attributes, type AttributeInput } from '../../attributes.js';
import type { DType } from '../../dtype.js';
import type { Origin, Value } from '../../graph.js';
import { OperatorFault } from '../../ops/operator.js';
import type { Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { UNKNOWN, type Emitter, type Operand } from '../emitter.js';

/** A rule asked for the type of a tensor whose definition is at fault. */
export class UnknownOperand extends Error {
  override readonly name = 'UnknownOperand';
}

/** One result of the node under the rules' hands. */
export interface DraftOutput {
  readonly name: string;
  /** Whether a node or a graph output reads it. */
  readonly read: boolean;
}

export interface DraftSource {
  readonly op: string;
  readonly opset: number;
  readonly attrs: Attributes;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly DraftOutput[];
  readonly label: string;
  readonly origin: Origin;
}

/** A node behind the one that the rules change. */
export interface Following {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly attrs?: Attributes;
}

/** A node of the file on its way to the newest form: rules change it in place. */
export class Draft {
  readonly opset: number;
  readonly label: string;
  readonly origin: Origin;
  readonly warnings: OperatorFault[] = [];
  op: string;
  attrs: Attributes;
  inputs: Operand[];
  outputs: readonly DraftOutput[];
  /** Set when the node is but a constant. */
  value: Tensor | undefined;
  /** Computes result 0 of the source node from result 0 of this one. */
  after: ((result: Operand) => Following) | undefined;
  readonly #emitter: Emitter;

  constructor(source: DraftSource, emitter: Emitter) {
    this.opset = source.opset;
    this.label = source.label;
    this.op = source.op;
    this.attrs = source.attrs;
    this.inputs = [...source.inputs];
    this.outputs = source.outputs;
    this.#emitter = emitter;
    this.origin = source.origin;
  }

  /** A new constant named after the node. */
  constant(tensor: Tensor, what: string): Value {
    return this.#emitter.constant(tensor, this.#emitter.freshName(`${this.label}_${what}`));
  }

  /** Adds a node in front of this one and returns its result. */
  before(op: string, inputs: readonly Operand[], attrs: Attributes = Attributes.none): Operand {
    return this.beforeAll(op, inputs, 1, attrs)[0];
  }

  /** Adds a node of `count` results in front of this one and returns them. */
  beforeAll(op: string, inputs: readonly Operand[], count: number, attrs: Attributes = Attributes.none): Operand[] {
    const label = this.#emitter.freshName(`${this.label}_${op.toLowerCase()}`);
    const others = Array.from({ length: count - 1 }, (_, i) => this.#emitter.freshName(`${label}_${i + 1}`));
    return this.#emitter.emit({ op, inputs, attrs, outputs: [label, ...others], label, origin: this.origin });
  }

  /** Adds a node behind this one, whose result bears the name `output`. */
  behind({ op, inputs, attrs = Attributes.none }: Following, output: string): Operand {
    const label = this.#emitter.freshName(`${this.label}_${op.toLowerCase()}`);
    return this.#emitter.emit({ op, inputs, attrs, outputs: [output], label, origin: this.origin })[0];
  }

  /** Removes attributes; says which of them were there. */
  drop(...names: readonly string[]): string[] {
    const present = names.filter((name) => this.attrs.has(name));
    if (present.length > 0) this.attrs = this.attrs.without(...present);
    return present;
  }

  set(name: string, value: AttributeInput): void {
    this.attrs = this.attrs.with(name, value);
  }

  /** Puts an operand at an input; those skipped are left out. */
  setInput(index: number, operand: Operand): void {
    while (this.inputs.length < index) this.inputs.push(undefined);
    this.inputs[index] = operand;
  }

  /** The value at an input. @throws UnknownOperand, or OperatorFault when it is left out. */
  input(index: number): Value {
    const operand = this.inputs[index];
    if (operand === UNKNOWN) throw new UnknownOperand();
    if (operand === undefined) {
      throw new OperatorFault('invalid-input', `input ${index} of ${this.op} is missing`);
    }
    return operand;
  }

  has(index: number): boolean {
    return this.inputs[index] !== undefined;
  }

  shape(index: number): Shape {
    return this.input(index).type.shape;
  }

  dtype(index: number): DType {
    return this.input(index).type.dtype;
  }

  isRead(output: number): boolean {
    return this.outputs[output]?.read === true;
  }

  warn(code: string, message: string, hint?: string): void {
    this.warnings.push(new OperatorFault(code, message, hint));
  }
}
