import type { Diagnostic } from '../../ir/diagnostics.js';
import { UserError } from '../../ir/diagnostics.js';
import { VERSION } from '../../backends/version.js';
import { mistake } from '../faults.js';
import { RECORDED } from './config-keys.js';
import { SYNTHETIC, type ConfigRecord } from './config-record.js';

const HINT = `give what it was recorded with, or leave out the section '${RECORDED}' to start from the settings alone`;

/** @throws UserError for another model than the one recorded */
export function checkModel({ place, modelSha256 }: ConfigRecord, found: string, file: string): void {
  if (modelSha256 === undefined || modelSha256 === found) return;
  const message = `'${file}' is not the model that the configuration was recorded with`;
  throw new UserError(mistake('recorded-model', message, HINT, { file: place }));
}

/**
 * @param found undefined for random numbers in place of data
 * @throws UserError for other calibration data than those recorded
 */
export function checkCalibration({ place, calibrationSha256 }: ConfigRecord, found: string | undefined): void {
  if (calibrationSha256 === undefined || calibrationSha256 === (found ?? SYNTHETIC)) return;
  const message =
    found === undefined
      ? 'the configuration was recorded with calibration data, and none are given'
      : calibrationSha256 === SYNTHETIC
        ? 'the configuration was recorded without calibration data, and some are given'
        : 'the calibration data are not those that the configuration was recorded with';
  throw new UserError(mistake('recorded-calibration', message, HINT, { file: place }));
}

/** Says that the model made is not the one recorded: other options on the command line, or another version of quantc. */
export function resultRemarks({ place, version, resultSha256 }: ConfigRecord, found: string): Diagnostic[] {
  if (resultSha256 === undefined || resultSha256 === found) return [];
  const by = version === undefined || version === VERSION ? 'other settings' : `version ${version} of quantc`;
  return [
    {
      code: 'recorded-result',
      severity: 'warning',
      message: `the model is not the one recorded, which was made by ${by}`,
      at: { file: place },
    },
  ];
}
