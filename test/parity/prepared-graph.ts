/** An entry of `activation_observers` in meta.json. */
export interface ActivationObserver {
  readonly node: string;
  readonly scale: number;
  readonly zero_point: number;
  readonly min_val: number;
  readonly max_val: number;
}

/** A module or function of the network that the wrapper observed. */
export interface PreparedNode {
  readonly name: string;
  /** Class of a module, name of a function or method. */
  readonly kind: string;
  readonly inputs: readonly string[];
}

const FAKE = 'FakeQuantize';

/** Nodes that an exported model does not have. */
const UNSEEN: ReadonlySet<string> = new Set(['Identity', 'Dropout']);

/** Nodes whose scale the integers behind them keep, whatever observers of layouts, pools and activations saw. */
const SCALING = /^(?:Conv|Linear|BatchNorm|BNReLU|add$|cat$|placeholder$)/;

/** The graph of modules and observers that the wrapper calibrated: `prepared_graph` of meta.json. */
export class PreparedGraph {
  readonly nodes: readonly PreparedNode[];
  readonly #byName: ReadonlyMap<string, PreparedNode>;
  readonly #observers: ReadonlyMap<string, ActivationObserver>;

  constructor(lines: readonly string[], observers: readonly ActivationObserver[]) {
    this.nodes = lines.map(parseNode);
    this.#byName = new Map(this.nodes.map((node) => [node.name, node]));
    this.#observers = new Map(observers.map((observer) => [observer.node, observer]));
  }

  /** Nodes of the kinds that a pattern accepts, in order. */
  ofKind(kind: RegExp): PreparedNode[] {
    return this.nodes.filter((node) => kind.test(node.kind));
  }

  /** The observer of the model's input, or of the BatchNorm that it enters. */
  get inputObserver(): ActivationObserver | undefined {
    const first = this.nodes.find(({ kind }) => kind === FAKE);
    return first && this.#observers.get(first.name);
  }

  /** The observer behind a node, or behind the ReLU that was fused with it. */
  observerBehind(node: PreparedNode): ActivationObserver | undefined {
    if (node.kind === 'placeholder') return this.inputObserver;
    const found = this.#readers(node).find(({ kind }) => kind === FAKE);
    if (found !== undefined) return this.#observers.get(found.name);
    const reader = this.#readers(node).find(({ kind }) => kind === 'ReLU');
    return reader && this.observerBehind(reader);
  }

  /** Nodes from the first input of a node back to the one whose scale its integers have, which is the last; no observers. */
  pathTo(node: PreparedNode, input = 0): PreparedNode[] {
    const path: PreparedNode[] = [];
    let source = this.#byName.get(node.inputs[input] ?? '');
    while (source !== undefined) {
      if (source.kind !== FAKE) path.push(source);
      if (SCALING.test(source.kind)) break;
      source = this.#byName.get(source.inputs[0] ?? '');
    }
    return path;
  }

  /** Whether an Identity or a Dropout, which the exported model has no longer, lies before a node or right behind it. */
  meetsUnseen(node: PreparedNode): boolean {
    const pending = [node, ...this.#readers(node).flatMap((reader) => [reader, ...this.#readers(reader)])];
    const seen = new Set(pending);
    for (const one of seen) {
      if (UNSEEN.has(one.kind)) return true;
      for (const name of one.inputs) {
        const source = this.#byName.get(name);
        if (source !== undefined) seen.add(source);
      }
    }
    return false;
  }

  /** Operators that a node's result is read by, past observers, Identity and Dropout. */
  operatorsBehind(node: PreparedNode): PreparedNode[] {
    return this.#readers(node).flatMap((reader) =>
      reader.kind === FAKE || UNSEEN.has(reader.kind) ? this.operatorsBehind(reader) : [reader],
    );
  }

  /** The additions that a node's integers reach without another scale. */
  additionsBehind(node: PreparedNode): PreparedNode[] {
    return this.#readers(node).flatMap((reader) =>
      reader.kind === 'add' ? [reader] : SCALING.test(reader.kind) ? [] : this.additionsBehind(reader),
    );
  }

  /** The scales of operands and result of an addition. */
  scalesOf(addition: PreparedNode): (number | undefined)[] {
    const operands = addition.inputs.map((_, i) => this.pathTo(addition, i).at(-1));
    return [...operands, addition].map((node) => node && this.observerBehind(node)?.scale);
  }

  #readers({ name }: PreparedNode): PreparedNode[] {
    return this.nodes.filter(({ inputs }) => inputs.includes(name));
  }
}

/** `operation|name|target|class|inputs`, the inputs as Python prints a list of names, a tuple for a concatenation. */
function parseNode(line: string): PreparedNode {
  const [operation = '', name = '', target = '', type = '', inputs = ''] = line.split('|');
  const called = /(?:function|method) (\w+)/.exec(target)?.[1] ?? target;
  const kind = operation === 'placeholder' ? operation : type === '' ? called : type;
  return { name, kind, inputs: [...inputs.matchAll(/[A-Za-z_]\w*/g)].map(([match]) => match) };
}
