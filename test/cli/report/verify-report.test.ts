import { describe, expect, it } from 'vitest';
import type { TensorVerdict } from '../../../src/backends/verify/judge-vector.js';
import type { VectorVerdict } from '../../../src/backends/verify/verify-vectors.js';
import { junitXml } from '../../../src/cli/report/junit.js';
import { differenceText, placeOf, summariseVerify, verifyReport } from '../../../src/cli/report/verify-report.js';
import { streamStyle } from '../../../src/cli/text/style.js';

const stream = { isTTY: false, columns: undefined, write: () => undefined };
const OPTIONS = { style: streamStyle(stream, {}, false), width: 100 } as unknown as Parameters<typeof verifyReport>[1];

const tensor = (name: string, change: Partial<TensorVerdict> = {}): TensorVerdict => ({
  name,
  kind: 'tensor',
  dims: [1, 4],
  equal: true,
  patterns: [],
  elements: 4,
  differing: 0,
  first: undefined,
  largest: undefined,
  ...change,
});
const WRONG = tensor('conv<1>', {
  equal: false,
  patterns: ['off-by-one'],
  differing: 2,
  first: { index: 1, position: [0, 1], expected: 3, got: 4 },
  largest: { index: 2, position: [0, 2], expected: NaN, got: 4 },
});
const vector = (label: string, ...tensors: readonly TensorVerdict[]): VectorVerdict => {
  const diverges = tensors.find(({ equal }) => !equal)?.name;
  return { label, equal: diverges === undefined, tensors, diverges, explanations: [] };
};
const EXPLAINED: VectorVerdict = {
  ...vector('set "1"', tensor('a'), WRONG),
  explanations: [{ cause: 'missing-bias', text: 'layers leave out their bias', layer: 'fc' }],
};

describe('verifyReport', () => {
  const text = (...vectors: readonly VectorVerdict[]): string =>
    verifyReport(summariseVerify('m.onnx', 0, vectors, 1), OPTIONS).join('\n');
  it('says in one line that all are equal', () => {
    expect(text(vector('set 0', tensor('a'), tensor('b')))).toMatch(
      /^m\.onnx: equal bit for bit; 1 vector, 2 tensors in .+$/,
    );
    const summary = summariseVerify('m.onnx', 2, [vector('set 0', tensor('a'))], 1);
    expect(verifyReport(summary, OPTIONS).join('\n')).toContain('equal within 2');
  });
  it('tells where vectors differ, what the differences have in common, and the cause', () => {
    const told = text(vector('set 0', tensor('a')), EXPLAINED);
    expect(told).toContain('1 of 2 vectors differs');
    expect(told).toContain("first differs 'conv<1>'");
    expect(told).toMatch(/conv<1>\s+2 of 4\s+\[0,1\] \(1\)\s+3\s+4\s+Infinity/);
    expect(told).toContain('all differences are 1: a matter of rounding');
    expect(told).toContain("explained when layers leave out their bias, in 'fc' alone");
  });
  it('shows eight vectors and counts the others', () => {
    const told = text(...Array.from({ length: 11 }, (_, k) => vector(`set ${k}`, WRONG)));
    expect(told.match(/first differs/g)).toHaveLength(8);
    expect(told).toContain('3 more vectors differ; --json tells all');
  });
});

describe('differenceText', () => {
  it('is one sentence', () => {
    expect(differenceText(WRONG)).toBe(
      "'conv<1>' (1x4): 2 of 4 elements differ; first at [0,1] (1): expected 3, got 4; largest difference Infinity",
    );
    expect(differenceText(tensor('a'))).toContain("'a'");
    expect(placeOf({ index: 7, position: [7], expected: 0, got: 1 })).toBe('7');
  });
});

describe('junitXml', () => {
  const xml = junitXml(summariseVerify('m&m.onnx', 0, [vector('set 0', tensor('a')), EXPLAINED], 1));
  it('has a suite for each vector and a case for each tensor', () => {
    expect(xml).toContain('<testsuites name="quantc verify" tests="3" failures="1" errors="0">');
    expect(xml.match(/<testsuite /g)).toHaveLength(2);
    expect(xml.match(/<testcase /g)).toHaveLength(3);
    expect(xml.match(/<failure /g)).toHaveLength(1);
    expect(xml.split('<testsuite ').length - 1).toBe(xml.split('</testsuite>').length - 1);
  });
  it('escapes names, and tells the cause', () => {
    expect(xml).toContain('name="set &quot;1&quot;"');
    expect(xml).toContain('classname="m&amp;m.onnx" name="conv&lt;1&gt;"');
    expect(xml).toContain('explained when layers leave out their bias, in &apos;fc&apos; alone');
    const odd = junitXml(summariseVerify('m', 0, [vector('\u0000\ud800\u001b[2J', tensor('a'))], 1));
    expect(odd).toContain('name="\ufffd\ufffd\ufffd[2J"');
  });
});
