import { dropUnchangingOp } from '../../../src/passes/rules/drop-unchanging-op.js';
import { describeRule, type RewriteCase, type UntouchedCase } from '../../support/rules.js';

const graph = (type: string, constants: string, call: string): string => `graph "g"
input %x: ${type}
${constants}
%a = Neg(%x) "a"
%b = ${call} "b"
%y = Neg(%b) "y"
output "y" = %y
output "b" = %b`;

const dropped = (name: string, type: string, constants: string, call: string): RewriteCase => ({
  name,
  before: graph(type, constants, call),
  after: `graph "g"
input %x: ${type}
%a = Neg(%x) "a"
%y = Neg(%a) "y"
output "y" = %y
output "b" = %a`,
});

const ints = (label: string, values: readonly number[]): string =>
  `const %${label}: int64[${values.length}] = [${values.join(', ')}]`;

const untouched = (name: string, type: string, constant: string, call: string): UntouchedCase => ({
  name,
  graph: graph(type, constant, call),
});

describeRule(dropUnchangingOp, {
  rewrites: [
    dropped('Cast', 'float32[N]', '', 'Cast(%a) {to = 1}'),
    dropped('CastLike', 'float32[N]', 'const %c: float32[] = [0]', 'CastLike(%a, %c)'),
    dropped('Reshape with a copied and a derived size', 'float32[N,3]', ints('s', [0, -1]), 'Reshape(%a, %s)'),
    dropped('Reshape with a derived batch', 'float32[N,3]', ints('s', [-1, 3]), 'Reshape(%a, %s)'),
    dropped('Flatten of a matrix', 'float32[N,3]', '', 'Flatten(%a)'),
    dropped('Squeeze of no axes', 'float32[2,3]', '', 'Squeeze(%a)'),
    dropped('Transpose to the same order', 'float32[N,3]', '', 'Transpose(%a) {perm = [0, 1]}'),
    dropped('Transpose that swaps axes of size 1', 'float32[N,1,1]', '', 'Transpose(%a) {perm = [0, 2, 1]}'),
    dropped(
      'Slice of everything',
      'float32[N,3]',
      `${ints('s', [0, 0])}\n${ints('e', [9223372036854776, 3])}`,
      'Slice(%a, %s, %e)',
    ),
    dropped(
      'Slice in steps of an axis of size 1',
      'float32[1,3]',
      `${ints('s', [0])}\n${ints('e', [9])}\n${ints('t', [2])}`,
      'Slice(%a, %s, %e, _, %t)',
    ),
    dropped(
      'Slice with negative bounds',
      'float32[2,3]',
      `${ints('s', [-3])}\n${ints('e', [3])}\n${ints('i', [-1])}`,
      'Slice(%a, %s, %e, %i)',
    ),
    dropped('Pad by nothing', 'float32[N,3]', ints('p', [0, 0, 0, 0]), 'Pad(%a, %p) {mode = "reflect"}'),
    dropped(
      'Pad by nothing along one axis',
      'float32[N,3]',
      `${ints('p', [0, 0])}\n${ints('i', [1])}`,
      'Pad(%a, %p, _, %i)',
    ),
    dropped('Expand to the same shape', 'float32[N,3]', ints('s', [1, 3]), 'Expand(%a, %s)'),
    dropped('Tile once', 'float32[N,3]', ints('r', [1, 1]), 'Tile(%a, %r)'),
    dropped('Split into one', 'float32[2,3]', '', 'Split(%a) {axis = 0, num_outputs = 1}'),
    {
      name: 'between input and output',
      before: 'graph "g"\ninput %x: float32[N]\n%y = Cast(%x) {to = 1}\noutput "y" = %y',
      after: 'graph "g"\ninput %x: float32[N]\noutput "y" = %x',
    },
  ],
  untouched: [
    untouched('Cast to another type', 'float32[N]', '', 'Cast(%a) {to = 11}'),
    untouched('Pad that shifts', 'float32[N,3]', ints('p', [0, 1, 0, -1]), 'Pad(%a, %p)'),
    untouched('Transpose of a square', 'float32[3,3]', '', 'Transpose(%a)'),
    untouched(
      'Slice backwards',
      'float32[3]',
      `${ints('s', [-1])}\n${ints('e', [-9])}\n${ints('t', [-1])}`,
      'Slice(%a, %s, %e, _, %t)',
    ),
    untouched('Slice of a part', 'float32[3]', `${ints('s', [0])}\n${ints('e', [2])}`, 'Slice(%a, %s, %e)'),
    untouched('Pad that shifts', 'float32[3]', ints('p', [1, -1]), 'Pad(%a, %p)'),
    untouched('Reshape to another rank', 'float32[N,3]', ints('s', [0, 1, 3]), 'Reshape(%a, %s)'),
    untouched('Expand of an axis', 'float32[1]', ints('s', [2]), 'Expand(%a, %s)'),
    untouched('Tile of nothing', 'float32[0]', ints('r', [2]), 'Tile(%a, %r)'),
  ],
});
