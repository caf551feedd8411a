import { expect, it } from 'vitest';
import { constantTensor } from '../../../../src/backends/affine/lift/evaluate.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const valueOf = (text: string): ReturnType<typeof constantTensor> => {
  const [output] = parseGraph(`graph "g"\n${text}`, OPERATORS).outputs;
  return output && constantTensor(output.value);
};

it('a value is constant when few nodes make it of constants', () => {
  expect(valueOf('const %a: float32[] = [3]\n%y = Mul(%a, %a)\noutput "y" = %y')?.toNumbers()).toEqual([9]);
  expect(valueOf('input %a: float32[]\n%y = Mul(%a, %a)\noutput "y" = %y')).toBeUndefined();
});

it('a value of many nodes or elements is left alone', () => {
  const doubled = Array.from({ length: 40 }, (_, i) => `%a${i + 1} = Add(%a${i}, %a${i})`).join('\n');
  expect(valueOf(`const %a0: float32[] = [1]\n${doubled}\noutput "y" = %a40`)).toBeUndefined();
  const huge = 'const %a: float32[1] = [1]\nconst %s: int64[1] = [1000000000]\n%y = Expand(%a, %s)\noutput "y" = %y';
  expect(valueOf(huge)).toBeUndefined();
});
