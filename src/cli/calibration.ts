import type { CompileOptions } from '../backends/options.js';
import type { Diagnostic } from '../ir/diagnostics.js';
import { digestSamples } from './calibration-digest.js';
import { openCalibration } from './calibration-files.js';
import type { CompilePlan } from './compile-plan.js';
import { checkCalibration } from './config/check-record.js';
import type { CliIo } from './io.js';

/** The calibration data of a compilation, and their digest where a configuration is saved or was recorded. */
export class Calibration {
  /** Nothing without data. */
  readonly option: Pick<CompileOptions, 'samples'>;
  #digest: string | undefined;

  /**
   * @param report takes what is found about the data
   * @throws UserError when a configuration was recorded with data and there are none
   */
  constructor(
    { calibration, config, saveConfig }: Pick<CompilePlan, 'calibration' | 'config' | 'saveConfig'>,
    io: CliIo,
    report: (diagnostic: Diagnostic) => void,
  ) {
    const record = config?.record;
    if (calibration.length === 0) {
      if (record !== undefined) checkCalibration(record, undefined);
      this.option = {};
      return;
    }
    this.option = {
      samples: async (inputs) => {
        const samples = await openCalibration(calibration, inputs, { cwd: io.cwd, report });
        if (record === undefined && saveConfig === undefined) return samples;
        this.#digest = await digestSamples(inputs, samples);
        if (record !== undefined) checkCalibration(record, this.#digest);
        return samples;
      },
    };
  }

  /** Undefined without data, and where nobody asks for it. */
  get digest(): string | undefined {
    return this.#digest;
  }
}
