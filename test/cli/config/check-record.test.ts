import { describe, expect, it } from 'vitest';
import { VERSION } from '../../../src/backends/version.js';
import { checkCalibration, checkModel, resultRemarks } from '../../../src/cli/config/check-record.js';
import { SYNTHETIC, type ConfigRecord } from '../../../src/cli/config/config-record.js';
import { UserError } from '../../../src/ir/diagnostics.js';

const record = (change: Partial<ConfigRecord> = {}): ConfigRecord => ({
  place: 'q.yaml:9:1',
  version: undefined,
  modelSha256: undefined,
  calibrationSha256: undefined,
  resultSha256: undefined,
  ...change,
});
/** Code, place and message of the refusal; undefined for none. */
function refusal(check: () => void): unknown {
  try {
    check();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.diagnostics.map(({ code, at, message }) => [code, at?.file, message]);
  }
  return undefined;
}

describe('what a record knows nothing of', () => {
  it('is not checked', () => {
    expect(refusal(() => checkModel(record(), 'a', 'm.onnx'))).toBeUndefined();
    expect(refusal(() => checkCalibration(record(), 'a'))).toBeUndefined();
    expect(refusal(() => checkCalibration(record(), undefined))).toBeUndefined();
    expect(resultRemarks(record(), 'a')).toEqual([]);
  });
});

describe('checkModel', () => {
  it('wants the model that was recorded', () => {
    expect(refusal(() => checkModel(record({ modelSha256: 'a' }), 'a', 'm.onnx'))).toBeUndefined();
    expect(refusal(() => checkModel(record({ modelSha256: 'a' }), 'b', 'm.onnx'))).toEqual([
      ['recorded-model', 'q.yaml:9:1', "'m.onnx' is not the model that the configuration was recorded with"],
    ]);
  });
});

describe('checkCalibration', () => {
  it.each<[recorded: string, found: string | undefined, message: string | undefined]>([
    ['a', 'a', undefined],
    [SYNTHETIC, undefined, undefined],
    ['a', undefined, 'the configuration was recorded with calibration data, and none are given'],
    [SYNTHETIC, 'a', 'the configuration was recorded without calibration data, and some are given'],
    ['a', 'b', 'the calibration data are not those that the configuration was recorded with'],
  ])('recorded %s, found %s', (recorded, found, message) => {
    expect(refusal(() => checkCalibration(record({ calibrationSha256: recorded }), found))).toEqual(
      message && [['recorded-calibration', 'q.yaml:9:1', message]],
    );
  });
});

describe('resultRemarks', () => {
  it.each<[version: string | undefined, by: string]>([
    ['0.0.0-older', 'version 0.0.0-older of quantc'],
    [VERSION, 'other settings'],
    [undefined, 'other settings'],
  ])('of version %s warn of %s', (version, by) => {
    expect(resultRemarks(record({ version, resultSha256: 'a' }), 'b')).toMatchObject([
      { severity: 'warning', at: { file: 'q.yaml:9:1' }, message: expect.stringContaining(`made by ${by}`) as string },
    ]);
    expect(resultRemarks(record({ version, resultSha256: 'a' }), 'a')).toEqual([]);
  });
});
