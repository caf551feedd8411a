import { moveInputNormBeforeLayout } from '../../../../src/backends/tinpu/lower/move-input-norm-before-layout.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

interface Moved {
  readonly name: string;
  readonly input: string;
  readonly call: (x: string) => string;
  readonly result: string;
  /** Dims of the constants behind and in front of the layout. */
  readonly behind: string;
  readonly ahead: string;
  readonly consts?: string;
}

const constants = (dims: string): string => {
  const size = dims.split(',').reduce((product, dim) => product * Number(dim === '' ? 1 : dim), 1);
  const list = (item: (i: number) => number): string => Array.from({ length: size }, (_, i) => item(i)).join(', ');
  return `const %b: float32[${dims}] = [${list((i) => i / 4)}]
    const %m: float32[${dims}] = [${list((i) => 3 + i)}]
    const %n: int32[${dims}] = [${list((i) => i % 3)}]`;
};

const beforeOf = ({ input, call, result, behind, consts = '' }: Omit<Moved, 'ahead'>): string => `graph "g"
    input %x: float32[${input}]
    ${consts}
    ${constants(behind)}
    %a = ${call('%x')} "layout" @[0 "layout" "Layout"]
    %y: int8[${result}]<0.5 s8> = q.InputNorm(%a, %b, %m, %n) {lo = -128, hi = 127} "norm" @[1 "norm" "BatchNormalization"]
    output "y" = %y`;

const ORIGINS = '"norm" @[0 "layout" "Layout", 1 "norm" "BatchNormalization"]';

const moved = (example: Moved) => ({
  name: example.name,
  before: beforeOf(example),
  after: `graph "g"
    input %x: float32[${example.input}]
    ${constants(example.ahead)}
    ${example.consts ?? ''}
    %"y/quantized": int8[${example.input}]<0.5 s8> = q.InputNorm(%x, %b, %m, %n) {lo = -128, hi = 127} ${ORIGINS}
    %y: int8[${example.result}]<0.5 s8> = ${example.call('%"y/quantized"')} ${ORIGINS}
    output "y" = %y`,
});

const SPLIT = 'the layout splits or merges the axis of the per-channel constants';
const kept = (example: Omit<Moved, 'ahead'>) => ({ name: example.name, graph: beforeOf(example), reason: SPLIT });

describeRule(
  moveInputNormBeforeLayout,
  {
    rewrites: [
      moved({
        name: 'Transpose, with the channels',
        input: 'N,4,3',
        call: (x) => `Transpose(${x}) {perm = [0, 2, 1]}`,
        result: 'N,3,4',
        behind: '1,3,1',
        ahead: '1,1,3',
      }),
      moved({
        name: 'Transpose of a single sample that reverses all axes',
        input: '2,3,1',
        call: (x) => `Transpose(${x})`,
        result: '1,3,2',
        behind: '1,3,1',
        ahead: '1,3,1',
      }),
      moved({
        name: 'Unsqueeze behind the channels',
        input: 'N,3,4',
        call: (x) => `Unsqueeze(${x}, %axes)`,
        result: 'N,3,1,4',
        behind: '1,3,1,1',
        ahead: '1,3,1',
        consts: 'const %axes: int64[1] = [2]',
      }),
      moved({
        name: 'Squeeze in front of the channels',
        input: 'N,1,3,4',
        call: (x) => `Squeeze(${x}, %axes)`,
        result: 'N,3,4',
        behind: '3,1',
        ahead: '1,1,3,1',
        consts: 'const %axes: int64[1] = [1]',
      }),
      moved({
        name: 'Reshape that adds axes of size 1',
        input: 'N,5',
        call: (x) => `Reshape(${x}, %shape)`,
        result: 'N,5,1,1',
        behind: '1,5,1,1',
        ahead: '1,5',
        consts: 'const %shape: int64[4] = [0, 5, 1, 1]',
      }),
      moved({
        name: 'Flatten that merges axes, with one constant for all',
        input: 'N,2,3',
        call: (x) => `Flatten(${x}) {axis = 1}`,
        result: 'N,6',
        behind: '1,1',
        ahead: '1,1,1',
      }),
    ],
    refusals: [
      kept({
        name: 'Flatten that merges the channels into others',
        input: 'N,2,3',
        call: (x) => `Flatten(${x}) {axis = 1}`,
        result: 'N,6',
        behind: '1,6',
      }),
      kept({
        name: 'Reshape that splits the axis the channels are on',
        input: 'N,6',
        call: (x) => `Reshape(${x}, %shape)`,
        result: 'N,2,3',
        behind: '1,2,1',
        consts: 'const %shape: int64[3] = [0, 2, 3]',
      }),
      {
        name: 'a layout that others read in float',
        graph: `graph "g"
          input %x: float32[N,2,3]
          const %one: float32[] = [1]
          const %zero: int32[] = [0]
          %a = Flatten(%x) {axis = 1}
          %y = q.InputNorm(%a, %one, %one, %zero) {lo = -128, hi = 127}
          %z = Tanh(%a)
          output "y" = %y
          output "z" = %z`,
        reason: "'a' has other readers",
      },
    ],
  },
  TINPU_RULES,
);
