import type { LocalFunction } from './local-functions.js';
import type { AttributeMessage, NodeMessage, ValueInfoMessage } from './proto.js';

/** Names that nothing in the model bears. */
export interface FreshNames {
  readonly tensor: (base: string) => string;
  readonly node: (base: string) => string;
}

/** What the names and attributes of a function stand for in one call of it. */
export class CallScope {
  readonly #label: string;
  readonly #fresh: FreshNames;
  readonly #tensors = new Map<string, string>([['', '']]);
  readonly #called: LocalFunction;
  readonly #attributes: ReadonlyMap<string, AttributeMessage | undefined>;
  readonly #passed: (readonly [from: string, to: string])[] = [];

  /** `position` numbers the call in the graph when it has no name. */
  constructor(call: NodeMessage, called: LocalFunction, position: number, fresh: FreshNames) {
    const name = call.name ?? '';
    this.#label = name === '' ? `${call.opType ?? ''}_${position}` : name;
    this.#called = called;
    this.#fresh = fresh;
    this.#attributes = new Map([
      ...called.attributes,
      ...(call.attribute ?? []).map((attribute) => [attribute.name ?? '', attribute] as const),
    ]);
    for (const [i, input] of called.inputs.entries()) this.#tensors.set(input, call.input?.[i] ?? '');
    for (const [i, output] of called.outputs.entries()) {
      const result = call.output?.[i] ?? '';
      if (result === '') continue;
      if (this.#tensors.has(output)) this.#passed.push([output, result]);
      else this.#tensors.set(output, result);
    }
  }

  /** Attributes of the call that the function neither declares nor reads. */
  unknownAttributes(): string[] {
    const { attributes, nodes } = this.#called;
    const extra = [...this.#attributes.keys()].filter((name) => !attributes.has(name));
    if (extra.length === 0) return [];
    const read = new Set(nodes.flatMap(({ attribute }) => (attribute ?? []).map(({ refAttrName }) => refAttrName)));
    return extra.filter((name) => !read.has(name));
  }

  /** A node of the function as one of the graph; attributes that the call leaves open are left out. */
  nodeOf(node: NodeMessage, position: number): NodeMessage {
    const name = node.name ?? '';
    return {
      ...node,
      name: this.#fresh.node(`${this.#label}/${name === '' ? `${node.opType ?? ''}_${position}` : name}`),
      input: (node.input ?? []).map((input) => this.#tensor(input)),
      output: (node.output ?? []).map((output) => this.#tensor(output)),
      attribute: (node.attribute ?? []).flatMap((attribute) => this.#attribute(attribute)),
    };
  }

  /** Nodes for outputs that are inputs of the function, or the same as another output. */
  passedOn(): NodeMessage[] {
    return this.#passed.map(([from, to]) => ({
      opType: 'Identity',
      name: this.#fresh.node(`${this.#label}/${from}`),
      input: [this.#tensor(from)],
      output: [to],
    }));
  }

  /** The type that the function declares for a tensor that it computes. */
  declarationOf(info: ValueInfoMessage): ValueInfoMessage[] {
    const name = this.#tensors.get(info.name ?? '') ?? '';
    return name === '' ? [] : [{ ...info, name }];
  }

  #tensor(name: string): string {
    const known = this.#tensors.get(name);
    if (known !== undefined) return known;
    const fresh = this.#fresh.tensor(`${this.#label}/${name}`);
    this.#tensors.set(name, fresh);
    return fresh;
  }

  #attribute(attribute: AttributeMessage): AttributeMessage[] {
    const parameter = attribute.refAttrName ?? '';
    if (parameter === '') return [attribute];
    const given = this.#attributes.get(parameter);
    return given === undefined ? [] : [{ ...given, name: attribute.name ?? '' }];
  }
}
