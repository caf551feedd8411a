import { isMap } from 'yaml';
import { scalarText, type ConfigDocument, type Entry } from './config-document.js';

/** What a saved configuration was made with, so that the same model can be made again or the difference told. */
export interface ConfigRecord {
  readonly place: string;
  readonly version: string | undefined;
  readonly modelSha256: string | undefined;
  /** SYNTHETIC where no calibration data were given. */
  readonly calibrationSha256: string | undefined;
  readonly resultSha256: string | undefined;
}

/** Stands for the digest of random numbers in place of calibration data. */
export const SYNTHETIC = 'synthetic';

/** Reads the section `recorded`; of its many figures only those that identify something. */
export function readRecord({ at, value }: Entry, document: ConfigDocument): ConfigRecord | undefined {
  if (!isMap(value)) {
    document.refuse(at, 'recorded is no mapping', 'leave the section out to start afresh');
    return undefined;
  }
  const entries = document.entries(value);
  const text = (key: string): string | undefined => scalarText(entries.get(key)?.value);
  return {
    place: document.place(at),
    version: text('version'),
    modelSha256: text('model-sha256'),
    calibrationSha256: text('calibration-sha256'),
    resultSha256: text('result-sha256'),
  };
}
