import type { Diagnostic } from '../ir/diagnostics.js';
import type { SurgeryEntry } from '../passes/surgery/entry.js';
import { findSurgery, SURGERY } from '../passes/surgery/table.js';
import { findTarget, TARGETS, type BackendName, type Target } from '../backends/targets.js';
import { WIDTHS, type Bits } from '../backends/quantisation.js';
import type { LayerBits } from '../backends/split/widths.js';
import { mistake } from './faults.js';
import { didYouMean, nearest } from '../ir/nearest.js';

/** The value of --surgery that stands for the whole table. */
export const ALL_SURGERY = 'all';

/** Reads option values; every mistake is kept, so that all are told at once. */
export class Settings {
  readonly problems: Diagnostic[] = [];

  refuse(message: string, hint?: string, code = 'usage'): void {
    this.problems.push(mistake(code, message, hint));
  }

  /** Does something whose problems are those of a place in a file; of none when undefined. */
  within<T>(place: string | undefined, work: () => T): T {
    const before = this.problems.length;
    const result = work();
    this.#locate(place, before);
    return result;
  }

  /** The same for what takes time, during which nothing else notes problems. */
  async withinLater<T>(place: string | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.problems.length;
    const result = await work();
    this.#locate(place, before);
    return result;
  }

  #locate(place: string | undefined, from: number): void {
    if (place === undefined) return;
    const found = this.problems.splice(from);
    this.problems.push(...found.map((problem) => ({ ...problem, at: { file: place, ...problem.at } })));
  }

  /** The target of a name; a near one is suggested for a name that is none. */
  target(name: string): Target | undefined {
    const found = findTarget(name);
    if (found !== undefined) return found;
    const names = TARGETS.flatMap((target) => [target.name, ...target.aliases]);
    const hint = didYouMean(nearest(name, names)) ?? '`quantc targets` lists the targets';
    this.refuse(`the target '${name}' is not known`, hint, 'unknown-target');
    return undefined;
  }

  /** A backend that the target takes. */
  backend(option: string, value: string | undefined, target: Target | undefined): BackendName | undefined {
    const found = this.choice(option, value, ['tinpu', 'generic'] as const);
    if (target !== undefined && found !== undefined && !target.backends.includes(found)) {
      const accepted = target.backends.join(', ');
      this.refuse(`the target ${target.name} does not take the ${found} backend, accepted: ${accepted}`);
    }
    return found;
  }

  /** One of a few words. */
  choice<T extends string>(option: string, value: string | undefined, accepted: readonly T[]): T | undefined {
    if (value === undefined) return undefined;
    const found = accepted.find((word) => word === value);
    if (found !== undefined) return found;
    const hint = didYouMean(nearest(value, accepted, 1));
    this.refuse(`${option} is '${value}', accepted: ${accepted.join(', ')}`, hint);
    return undefined;
  }

  /** Entries of the table of surgery by their names, with commas between; undefined for no value. */
  surgery(option: string, values: readonly string[]): readonly SurgeryEntry[] | undefined {
    if (values.length === 0) return undefined;
    const chosen = new Set<SurgeryEntry>();
    for (const name of values.flatMap((value) => value.split(',')).map((word) => word.trim())) {
      const found = name.toLowerCase() === ALL_SURGERY ? SURGERY : findSurgery(name);
      if (found === undefined) this.#refuseSurgery(option, name);
      else for (const entry of [found].flat()) chosen.add(entry);
    }
    return SURGERY.filter((entry) => chosen.has(entry));
  }

  #refuseSurgery(option: string, name: string): void {
    const names = [ALL_SURGERY, ...SURGERY.map((entry) => entry.name)];
    this.refuse(`${option} is '${name}', accepted: ${names.join(', ')}`, didYouMean(nearest(name, names, 1)));
  }

  /** A positive whole number. */
  count(option: string, value: string | undefined): number | undefined {
    if (value === undefined) return undefined;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
    if (number > 0) return number;
    this.refuse(`${option} is '${value}', accepted: a whole number from 1 on`);
    return undefined;
  }

  /** A number from 0 to 1. */
  share(option: string, value: string | undefined): number | undefined {
    if (value === undefined) return undefined;
    const number = /^(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : NaN;
    if (number >= 0 && number <= 1) return number;
    this.refuse(`${option} is '${value}', accepted: a number from 0 to 1`);
    return undefined;
  }

  /** A number that is not negative. */
  amount(option: string, value: string | undefined): number | undefined {
    if (value === undefined) return undefined;
    if (/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value))) return Number(value);
    this.refuse(`${option} is '${value}', accepted: a number from 0 on`);
    return undefined;
  }

  /** A width of integers. */
  bits(option: string, value: string | undefined): Bits | undefined {
    if (value === undefined) return undefined;
    const found = WIDTHS.find((width) => String(width) === value);
    if (found === undefined) this.refuse(`${option} is '${value}', accepted: 8, 4, 2`);
    return found;
  }

  /** `<layer>=<weights>`, `<layer>=<weights>/<activations>` or `<layer>=/<activations>`, each for another layer. */
  layerBits(option: string, values: readonly string[]): ReadonlyMap<string, LayerBits> {
    const layers = new Map<string, LayerBits>();
    for (const value of values) {
      const at = value.lastIndexOf('=');
      const name = value.slice(0, Math.max(0, at));
      const [weights = '', activations, ...rest] = value.slice(at + 1).split('/');
      if (name === '' || rest.length > 0 || (weights === '' && (activations ?? '') === '')) {
        this.refuse(`${option} is '${value}', accepted: <layer>=<bits of weights>[/<bits of activations>]`);
      } else if (layers.has(name)) this.refuse(`${option} names the layer '${name}' twice`);
      else {
        layers.set(name, {
          weights: weights === '' ? undefined : this.bits(`${option} ${name}`, weights),
          activations: activations === undefined ? undefined : this.bits(`${option} ${name}`, activations),
        });
      }
    }
    return layers;
  }

  /** The one model among the arguments. */
  model(command: string, operands: readonly string[]): string {
    const [model = '', ...others] = operands;
    if (others.length > 0) {
      const data = others.every((operand) => !operand.endsWith('.onnx'));
      const hint = data ? 'each data file wants its option in front of it; a folder can be given once' : undefined;
      this.refuse(`${command} takes one model, found ${operands.map((operand) => `'${operand}'`).join(', ')}`, hint);
    }
    return model;
  }
}
