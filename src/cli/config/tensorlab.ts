import { isMap, isScalar } from 'yaml';
import { scalarText, type ConfigDocument, type Entry } from './config-document.js';
import type { Config, ConfigValue } from './read-config.js';

/** Whether a file is one of Tiny ML Tensorlab: it has the sections `common` or `training`. */
export const isTensorlab = (entries: ReadonlyMap<string, Entry>): boolean =>
  isMap(entries.get('common')?.value) || isMap(entries.get('training')?.value);

/** The backend of each quantisation mode. */
const BACKENDS: ReadonlyMap<string, string> = new Map([
  ['1', 'generic'],
  ['2', 'tinpu'],
]);

/**
 * Settings of a Tiny ML Tensorlab file (spec 4.1): the target, the mode of quantisation as backend, and widths. Everything
 * else in such a file concerns training and is left alone.
 */
export function readTensorlab(
  entries: ReadonlyMap<string, Entry>,
  document: ConfigDocument,
): Pick<Config, 'values' | 'trained'> {
  const values = new Map<string, ConfigValue>();
  const section = (name: string): ReadonlyMap<string, Entry> => {
    const node = entries.get(name)?.value;
    return isMap(node) ? document.entries(node) : new Map<string, Entry>();
  };
  const training = section('training');
  const take = (
    key: string,
    place: string,
    entry: Entry | undefined,
    accept: (text: string, at: number) => string | undefined,
  ): void => {
    const at = entry?.value?.range?.[0] ?? entry?.at ?? 0;
    const text = scalarText(entry?.value);
    if (text === undefined && entry?.value !== undefined && !isScalar(entry.value)) {
      document.refuse(at, `${place} is no single word or number`);
    }
    const accepted = text === undefined ? undefined : accept(text, at);
    if (accepted !== undefined) values.set(key, { texts: [accepted], place: document.place(at) });
  };
  const asItIs = (text: string): string => text;
  take('target', 'common.target_device', section('common').get('target_device'), asItIs);
  take('weight-bits', 'training.quantization_weight_bitwidth', training.get('quantization_weight_bitwidth'), asItIs);
  take(
    'activation-bits',
    'training.quantization_activation_bitwidth',
    training.get('quantization_activation_bitwidth'),
    asItIs,
  );
  take('backend', 'training.quantization', training.get('quantization'), (text, at) => {
    const backend = BACKENDS.get(text);
    if (backend !== undefined) return backend;
    if (text === '0') {
      const hint = "set it to 2 for the NPU's arithmetic or 1 for any CPU, or leave the float model as it is";
      document.refuse(at, 'training.quantization is 0 (float): there is nothing to quantise', hint);
    } else document.refuse(at, `training.quantization is '${text}', accepted: 0 (float), 1 (generic), 2 (TINPU)`);
    return undefined;
  });
  let trained: string | undefined;
  take('method', 'training.quantization_method', training.get('quantization_method'), (text, at) => {
    const method = text.toUpperCase();
    if (method === 'QAT') trained = document.place(at);
    else if (method !== 'PTQ') {
      document.refuse(at, `training.quantization_method is '${text}', accepted: PTQ, QAT`);
    }
    return undefined;
  });
  return { values, trained };
}
