import type { CompileFlags } from '../invocation.js';
import { CONFIG_KEYS } from './config-keys.js';
import type { Config } from './read-config.js';

/** Flags with the settings of a file behind them, and where those that a file gave stand in it, by name of the option. */
export interface MergedFlags {
  readonly flags: CompileFlags;
  readonly places: ReadonlyMap<string, string>;
}

/** The command line goes before the file, option by option; what can be given several times is replaced as a whole. */
export function mergeConfig(flags: CompileFlags, { values }: Pick<Config, 'values'>): MergedFlags {
  const merged: Record<string, unknown> = { ...flags };
  const places = new Map<string, string>();
  for (const { name, flag, kind } of CONFIG_KEYS) {
    const value = values.get(name);
    if (value === undefined || isGiven(flags[flag])) continue;
    places.set(name, value.place);
    if (kind === 'flag') merged[flag] = value.texts.length > 0;
    else if (kind === 'texts' || kind === 'paths' || kind === 'names') merged[flag] = value.texts;
    else merged[flag] = value.texts[0];
  }
  return { flags: merged as unknown as CompileFlags, places };
}

const isGiven = (value: CompileFlags[keyof CompileFlags]): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
