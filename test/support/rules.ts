import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../src/ir/editor.js';
import type { Graph } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import type { OperatorTable } from '../../src/ir/ops/table.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { printGraph } from '../../src/ir/text/print.js';
import { verifyGraph } from '../../src/ir/verify.js';
import { rewrites, type Pass } from '../../src/passes/pass.js';
import type { Rule } from '../../src/passes/rule.js';
import { Trace } from '../../src/passes/trace.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import type { KernelTable } from '../../src/runtime/kernel.js';
import { parseExpected, printComparable } from './expected-graph.js';
import { nudgeResult, perturbConstants } from './perturb.js';
import { describeDifference, randomFeeds, runGraph, type Exactness, type FeedOptions } from './random-runs.js';

export interface RewriteCase {
  readonly name: string;
  /** IR text the rules are applied to. */
  readonly before: string;
  /** IR text of the result. See `describeRule` for what may be left open. */
  readonly after: string;
  /** How far float results may be apart; equal bits when omitted. */
  readonly exactness?: Exactness;
  /** Sizes of symbolic dims and ranges of inputs in the random runs, where the defaults do not do. */
  readonly feeds?: FeedOptions;
}

export interface RefusalCase {
  readonly name: string;
  readonly graph: string;
  /** What one of the recorded near misses or, for a pass, one of its diagnostics must say. */
  readonly reason: RegExp | string;
}

/** A graph that the rules are not about: it stays as it is, and nothing needs to be on record. */
export interface UntouchedCase {
  readonly name: string;
  readonly graph: string;
}

export interface RuleCases {
  readonly rewrites: readonly RewriteCase[];
  readonly refusals?: readonly RefusalCase[];
  readonly untouched?: readonly UntouchedCase[];
}

/** What the graphs of the tables are made of and run on. */
export interface RuleDialect {
  readonly operators: OperatorTable;
  readonly kernels: KernelTable;
}

const FLOAT: RuleDialect = { operators: OPERATORS, kernels: FLOAT_KERNELS };

/**
 * Tests of one rule, or of several that are applied together, as tables of IR text. For every rewrite: the graph
 * verifies before and after, the result prints as `after`, its interface keeps its names, a second run changes nothing,
 * the results on seeded random inputs (three runs, other sizes for symbolic dims in each) are equal within `exactness`,
 * and a result graph with a nudged constant or output is told apart. For every refusal: the graph stays as it is and
 * the reason is on record.
 *
 * In `after` the labels of constants do not matter, and `const %w: float32[8,3,3,3] = *` accepts any elements: the
 * comparison of float results then decides. Result types may be left out where inference finds them.
 */
export function describeRule(rules: Rule | readonly Rule[], cases: RuleCases, dialect: RuleDialect = FLOAT): void {
  const list: readonly Rule[] = 'apply' in rules ? [rules] : rules;
  describePass(rewrites(list.map(({ name }) => name).join(' + '), list), cases, dialect);
}

/** The same for a pass that is not made of rules. */
export function describePass(
  pass: Pass,
  { rewrites: rewriteCases, refusals = [], untouched = [] }: RuleCases,
  dialect: RuleDialect = FLOAT,
): void {
  describe(pass.name, () => {
    for (const rewriteCase of rewriteCases) describe(rewriteCase.name, () => testRewrite(pass, rewriteCase, dialect));
    for (const refusal of refusals) it(`refuses ${refusal.name}`, () => testRefusal(pass, refusal, dialect));
    for (const { name, graph } of untouched) it(`leaves alone ${name}`, () => void runUnchanged(pass, graph, dialect));
  });
}

function testRewrite(
  pass: Pass,
  { before, after, exactness = 'bits', feeds = {} }: RewriteCase,
  dialect: RuleDialect,
): void {
  const { operators, kernels } = dialect;
  const rewritten = (): Graph => {
    const graph = parseValid(before, operators);
    runPass(pass, graph, dialect);
    return graph;
  };

  it('gives the expected graph', () => {
    const graph = rewritten();
    expect(violations(graph, operators)).toEqual([]);
    const expected = parseExpected(after, operators);
    expect(violations(expected.graph, operators)).toEqual([]);
    expect(printComparable(graph, expected)).toBe(printComparable(expected.graph, expected));
    expect(interfaceOf(graph)).toEqual(interfaceOf(parseValid(before, operators)));
  });

  it('is done after one run', () => {
    const graph = rewritten();
    const once = printGraph(graph);
    expect(once).not.toBe(printGraph(parseValid(before, operators)));
    runPass(pass, graph, dialect);
    expect(printGraph(graph)).toBe(once);
  });

  it('computes the same, and would be caught if it did not', () => {
    const source = parseValid(before, operators);
    const runs = [0, 1, 2].map((seed) => randomFeeds(source, seed, feeds));
    const wanted = runs.map((run) => runGraph(source, kernels, run));
    const differs = (graph: Graph): string | undefined => {
      for (const [i, run] of runs.entries()) {
        const difference = describeDifference(wanted[i]!, runGraph(graph, kernels, run), exactness);
        if (difference !== undefined) return `run ${i}: ${difference}`;
      }
      return undefined;
    };
    expect(differs(rewritten())).toBeUndefined();
    const nudged = perturbConstants(rewritten, differs);
    if (nudged.tried > 0) expect(nudged.caught, 'constants whose nudge is told apart').toBeGreaterThan(0);
    for (const { name } of source.outputs) {
      const caught = wanted.map((results) => {
        const other = nudgeResult(results, name);
        return other === undefined || describeDifference(results, other, exactness) !== undefined;
      });
      expect(caught, `nudges of output '${name}'`).toEqual([true, true, true]);
    }
  });
}

function testRefusal(pass: Pass, { graph, reason }: RefusalCase, dialect: RuleDialect): void {
  expect(runUnchanged(pass, graph, dialect)).toContainEqual(
    typeof reason === 'string' ? expect.stringContaining(reason) : expect.stringMatching(reason),
  );
}

/** Runs the pass on a graph that it must leave as it is; returns what is on record. */
function runUnchanged(pass: Pass, text: string, dialect: RuleDialect): string[] {
  const graph = parseValid(text, dialect.operators);
  const before = printGraph(graph);
  const reasons = runPass(pass, graph, dialect);
  expect(printGraph(graph)).toBe(before);
  return reasons;
}

/** Runs the pass; returns the reasons of its near misses and its diagnostics. */
function runPass(pass: Pass, graph: Graph, { operators, kernels }: RuleDialect): string[] {
  const trace = new Trace();
  const messages: string[] = [];
  pass.run(new GraphEditor(graph), {
    operators,
    kernels,
    trace,
    report: ({ message }) => messages.push(message),
  });
  return [...trace.nearMisses.map(({ reason }) => reason), ...messages];
}

function parseValid(text: string, operators: OperatorTable): Graph {
  const graph = parseGraph(text, operators);
  expect(violations(graph, operators)).toEqual([]);
  return graph;
}

const violations = (graph: Graph, operators: OperatorTable): string[] =>
  verifyGraph(graph, operators).map(({ message }) => message);

const interfaceOf = (graph: Graph): unknown => ({
  inputs: graph.inputs.map(({ name, type }) => ({ name, type })),
  outputs: graph.outputs.map(({ name, value }) => ({ name, dtype: value.type.dtype, rank: value.type.shape.length })),
});
