import type { Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import type { Builder, Rule } from '../../../passes/rule.js';
import type { RuleSet } from '../placement/rules.js';
import { buildConv, rearranged } from './build.js';
import { convRule } from './conv-rule.js';
import type { Form } from './form.js';

/**
 * q.Conv of stride s along the height → stride 1 over s times the channels: row p of each block of s rows becomes channel
 * c·s + p, and the kernel, filled up with zero taps to a multiple of s, folds in the same way.
 */
export const foldStrideIntoChannels = (rules: RuleSet): Rule =>
  convRule('fold-stride-into-channels', rules, (layer, { from, to: form }, to) => {
    const stride = from.shape.strides[0];
    const [outputs = 0, inputs = 0, height = 1, width = 1] = layer.weight.constant.dims;
    const weight = rearranged(
      layer.weight.constant,
      [outputs, inputs * stride, ...form.shape.kernel],
      ([o = 0, folded = 0, block = 0, x = 0]) => {
        const y = block * stride + (folded % stride);
        return y < height ? ((o * inputs + Math.floor(folded / stride)) * height + y) * width + x : undefined;
      },
    );
    return buildConv(to, layer, form, { x: foldRows(to, layer.x, from, form), weight });
  });

/** [N, C, H, W] → [N, C·s, blocks, W], padded in front as the convolution was and cut or padded behind to whole blocks. */
function foldRows(to: Builder, x: Value, from: Form, form: Form): Value {
  const stride = from.shape.strides[0];
  const channels = from.shape.inputChannels;
  const [height, width] = [Number(from.map[0]), Number(from.map[1])];
  const blocks = Number(form.map[0]);
  const { quantisation } = x.type;
  const step = (op: string, value: Value, operand: readonly number[], part: string): Value =>
    to.op(op, [value, to.constant(Tensor.int64([...operand]))], {}, { quantisation, part, bare: true });
  const top = from.pads[0];
  const behind = blocks * stride - top - height;
  const whole = top === 0 && behind === 0 ? x : step('Pad', x, [0, 0, top, 0, 0, 0, behind, 0], 'rows_padded');
  const split = step('Reshape', whole, [-1, channels, blocks, stride, width], 'rows_split');
  const turned = to.op(
    'Transpose',
    [split],
    { perm: [0, 1, 3, 2, 4] },
    { quantisation, part: 'rows_turned', bare: true },
  );
  return step('Reshape', turned, [-1, channels * stride, blocks, width], 'rows_folded');
}
