import { foldPadIntoConv } from '../../../src/passes/rules/fold-pad-into-conv.js';
import { describeRule, type RefusalCase } from '../../support/rules.js';

const order = { relative: 1e-6, because: 'zeros may be added at other places of a sum' };

const refusal = (name: string, pad: string, conv: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: float32[2,3,4,5]
input %dynamic: int64[8]
input %number: float32[]
const %w: float32[2,3,2,2] = random 1
const %pads: int64[8] = [0, 0, 1, 0, 0, 0, 0, 2]
const %negative: int64[8] = [0, 0, -1, 0, 0, 0, 0, 2]
const %channel: int64[8] = [0, 1, 0, 0, 0, 0, 0, 0]
const %batch: int64[8] = [0, 0, 0, 0, 1, 0, 0, 0]
const %w4: float32[2,4,2,2] = random 1
const %one: float32[] = [1]
%p = ${pad}
%y = ${conv}
output "y" = %y`,
  reason,
});

describeRule(foldPadIntoConv, {
  rewrites: [
    {
      name: 'a Pad without a value before a Conv without pads',
      before: `graph "g"
input %x: float32[N,3,4,5]
const %w: float32[2,3,2,2] = random 1
const %pads: int64[8] = [0, 0, 1, 0, 0, 0, 3, 2]
%p = Pad(%x, %pads) "pad" @[0 "pad" "Pad"]
%y = Conv(%p, %w) {dilations = [1, 1], strides = [2, 1]} "conv" @[1 "conv" "Conv"]
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,3,4,5]
const %w: float32[2,3,2,2] = random 1
%y = Conv(%x, %w) {dilations = [1, 1], strides = [2, 1], pads = [1, 0, 3, 2]} "conv" @[0 "pad" "Pad", 1 "conv" "Conv"]
output "y" = %y`,
      exactness: order,
    },
    {
      name: 'a Pad of zeros along named axes before a padded Conv with a bias',
      before: `graph "g"
input %x: float32[N,3,4,W]
const %w: float32[2,3,2,2] = random 1
const %b: float32[2] = random 2
const %zero: float32[] = [-0.0]
const %axes: int64[2] = [-1, 2]
const %pads: int64[4] = [1, 2, 3, 4]
%p = Pad(%x, %pads, %zero, %axes) {mode = "constant"}
%y = Conv(%p, %w, %b) {group = 1, pads = [0, 1, 0, 1], strides = [2, 1]}
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,3,4,W]
const %w: float32[2,3,2,2] = random 1
const %b: float32[2] = random 2
%y: float32[N,2,5,"?1"] = Conv(%x, %w, %b) {group = 1, pads = [2, 2, 4, 4], strides = [2, 1]}
output "y" = %y`,
      exactness: order,
    },
    {
      name: 'a Pad that others read as well, before auto_pad VALID',
      before: `graph "g"
input %x: float32[1,3,5]
const %w: float32[2,3,2] = random 1
const %pads: int64[6] = [0, 0, 1, 0, 0, 1]
%p = Pad(%x, %pads)
%y = Conv(%p, %w) {auto_pad = "VALID"}
output "y" = %y
output "p" = %p`,
      after: `graph "g"
input %x: float32[1,3,5]
const %pads: int64[6] = [0, 0, 1, 0, 0, 1]
const %w: float32[2,3,2] = random 1
%p = Pad(%x, %pads)
%y = Conv(%x, %w) {pads = [1, 1]}
output "y" = %y
output "p" = %p`,
      exactness: order,
    },
    {
      name: 'two Pads',
      before: `graph "g"
input %x: float32[1,3,5]
const %w: float32[2,3,2] = random 1
const %pads: int64[6] = [0, 0, 1, 0, 0, 2]
%p = Pad(%x, %pads)
%q = Pad(%p, %pads)
%y = Conv(%q, %w)
output "y" = %y`,
      after: `graph "g"
input %x: float32[1,3,5]
const %w: float32[2,3,2] = random 1
%y = Conv(%x, %w) {pads = [2, 4]}
output "y" = %y`,
      exactness: order,
    },
  ],
  refusals: [
    refusal('ones', 'Pad(%x, %pads, %one)', 'Conv(%p, %w)', 'the Pad adds 1'),
    refusal('a computed value', 'Pad(%x, %pads, %number)', 'Conv(%p, %w)', 'the value that Pad adds is computed'),
    refusal('reflect mode', 'Pad(%x, %pads) {mode = "reflect"}', 'Conv(%p, %w)', 'the Pad is in reflect mode'),
    refusal('computed pads', 'Pad(%x, %dynamic)', 'Conv(%p, %w)', 'the pads are computed'),
    refusal('negative pads', 'Pad(%x, %negative)', 'Conv(%p, %w)', 'negative pads take elements away'),
    refusal('a new channel', 'Pad(%x, %channel)', 'Conv(%p, %w4)', 'adds to the batch or channel axis'),
    refusal('a new sample', 'Pad(%x, %batch)', 'Conv(%p, %w)', 'adds to the batch or channel axis'),
    refusal('auto_pad', 'Pad(%x, %pads)', 'Conv(%p, %w) {auto_pad = "SAME_UPPER"}', 'auto_pad'),
  ],
});
