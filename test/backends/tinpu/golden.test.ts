import { ORT_LEVELS } from '../../support/equal-runs.js';
import { describeReferenceNetworks } from '../../support/reference-networks.js';

describeReferenceNetworks([
  // The errors of both are a few units of the last place on 64 test inputs, so chance decides by tenths of a decibel where
  // the wrapper has no defect: cls_55k_v1 is 0.8 dB below.
  { bits: 8, levels: ORT_LEVELS, bars: ['w8_frozen', 'w8'], tolerance: 1, median: 3 },
  { bits: 2, levels: ['disabled', 'all'], bars: ['w2'], tolerance: 0, median: 6 },
]);
