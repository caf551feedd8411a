import type { AttributeKind, Attributes } from '../attributes.js';
import type { DType } from '../dtype.js';
import type { ValueType } from '../graph.js';
import type { Dim } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** What is known of one input of a node before it runs. */
export interface InputFacts {
  readonly type: ValueType;
  readonly constant: Tensor | undefined;
  /** See `Value.contents`. */
  readonly contents: readonly Dim[] | undefined;
}

/** What an operator says of one of its results. */
export interface ResultFacts {
  readonly type: ValueType;
  readonly contents?: readonly Dim[] | undefined;
}

/** The node whose result types are wanted. */
export interface InferenceCall {
  readonly op: string;
  readonly attrs: Attributes;
  readonly inputs: readonly (InputFacts | undefined)[];
  /** How many results the node declares. */
  readonly outputCount: number;
  /** A symbol that no other dimension bears, e.g. for a size that only the data decides. */
  readonly freshDim: () => string;
}

/** A fault of the model found while looking at one node: one sentence and what to do about it. */
export class OperatorFault extends Error {
  override readonly name = 'OperatorFault';
  readonly code: string;
  readonly hint: string | undefined;

  /** @param code `invalid-attribute`, `invalid-input`, `shape-mismatch`, `unsupported-attribute`, `unsupported-type`, `dynamic-shape` */
  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** What an operator demands of one of its attributes. */
export interface AttributeSpec {
  readonly kind: AttributeKind;
  /** The operator has no default and cannot do without. */
  readonly required?: boolean;
  /** The accepted values of a string or int attribute. */
  readonly oneOf?: readonly (string | number)[];
}

/**
 * One operator of the IR, in the single form the importer normalises every opset to: the newest one, with axes, bounds,
 * sizes and the like as inputs. `infer` may assume that arity and attributes already passed `checkCall`.
 */
export interface Operator {
  readonly name: string;
  /** '' for ai.onnx, 'q' for the quantised dialect, 'qa' for the affine one. */
  readonly domain: string;
  /** Lowest ai.onnx opset in which this form is legal as it stands; 1 outside ai.onnx. */
  readonly since: number;
  /** Fewest and most inputs. */
  readonly inputs: readonly [min: number, max: number];
  /** Fewest and most outputs. */
  readonly outputs: readonly [min: number, max: number];
  /** Inputs that may be left out (empty name), beyond those cut off at the end. */
  readonly optionalInputs?: readonly number[];
  readonly attributes: Readonly<Record<string, AttributeSpec>>;
  /** Element types accepted at input 0, for the message; kernels and inference rely on it. All types when omitted. */
  readonly types?: readonly DType[];
  /**
   * Types (and integer contents where they follow) of the results.
   * @throws OperatorFault when shapes, types or attribute values do not fit.
   */
  readonly infer: (call: InferenceCall) => readonly ResultFacts[];
}

/** Declares an operator of ai.onnx; the name and defaults in one place. */
export function operator(
  spec: Omit<Operator, 'domain' | 'outputs' | 'attributes' | 'since'> & {
    readonly domain?: string;
    readonly since: number;
    readonly outputs?: Operator['outputs'];
    readonly attributes?: Operator['attributes'];
  },
): Operator {
  return { domain: '', outputs: [1, 1], attributes: {}, ...spec };
}

/** The input at `index`, which the arity check has shown to be there. */
export function required(call: InferenceCall, index: number): InputFacts {
  const facts = call.inputs[index];
  if (facts === undefined) throw new OperatorFault('invalid-input', `input ${index} of ${call.op} is missing`);
  return facts;
}

/**
 * Checks arity, attribute names, kinds, allowed values and the element type of input 0.
 * @returns every fault found, none when the call is well-formed.
 */
export function checkCall(operatorSpec: Operator, call: InferenceCall): OperatorFault[] {
  const faults: OperatorFault[] = [];
  const { inputs, attrs } = call;
  const [least, most] = operatorSpec.inputs;
  if (inputs.length < least || inputs.length > most) {
    const range = least === most ? `${least}` : `${least} to ${most}`;
    faults.push(new OperatorFault('invalid-input', `${call.op} has ${inputs.length} inputs, ${range} are accepted`));
  }
  for (let i = 0; i < Math.min(least, inputs.length); i++) {
    if (inputs[i] === undefined && !operatorSpec.optionalInputs?.includes(i)) {
      faults.push(new OperatorFault('invalid-input', `input ${i} of ${call.op} is left out but required`));
    }
  }
  const [leastOut, mostOut] = operatorSpec.outputs;
  if (call.outputCount < leastOut || call.outputCount > mostOut) {
    faults.push(
      new OperatorFault(
        'invalid-output',
        `${call.op} has ${call.outputCount} outputs, at most ${mostOut} are accepted`,
      ),
    );
  }
  for (const [name, attribute] of attrs) {
    const spec = Object.hasOwn(operatorSpec.attributes, name) ? operatorSpec.attributes[name] : undefined;
    if (spec === undefined) {
      faults.push(new OperatorFault('unsupported-attribute', `attribute ${name} of ${call.op} is not known`));
    } else if (spec.kind !== attribute.kind) {
      faults.push(
        new OperatorFault(
          'invalid-attribute',
          `attribute ${name} of ${call.op} is ${attribute.kind}, expected ${spec.kind}`,
        ),
      );
    } else if (spec.oneOf !== undefined && !spec.oneOf.some((value) => value === attribute.value)) {
      faults.push(
        new OperatorFault(
          'unsupported-attribute',
          `attribute ${name} of ${call.op} is ${JSON.stringify(attribute.value)}, accepted: ${spec.oneOf.join(', ')}`,
        ),
      );
    }
  }
  for (const [name, spec] of Object.entries(operatorSpec.attributes)) {
    if (spec.required === true && !attrs.has(name)) {
      faults.push(new OperatorFault('invalid-attribute', `attribute ${name} of ${call.op} is missing`));
    }
  }
  const first = inputs[0];
  if (operatorSpec.types !== undefined && first !== undefined && !operatorSpec.types.includes(first.type.dtype)) {
    faults.push(
      new OperatorFault(
        'unsupported-type',
        `${call.op} of ${first.type.dtype} is not supported, accepted: ${operatorSpec.types.join(', ')}`,
      ),
    );
  }
  return faults;
}
