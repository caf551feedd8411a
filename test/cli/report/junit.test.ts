import { describe, expect, it } from 'vitest';
import { junitXml } from '../../../src/cli/report/junit.js';
import type { TensorVerdict } from '../../../src/backends/verify/judge-vector.js';
import type { VectorVerdict } from '../../../src/backends/verify/verify-vectors.js';
import { summariseVerify } from '../../../src/cli/report/verify-report.js';

const EQUAL: TensorVerdict = {
  name: 'a',
  kind: 'tensor',
  dims: [2],
  equal: true,
  patterns: [],
  elements: 2,
  differing: 0,
  first: undefined,
  largest: undefined,
};
const difference = { index: 1, position: [1], expected: 3, got: 5 };
const WRONG: TensorVerdict = {
  ...EQUAL,
  name: 'b',
  equal: false,
  differing: 1,
  first: difference,
  largest: difference,
};
const vector = (label: string, tensors: readonly TensorVerdict[]): VectorVerdict => ({
  label,
  equal: tensors.every(({ equal }) => equal),
  tensors,
  diverges: tensors.find(({ equal }) => !equal)?.name,
  explanations: [],
});
const xmlOf = (model: string, ...vectors: readonly VectorVerdict[]): string[] =>
  junitXml(summariseVerify(model, 0, vectors, 1)).split('\n');

describe('junitXml', () => {
  it('is a document of a suite for each vector, whose counts add up', () => {
    expect(xmlOf('m.onnx', vector('set 0', [EQUAL]), vector('set 1', [EQUAL, WRONG]))).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="quantc verify" tests="3" failures="1" errors="0">',
      '  <testsuite name="set 0" tests="1" failures="0" errors="0">',
      '    <testcase classname="m.onnx" name="a"/>',
      '  </testsuite>',
      '  <testsuite name="set 1" tests="2" failures="1" errors="0">',
      '    <testcase classname="m.onnx" name="a"/>',
      '    <testcase classname="m.onnx" name="b">',
      expect.stringMatching(
        /^ {6}<failure type="difference" message="&apos;b&apos;.* expected 3, got 5.*"><\/failure>$/,
      ),
      '    </testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ]);
  });

  it('has no markup but its own', () => {
    const text = xmlOf('<m&"', vector('<v>', [{ ...WRONG, name: '"><x a=\'' }])).join('\n');
    expect(text).not.toMatch(/<m&|<v>|<x/);
    expect(text.match(/<\/?\w+/g)).toEqual([
      '<testsuites',
      '<testsuite',
      '<testcase',
      '<failure',
      '</failure',
      '</testcase',
      '</testsuite',
      '</testsuites',
    ]);
  });

  it('is a document of nothing without vectors', () => {
    expect(xmlOf('m')).toContain('<testsuites name="quantc verify" tests="0" failures="0" errors="0">');
  });
});
