import { describe, expect, it } from 'vitest';
import { ConfigDocument } from '../../../src/cli/config/config-document.js';
import { readRecord } from '../../../src/cli/config/config-record.js';
import { Settings } from '../../../src/cli/settings.js';

function read(text: string): { readonly record: unknown; readonly told: unknown } {
  const settings = new Settings();
  const document = new ConfigDocument('q.yaml', text, settings);
  const root = document.root();
  const entry = root && document.entries(root).get('recorded');
  const record = entry && readRecord(entry, document);
  return { record, told: settings.problems.map(({ at, message }) => [at?.file, message]) };
}

describe('readRecord', () => {
  it('reads what identifies something, whatever YAML takes it for', () => {
    const { record, told } = read(`target: f28p55
recorded:
  version: 1.10
  model-sha256: 0123
  calibration-sha256: synthetic
  result-sha256: 12e4
  layers: [{name: a}]
`);
    expect(told).toEqual([]);
    // 1.10 is another version than 1.1, and the digests are no numbers.
    expect(record).toEqual({
      place: 'q.yaml:2:1',
      version: '1.10',
      modelSha256: '0123',
      calibrationSha256: 'synthetic',
      resultSha256: '12e4',
    });
  });

  it('knows nothing of what is not there', () => {
    expect(read('recorded: {layers: []}\n').record).toEqual({ place: 'q.yaml:1:1' });
  });

  it.each(['recorded:\n', 'recorded: yes\n', 'recorded: [a]\n'])('refuses %j', (text) => {
    expect(read(text)).toEqual({ record: undefined, told: [['q.yaml:1:1', 'recorded is no mapping']] });
  });
});
