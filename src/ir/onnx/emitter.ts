import { AttributeError, type Attributes } from '../attributes.js';
import { InternalError } from '../diagnostics.js';
import type { GraphEditor } from '../editor.js';
import type { Origin, Value } from '../graph.js';
import { checkCall, OperatorFault, type InferenceCall, type InputFacts, type ResultFacts } from '../ops/operator.js';
import type { OperatorTable } from '../ops/table.js';
import { formatShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { DeclaredType } from './value-info.js';
import type { NameSupply } from './name-supply.js';
import { refineResults } from './refine.js';
import { unsupportedOperator } from './unsupported.js';

/** Stands for a tensor whose definition is at fault; what depends on it is checked as far as it can be. */
export const UNKNOWN: unique symbol = Symbol('unknown');
/** What an input of a node reads; undefined when it is left out. */
export type Operand = Value | typeof UNKNOWN | undefined;

/** Everything that is wrong with one node. */
export class NodeFaults extends Error {
  override readonly name = 'NodeFaults';
  readonly faults: readonly OperatorFault[];

  constructor(faults: readonly OperatorFault[]) {
    super(faults.map((fault) => fault.message).join('\n'));
    this.faults = faults;
  }
}

export interface Emission {
  readonly op: string;
  readonly inputs: readonly Operand[];
  readonly attrs: Attributes;
  /** Labels of the results, '' for one that nothing reads. */
  readonly outputs: readonly string[];
  readonly label: string;
  readonly origin: Origin;
  /** Types that the file declares for the results. */
  readonly declared?: readonly (DeclaredType | undefined)[];
}

/** Adds nodes of the IR to a graph, each checked and typed by the operator table. */
export class Emitter {
  readonly #editor: GraphEditor;
  readonly #operators: OperatorTable;
  readonly #names: NameSupply;
  readonly #dims: NameSupply;

  constructor(editor: GraphEditor, operators: OperatorTable, names: NameSupply, dims: NameSupply) {
    this.#editor = editor;
    this.#operators = operators;
    this.#names = names;
    this.#dims = dims;
  }

  /** A label that no tensor of the file bears. */
  freshName(base: string): string {
    return this.#names.fresh(base);
  }

  constant(tensor: Tensor, name: string): Value {
    return this.#editor.constant(tensor, name);
  }

  /**
   * Adds a node and returns its results; UNKNOWN ones when an input is unknown.
   * @throws NodeFaults with everything that can be told to be wrong with the node.
   */
  emit(emission: Emission): Operand[] {
    const { op, inputs, attrs, outputs } = emission;
    const spec = this.#operators.get(op);
    if (spec === undefined) throw new NodeFaults([unsupportedOperator(op)]);
    const known = inputs.filter((input) => input !== UNKNOWN);
    const stand: InputFacts = {
      type: { dtype: spec.types?.[0] ?? 'float32', shape: [] },
      constant: undefined,
      contents: undefined,
    };
    const call: InferenceCall = {
      op,
      attrs,
      inputs: inputs.map((input) => (input === UNKNOWN ? stand : input)),
      outputCount: outputs.length,
      freshDim: () => this.#dims.fresh('dim'),
    };
    const faults = checkCall(spec, call);
    if (faults.length > 0) throw new NodeFaults(faults);
    if (known.length < inputs.length) return outputs.map(() => UNKNOWN);
    const results = this.#infer(() => spec.infer(call), emission);
    const refined = refineResults(results, known, emission.declared ?? []);
    checkSizes(refined, op);
    const node = this.#editor.addNode({
      op: spec.name,
      domain: spec.domain,
      name: emission.label,
      inputs: known,
      outputs: outputs.map((name, i) => {
        const result = refined[i];
        if (result === undefined) throw new InternalError(`${op} infers no type for its output ${i}`);
        return { name, type: result.type, contents: result.contents };
      }),
      attrs,
      origins: [emission.origin],
    });
    return [...node.outputs];
  }

  #infer(infer: () => readonly ResultFacts[], emission: Emission): readonly ResultFacts[] {
    try {
      return infer();
    } catch (error) {
      if (error instanceof OperatorFault) throw new NodeFaults([error]);
      if (error instanceof AttributeError)
        throw new NodeFaults([new OperatorFault('invalid-attribute', error.message)]);
      throw new InternalError(`the types of ${emission.label} (${emission.op}) cannot be inferred`, {}, error);
    }
  }
}

function checkSizes(results: readonly ResultFacts[], op: string): void {
  for (const { type } of results) {
    const known = type.shape.filter((dim) => typeof dim === 'number');
    if (Number.isSafeInteger(known.reduce((product, dim) => product * Math.max(dim, 1), 1))) continue;
    const message = `${op} gives ${formatShape(type.shape)}, which is more than 2^53 elements`;
    throw new NodeFaults([new OperatorFault('shape-mismatch', message)]);
  }
}
