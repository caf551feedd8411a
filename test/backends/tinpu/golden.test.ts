import { ORT_LEVELS } from '../../support/equal-runs.js';
import { describeReferenceNetworks } from '../../support/reference-networks.js';

describeReferenceNetworks([
  { bits: 8, levels: ORT_LEVELS, bars: ['w8_frozen', 'w8'], median: 3 },
  { bits: 2, levels: ['disabled', 'all'], bars: ['w2'], median: 6 },
]);
