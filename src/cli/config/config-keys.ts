import type { CompileFlags } from '../invocation.js';

/** How the value of a key is written: one text or number, several, true or false, or true in place of names. */
export type KeyKind = 'text' | 'texts' | 'flag' | 'path' | 'paths' | 'names' | 'optional-path';

export interface ConfigKey {
  /** As the option is called on the command line. */
  readonly name: string;
  readonly flag: keyof CompileFlags;
  readonly kind: KeyKind;
}

/** The keys of quantc's own configuration files: the options of `compile` that say what is compiled and how. */
export const CONFIG_KEYS: readonly ConfigKey[] = [
  { name: 'target', flag: 'target', kind: 'text' },
  { name: 'backend', flag: 'backend', kind: 'text' },
  { name: 'calib', flag: 'calib', kind: 'paths' },
  { name: 'calib-batch', flag: 'calibBatch', kind: 'text' },
  { name: 'weight-bits', flag: 'weightBits', kind: 'text' },
  { name: 'activation-bits', flag: 'activationBits', kind: 'text' },
  { name: 'bits', flag: 'bits', kind: 'texts' },
  { name: 'recipe', flag: 'recipe', kind: 'text' },
  { name: 'observer', flag: 'observer', kind: 'text' },
  { name: 'bias-calibration', flag: 'biasCalibration', kind: 'text' },
  { name: 'output', flag: 'output', kind: 'text' },
  { name: 'rules', flag: 'rules', kind: 'text' },
  { name: 'legalise', flag: 'legalise', kind: 'flag' },
  { name: 'surgery', flag: 'surgery', kind: 'names' },
  { name: 'out', flag: 'out', kind: 'path' },
  { name: 'report', flag: 'report', kind: 'path' },
  { name: 'save-config', flag: 'saveConfig', kind: 'optional-path' },
  { name: 'verify-ir', flag: 'verifyIr', kind: 'flag' },
];

/** Options that are given on the command line alone: they say what is printed, or where settings are. */
export const COMMAND_LINE_ONLY: ReadonlySet<string> = new Set([
  'config',
  'json',
  'quiet',
  'verbose',
  'color',
  'no-color',
]);

/** The section in which quantc records what a saved configuration was made with; not an option. */
export const RECORDED = 'recorded';
