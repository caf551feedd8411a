import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { didYouMean, nearest } from '../../ir/nearest.js';
import { withFile } from '../faults.js';
import type { CliIo } from '../io.js';
import { ALL_SURGERY, type Settings } from '../settings.js';
import { ConfigDocument, scalarText, type Entry } from './config-document.js';
import { COMMAND_LINE_ONLY, CONFIG_KEYS, RECORDED, type ConfigKey } from './config-keys.js';
import { readRecord, type ConfigRecord } from './config-record.js';
import { isTensorlab, readTensorlab } from './tensorlab.js';

/** Settings of a file, by the name of the option. */
export interface Config {
  /** False for a file that could not be read as settings at all. */
  readonly legible: boolean;
  readonly values: ReadonlyMap<string, ConfigValue>;
  /** What a saved configuration was made with. */
  readonly record: ConfigRecord | undefined;
  /** Where a file says that the model was trained with its quantisation, so that it must be a QDQ model. */
  readonly trained: string | undefined;
}

/** What options would say, and where: `quant.yaml:3:14`. */
export interface ConfigValue {
  readonly texts: readonly string[];
  readonly place: string;
}

/** A configuration is written by hand or by quantc; nothing else is this large. */
const MOST_BYTES = 2 ** 24;

/**
 * Reads the file of `--config` (spec 4.1): quantc's own keys, or a file of Tiny ML Tensorlab. Paths in it start from its
 * folder. What is wrong in it is noted with the problems, each with line and column.
 * @throws UserError when the file cannot be read
 */
export async function readConfig(name: string, io: CliIo, settings: Settings): Promise<Config> {
  const path = resolve(io.cwd, name);
  const facts = await withFile(`'${name}' cannot be read`, () => io.files.stat(path));
  const nothing: Config = { legible: false, values: new Map(), record: undefined, trained: undefined };
  // That it is missing is told with the other files.
  if (facts === undefined) return nothing;
  if (facts.kind !== 'file' || facts.bytes > MOST_BYTES) {
    const what = facts.kind === 'file' ? 'is too large for settings' : 'is no file';
    settings.refuse(`'${name}' ${what}`, 'give a YAML file to --config', 'config');
    return nothing;
  }
  const bytes = await withFile(`'${name}' cannot be read`, () => io.files.read(path));
  if (bytes.includes(0)) {
    settings.refuse(`'${name}' is no text`, 'give a YAML file to --config', 'config');
    return nothing;
  }
  const document = new ConfigDocument(name, new TextDecoder().decode(bytes), settings);
  const root = document.root();
  if (root === undefined) return { ...nothing, legible: document.isEmpty };
  const entries = document.entries(root);
  if (isTensorlab(entries)) return { ...nothing, legible: true, ...readTensorlab(entries, document) };
  const values = new Map<string, ConfigValue>();
  for (const [key, entry] of entries) {
    const known = CONFIG_KEYS.find((candidate) => candidate.name === key);
    if (known !== undefined) {
      const value = valueOf(known, entry, document, dirname(name));
      if (value !== undefined) values.set(key, value);
    } else if (key !== RECORDED) refuseKey(key, entry, document);
  }
  const recorded = entries.get(RECORDED);
  return { ...nothing, legible: true, values, record: recorded && readRecord(recorded, document) };
}

function refuseKey(key: string, { at }: Entry, document: ConfigDocument): void {
  if (COMMAND_LINE_ONLY.has(key)) {
    document.refuse(at, `'${key}' is given on the command line only`);
    return;
  }
  const names = CONFIG_KEYS.map(({ name }) => name);
  const hint = didYouMean(nearest(key, names, 1)) ?? `known keys: ${names.join(', ')}`;
  document.refuse(at, `there is no setting '${key}'`, hint);
}

/** What is accepted of each kind, in words. */
const ACCEPTED: Readonly<Record<ConfigKey['kind'], string>> = {
  text: 'one word or number',
  texts: 'one text or a list of them',
  flag: 'true or false',
  path: 'one path',
  paths: 'one path or a list of them',
  names: 'true, one name or a list of them',
  'optional-path': 'true or one path',
};

function valueOf(key: ConfigKey, entry: Entry, document: ConfigDocument, folder: string): ConfigValue | undefined {
  const { name, kind } = key;
  const at = entry.value?.range?.[0] ?? entry.at;
  const texts = entry.value && textsOf(kind, entry.value, document);
  if (texts?.some((text) => text.includes('\0')) === true) {
    document.refuse(at, `${name} has a character of code 0, which no name can hold`);
    return undefined;
  }
  if (texts === undefined) {
    const hint = name === 'bits' ? 'write bits as a list of <layer>=<bits>' : undefined;
    document.refuse(at, `${name} is ${described(entry.value)}, accepted: ${ACCEPTED[kind]}`, hint);
    return undefined;
  }
  const place = document.place(at);
  if (kind !== 'path' && kind !== 'paths' && kind !== 'optional-path') return { texts, place };
  return { texts: texts.map((path) => (path === '' || isAbsolute(path) ? path : join(folder, path))), place };
}

function textsOf(kind: ConfigKey['kind'], node: Node, document: ConfigDocument): readonly string[] | undefined {
  const truth = isScalar(node) && typeof node.value === 'boolean' ? node.value : undefined;
  if (kind === 'flag') return truth === undefined ? undefined : truth ? ['true'] : [];
  if (truth !== undefined && kind === 'names') return truth ? [ALL_SURGERY] : [];
  if (truth !== undefined && kind === 'optional-path') return truth ? [''] : [];
  if (truth !== undefined) return undefined;
  const single = scalarText(node);
  if (single !== undefined) return [single];
  if (!isSeq(node) || !LISTS.has(kind)) return undefined;
  const items = node.items.map((item) => scalarText(document.resolve(item as Node)));
  return items.every((item) => item !== undefined) ? items : undefined;
}

const LISTS: ReadonlySet<ConfigKey['kind']> = new Set<ConfigKey['kind']>(['texts', 'paths', 'names']);

function described(node: Node | undefined): string {
  const text = scalarText(node);
  if (text !== undefined) return `'${text}'`;
  if (node === undefined || isScalar(node)) return 'empty';
  return isMap(node) ? 'a mapping' : 'a list';
}
