import { valuesOf, type Graph } from '../../ir/graph.js';

/** Graphs whose tensors an array may be named after: what runs, and the model as it is written. */
export interface NamedGraphs {
  readonly graph: Graph;
  readonly source: Graph;
}

/** The names of a model's inputs, outputs and tensors, as it gives them and as files and programs can bear them. */
export class ModelNames {
  readonly #names: ReadonlySet<string>;
  /** By what is left of a name; undefined for what several share. */
  readonly #mangled = new Map<Mangle, ReadonlyMap<string, string | undefined>>();

  constructor({ graph, source }: NamedGraphs) {
    const values = [...valuesOf(graph), ...valuesOf(source)].filter(({ constant }) => constant === undefined);
    const names = [...values.map(({ name }) => name), ...graph.outputs.map(({ name }) => name)];
    this.#names = new Set(names.filter((name) => name !== ''));
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** The one name that a file (`/conv1/Conv_output_0` as `conv1_Conv_output_0`) or else an identifier of C stands for. */
  meantBy(name: string): string | undefined {
    for (const mangle of [asFileName, asIdentifier]) {
      const found = this.#tableOf(mangle).get(mangle(name));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #tableOf(mangle: Mangle): ReadonlyMap<string, string | undefined> {
    const known = this.#mangled.get(mangle);
    if (known !== undefined) return known;
    const table = new Map<string, string | undefined>();
    for (const name of this.#names) {
      const key = mangle(name);
      table.set(key, table.has(key) ? undefined : name);
    }
    this.#mangled.set(mangle, table);
    return table;
  }
}

type Mangle = (name: string) => string;

const trimmed = (name: string): string => name.replace(/^_|_$/g, '');

/** What is left of a name in which only letters, digits, points and hyphens are kept, and runs of others are one underscore. */
const asFileName: Mangle = (name) => trimmed(name.replace(/[^A-Za-z0-9.-]+/g, '_'));

/** Likewise without points and hyphens, upper case being lower. */
const asIdentifier: Mangle = (name) => trimmed(name.replace(/[^A-Za-z0-9]+/g, '_')).toLowerCase();
