import { SingleBar } from 'cli-progress';
import type { CompileOptions } from '../backends/options.js';
import type { CliIo } from './io.js';
import type { Console } from './console.js';

/** A bar on stderr while samples go by; nothing where stderr is no terminal. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  #label = '';

  constructor(io: CliIo, console: Console) {
    if (!console.showsProgress) return;
    const stream = Object.defineProperties(Object.create(null), {
      isTTY: { value: true },
      columns: { get: () => io.stderr.columns ?? 80 },
      write: { value: io.stderr.write },
    }) as NodeJS.WritableStream;
    this.#bar = new SingleBar({
      stream,
      format: '{label} {bar} {value}/{total} samples',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      clearOnComplete: true,
      fps: 20,
    });
  }

  /** Shows how far something with a known number of samples has come. */
  readonly show = (label: string, done: number, total: number | undefined): void => {
    if (this.#bar === undefined || total === undefined) return;
    if (label !== this.#label) {
      this.stop();
      this.#label = label;
      this.#bar.start(total, 0, { label });
    }
    this.#bar.update(Math.min(done, total));
  };

  /** The same in the words of a compilation. */
  readonly compile: NonNullable<CompileOptions['progress']> = (stage, done, total) => {
    this.show(stage, done, total);
  };

  /** Takes the bar away. */
  stop(): void {
    if (this.#label !== '') this.#bar?.stop();
    this.#label = '';
  }
}
