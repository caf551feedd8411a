import { describe, expect, it } from 'vitest';
import { summariseVectors, vectorsReport } from '../../../src/cli/report/vectors-report.js';
import { streamStyle } from '../../../src/cli/text/style.js';
import { Tensor } from '../../../src/ir/tensor.js';

const tensor = Tensor.float32([1], [1]);
const vector = {
  label: '',
  inputs: [],
  integers: [],
  outputs: [{ name: 'y', tensor }],
  tensors: [{ name: 'a', tensor }],
};
const stream = { isTTY: false, columns: undefined, write: () => undefined };
const OPTIONS = { style: streamStyle(stream, {}, false), columns: 80 };

describe('vectorsReport', () => {
  it('tells the samples, what they show and what was written', () => {
    const recorded = { vectors: [vector, vector], samples: [3, 5], saturations: { seen: 7, covered: 6 } };
    const summary = summariseVectors('m.onnx', recorded, ['v.c', 'v\u001b.h'], 1);
    expect(summary).toMatchObject({ tensors: 1, samples: [3, 5] });
    const [head, ...lines] = vectorsReport(summary, OPTIONS);
    expect(head).toMatch(/^m\.onnx: 2 golden vectors in /);
    expect(lines.slice(0, 3)).toEqual([
      'samples 3, 5; they show 6 of 7 saturated channels and bounds',
      'with 1 integer tensor each',
      'written to v.c',
    ]);
    expect(lines[3]).not.toContain('\u001b');
  });

  it('says nothing of saturation where none was seen', () => {
    const recorded = { vectors: [vector], samples: [3], saturations: { seen: 0, covered: 0 } };
    expect(vectorsReport(summariseVectors('m.onnx', recorded, ['v.c'], 1), OPTIONS)[1]).toBe('samples 3');
  });
});
