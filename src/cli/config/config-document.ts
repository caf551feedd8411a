import {
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type ErrorCode,
  type Node,
  type YAMLMap,
} from 'yaml';
import type { Settings } from '../settings.js';
import { danglingAlias } from './dangling-alias.js';

/** Faults of a file in words of ours; the others are told in those of the parser. */
const FAULTS: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['MULTIPLE_DOCS', 'another document begins here, one mapping of keys to values is accepted in a file'],
  ['RESOURCE_EXHAUSTION', 'the file is nested too deeply, a mapping of keys to values or lists is accepted'],
  ['DUPLICATE_KEY', 'a key is given twice, each is accepted once'],
  ['TAB_AS_INDENT', 'the line is indented with a tab, spaces are accepted'],
  ['BAD_INDENT', 'the indentation of the line does not fit the lines above it'],
  ['BLOCK_AS_IMPLICIT_KEY', 'a mapping begins in the middle of a line, or the next line is indented too far'],
]);

/** A YAML mapping whose entries know their place in the file; what is wrong with it is noted with the problems. */
export class ConfigDocument {
  readonly #file: string;
  readonly #settings: Settings;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(file: string, text: string, settings: Settings) {
    this.#file = file;
    this.#settings = settings;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const { errors } = this.#document;
    // What else is wrong mostly follows from the first fault; nesting too deep for the parser shows up last.
    const fault = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION') ?? errors[0];
    if (fault === undefined) return;
    const words = FAULTS.get(fault.code) ?? `the file is no YAML from here on: ${fault.message}`;
    this.refuse(fault.pos[0], words);
  }

  /** Whether there is nothing in the file, or nothing but comments. */
  get isEmpty(): boolean {
    const { contents, errors } = this.#document;
    return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
  }

  /** The mapping that the whole file is; undefined for an empty file and, with a problem noted, for anything else. */
  root(): YAMLMap | undefined {
    const { contents, errors } = this.#document;
    if (errors.length > 0 || contents === null || this.isEmpty) return undefined;
    const dangling = danglingAlias(contents);
    if (dangling !== undefined) {
      const { source } = dangling;
      this.refuse(startOf(dangling) ?? 0, `the alias *${source} stands for nothing: no &${source} is above it`);
      return undefined;
    }
    const root = this.resolve(contents);
    if (isMap(root)) return root;
    this.refuse(contents.range[0], 'the file is no mapping of keys to values');
    return undefined;
  }

  /** Entries of a mapping by key. Keys that are no text are refused. */
  entries(map: YAMLMap): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key, value } of map.items) {
      const at = startOf(key) ?? 0;
      const name = isScalar(key) ? key.value : key;
      if (typeof name !== 'string') this.refuse(at, 'a key is no text');
      else entries.set(name, { at, value: value === null ? undefined : this.resolve(value as Node) });
    }
    return entries;
  }

  /** What an alias stands for; other nodes as they are. */
  resolve(node: Node): Node | undefined {
    return isAlias(node) ? (node.resolve(this.#document) ?? undefined) : node;
  }

  /** `quant.yaml:3:14`. */
  place(at: number): string {
    const { line, col } = this.#lines.linePos(at);
    return `${this.#file}:${line}:${col}`;
  }

  refuse(at: number, message: string, hint?: string): void {
    this.#settings.within(this.place(at), () => this.#settings.refuse(message, hint, 'config'));
  }
}

export interface Entry {
  /** Where the key begins. */
  readonly at: number;
  /** Undefined for a key without a value. */
  readonly value: Node | undefined;
}

const startOf = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range as number[])[0]
    : undefined;

/** The text of a scalar: words and numbers as they are written; undefined for anything else. */
export function scalarText(node: Node | undefined): string | undefined {
  if (!isScalar(node)) return undefined;
  const { value, source } = node;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return source ?? String(value);
  return undefined;
}
