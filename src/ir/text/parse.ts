import { Attributes, type Attribute } from '../attributes.js';
import { isDType, type DType } from '../dtype.js';
import { GraphEditor, type ResultSpec } from '../editor.js';
import type { Graph, Origin, Quantisation, Value, ValueType } from '../graph.js';
import { checkCall, OperatorFault, type InferenceCall } from '../ops/operator.js';
import type { OperatorTable } from '../ops/table.js';
import { uniformSource } from '../random.js';
import { isStatic, sizeOf, type Dim } from '../shape.js';
import { Tensor } from '../tensor.js';
import { decodeElements } from './elements.js';
import { ParseError, tokenise, type Token } from './lexer.js';

/**
 * Reads the text form that `printGraph` writes. Result types may be left out: the operator table infers them.
 * Besides decimals and base64, the elements of a constant may be `splat x`, or `random n`: uniform in [-1, 1), the same
 * for the same n everywhere.
 * @throws ParseError naming the line.
 */
export function parseGraph(text: string, operators: OperatorTable): Graph {
  return new Parser(tokenise(text), operators).graph();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #operators: OperatorTable;
  readonly #values = new Map<string, Value>();
  #at = 0;
  #fresh = 0;

  constructor(tokens: readonly Token[], operators: OperatorTable) {
    this.#tokens = tokens;
    this.#operators = operators;
  }

  graph(): Graph {
    this.#expect('name', 'graph');
    const editor = GraphEditor.create(this.#take('string').text);
    while (this.#peek().kind !== 'end') this.#statement(editor);
    return editor.graph;
  }

  #statement(editor: GraphEditor): void {
    if (this.#accept('name', 'input')) {
      const label = this.#take('label');
      this.#expect('punctuation', ':');
      this.#define(label, editor.addInput(label.text, this.#type()));
    } else if (this.#accept('name', 'const')) {
      const label = this.#take('label');
      this.#expect('punctuation', ':');
      const type = this.#type();
      this.#expect('punctuation', '=');
      this.#define(label, editor.constant(this.#elements(type), label.text, type.quantisation));
    } else if (this.#accept('name', 'output')) {
      const name = this.#take('string').text;
      this.#expect('punctuation', '=');
      editor.addOutput(name, this.#read());
    } else this.#node(editor);
  }

  #node(editor: GraphEditor): void {
    const results: { label: Token; type: ValueType | undefined }[] = [];
    do {
      const label = this.#take('label');
      results.push({ label, type: this.#accept('punctuation', ':') ? this.#type() : undefined });
    } while (this.#accept('punctuation', ','));
    this.#expect('punctuation', '=');
    const callee = this.#take('name');
    const dot = callee.text.lastIndexOf('.');
    const [domain, op] = dot < 0 ? ['', callee.text] : [callee.text.slice(0, dot), callee.text.slice(dot + 1)];
    const inputs = this.#list('(', ')', () => (this.#accept('name', '_') ? undefined : this.#read()));
    const attrs = this.#peekIs('{') ? new Attributes(this.#list('{', '}', () => this.#attribute())) : Attributes.none;
    const name = this.#peek().kind === 'string' ? this.#take('string').text : '';
    const origins = this.#accept('punctuation', '@') ? this.#list('[', ']', () => this.#origin()) : [];
    const inferred = this.#infer(callee, {
      op,
      attrs,
      inputs,
      outputCount: results.length,
      freshDim: () => `?${this.#fresh++}`,
    });
    const outputs = results.map(({ label, type }, i): ResultSpec => {
      const facts = inferred?.[i];
      const known = type ?? facts?.type;
      if (known === undefined)
        throw new ParseError(label.line, `the type of %${label.text} is neither given nor inferred`);
      return { name: label.text, type: known, contents: facts?.contents };
    });
    const node = editor.addNode({ op, domain, name, inputs, attrs, origins, outputs });
    for (const [i, { label }] of results.entries()) {
      const value = node.outputs[i];
      if (value !== undefined) this.#define(label, value);
    }
  }

  #infer(
    callee: Token,
    call: InferenceCall,
  ): ReturnType<NonNullable<ReturnType<OperatorTable['get']>>['infer']> | undefined {
    const spec = this.#operators.get(callee.text);
    if (spec === undefined) return undefined;
    const [fault] = checkCall(spec, call);
    if (fault !== undefined) throw new ParseError(callee.line, fault.message);
    try {
      return spec.infer(call);
    } catch (error) {
      if (error instanceof OperatorFault) throw new ParseError(callee.line, error.message);
      throw error;
    }
  }

  #type(): ValueType {
    const dtype = this.#dtype();
    const shape = this.#list('[', ']', (): Dim => {
      const token = this.#next();
      if (token.kind === 'number') return this.#size(token);
      if (token.kind === 'name' || token.kind === 'string') return token.text;
      throw new ParseError(token.line, `a dimension is a size or a symbol, found '${token.text}'`);
    });
    return this.#peekIs('<') ? { dtype, shape, quantisation: this.#quantisation() } : { dtype, shape };
  }

  #dtype(): DType {
    const token = this.#take('name');
    if (!isDType(token.text)) throw new ParseError(token.line, `'${token.text}' is not an element type`);
    return token.text;
  }

  #size(token: Token): number {
    const size = Number(token.text);
    if (!Number.isSafeInteger(size) || size < 0) throw new ParseError(token.line, `'${token.text}' is not a size`);
    return size;
  }

  #quantisation(): Quantisation {
    this.#expect('punctuation', '<');
    const scale = this.#number();
    const token = this.#take('name');
    const [, sign, bits] = /^([su])(\d+)$/.exec(token.text) ?? [];
    if (sign === undefined) throw new ParseError(token.line, `expected s8, u4 or the like, found '${token.text}'`);
    const zeroPoint = this.#peekIs('>') ? 0 : this.#number();
    this.#expect('punctuation', '>');
    return { scale, bits: Number(bits), signed: sign === 's', ...(zeroPoint !== 0 && { zeroPoint }) };
  }

  #elements({ dtype, shape }: ValueType): Tensor {
    const { line } = this.#peek();
    if (!isStatic(shape)) throw new ParseError(line, 'the shape of a constant has no symbols');
    const length = sizeOf(shape);
    if (this.#accept('name', 'base64')) {
      const data = decodeElements(dtype, length, this.#take('string').text);
      if (data === undefined)
        throw new ParseError(line, `the base64 text does not hold ${length} elements of ${dtype}`);
      return new Tensor(dtype, shape, data);
    }
    const tensor = Tensor.zeros(dtype, shape);
    if (this.#accept('name', 'splat')) this.#fill(tensor, Array<string>(length).fill(this.#take('number').text));
    else if (this.#accept('name', 'random')) {
      const next = uniformSource(this.#number());
      this.#fill(
        tensor,
        Array.from({ length }, () => String(next())),
      );
    } else {
      const items = this.#list('[', ']', () => this.#take('number').text);
      if (items.length !== length) throw new ParseError(line, `${items.length} elements given, the type has ${length}`);
      this.#fill(tensor, items);
    }
    return tensor;
  }

  #fill(tensor: Tensor, items: readonly string[]): void {
    const { data } = tensor;
    if (data instanceof BigInt64Array || data instanceof BigUint64Array)
      items.forEach((item, i) => (data[i] = BigInt(item)));
    else items.forEach((item, i) => (data[i] = toNumber(item)));
  }

  #attribute(): readonly [string, Attribute] {
    const name = this.#take('name').text;
    this.#expect('punctuation', '=');
    return [name, this.#attributeValue()];
  }

  #attributeValue(): Attribute {
    const token = this.#peek();
    if (token.kind === 'string') return { kind: 'string', value: this.#take('string').text };
    if (token.kind === 'number') {
      const { text } = this.#take('number');
      return /^-?\d+$/.test(text) ? { kind: 'int', value: Number(text) } : { kind: 'float', value: toNumber(text) };
    }
    if (this.#peekIs('[')) return { kind: 'ints', value: this.#list('[', ']', () => this.#number()) };
    if (this.#accept('name', 'floats')) return { kind: 'floats', value: this.#list('[', ']', () => this.#number()) };
    if (this.#accept('name', 'strings')) {
      return { kind: 'strings', value: this.#list('[', ']', () => this.#take('string').text) };
    }
    return { kind: 'tensor', value: this.#elements(this.#type()) };
  }

  #origin(): Origin {
    const index = this.#number();
    return { index, name: this.#take('string').text, op: this.#take('string').text };
  }

  #read(): Value {
    const label = this.#take('label');
    const value = this.#values.get(label.text);
    if (value === undefined) throw new ParseError(label.line, `%${label.text} is not defined`);
    return value;
  }

  #define(label: Token, value: Value): void {
    if (this.#values.has(label.text)) throw new ParseError(label.line, `%${label.text} is defined twice`);
    this.#values.set(label.text, value);
  }

  #list<T>(open: string, close: string, item: () => T): T[] {
    this.#expect('punctuation', open);
    const items: T[] = [];
    if (this.#accept('punctuation', close)) return items;
    do items.push(item());
    while (this.#accept('punctuation', ','));
    this.#expect('punctuation', close);
    return items;
  }

  #number(): number {
    return toNumber(this.#take('number').text);
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end', line: 0 };
  }

  #peekIs(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'punctuation' && token.text === text;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #take(kind: Token['kind']): Token {
    const token = this.#next();
    if (token.kind !== kind) throw new ParseError(token.line, `expected a ${kind}, found '${token.text}'`);
    return token;
  }

  #accept(kind: Token['kind'], text: string): boolean {
    const token = this.#peek();
    if (token.kind !== kind || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #expect(kind: Token['kind'], text: string): void {
    const token = this.#peek();
    if (!this.#accept(kind, text)) throw new ParseError(token.line, `expected '${text}', found '${token.text}'`);
  }
}

function toNumber(text: string): number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  return Number(text === 'nan' ? NaN : text);
}
