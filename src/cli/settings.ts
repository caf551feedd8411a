import type { Diagnostic } from '../ir/diagnostics.js';
import { findTarget, TARGETS, type Target } from '../backends/targets.js';
import { mistake } from './faults.js';
import { didYouMean, nearest } from './text/nearest.js';

/** Reads option values; every mistake is kept, so that all are told at once. */
export class Settings {
  readonly problems: Diagnostic[] = [];

  refuse(message: string, hint?: string, code = 'usage'): void {
    this.problems.push(mistake(code, message, hint));
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

  /** One of a few words. */
  choice<T extends string>(option: string, value: string | undefined, accepted: readonly T[]): T | undefined {
    if (value === undefined) return undefined;
    const found = accepted.find((word) => word === value);
    if (found !== undefined) return found;
    const hint = didYouMean(nearest(value, accepted, 1));
    this.refuse(`${option} is '${value}', accepted: ${accepted.join(', ')}`, hint);
    return undefined;
  }

  /** A positive whole number. */
  count(option: string, value: string | undefined): number | undefined {
    if (value === undefined) return undefined;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
    if (number > 0) return number;
    this.refuse(`${option} is '${value}', accepted: a whole number from 1 on`);
    return undefined;
  }

  /** A width that integers may have once all are implemented; 8 for now. */
  bits(option: string, value: string | undefined): void {
    if (value === undefined || value === '8') return;
    if (value === '4' || value === '2') {
      this.refuse(
        `${option} ${value} is not available in this version`,
        'leave the option out: 8 bits',
        'not-available',
      );
    } else this.refuse(`${option} is '${value}', accepted: 8`);
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
