import { SingleBar } from 'cli-progress';
import type { CliIo } from './io.js';
import type { Console } from './console.js';

/** A bar on stderr while samples go by; nothing where stderr is no terminal. */
export class Progress {
  readonly #bar: SingleBar | undefined;
  #label = '';

  constructor(io: CliIo, console: Console) {
    if (!console.showsProgress) return;
    const { stderr } = io;
    const stream: Partial<NodeJS.WriteStream> = {
      isTTY: true,
      get columns() {
        return stderr.columns ?? 80;
      },
      write: (text: string | Uint8Array) => {
        stderr.write(String(text));
        return true;
      },
    };
    this.#bar = new SingleBar({
      // Of a stream, cli-progress uses these three.
      stream: stream as NodeJS.WriteStream,
      format: '{label} {bar} {value}/{total} samples',
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      clearOnComplete: true,
      // Nothing of the terminal is changed that an interrupted run would leave changed.
      linewrap: true,
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

  /** Takes the bar away. */
  stop(): void {
    if (this.#label !== '') this.#bar?.stop();
    this.#label = '';
  }
}
