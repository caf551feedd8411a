import { describeReferenceNetworks } from '../../support/reference-networks.js';

// A file apart from the other widths, so that both run at once: it takes as long as they do together.
describeReferenceNetworks([{ bits: 4, levels: ['disabled', 'all'], bars: ['w4'], median: 2 }]);
