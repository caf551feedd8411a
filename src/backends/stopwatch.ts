import type { CompileOptions, Stage } from './options.js';

/** Measures stages and tells progress of them. */
export class Stopwatch {
  readonly #now: (() => number) | undefined;
  readonly #progress: CompileOptions['progress'];
  readonly #seconds = new Map<string, number>();

  constructor({ now, progress }: Pick<CompileOptions, 'now' | 'progress'>) {
    this.#now = now;
    this.#progress = progress;
  }

  async time<T>(stage: Stage, work: () => T | Promise<T>): Promise<T> {
    const start = this.#now?.();
    const result = await work();
    if (this.#now !== undefined && start !== undefined) this.#seconds.set(stage, (this.#now() - start) / 1000);
    return result;
  }

  progress(stage: Stage, done: number, total: number | undefined): void {
    this.#progress?.(stage, done, total);
  }

  /** Seconds by stage; empty without a clock. */
  get seconds(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#seconds);
  }
}
