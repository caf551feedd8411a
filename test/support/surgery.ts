import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/ir/diagnostics.js';
import { isFloat } from '../../src/ir/dtype.js';
import { GraphEditor } from '../../src/ir/editor.js';
import { constantsOf, type Graph } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { Tensor } from '../../src/ir/tensor.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { printGraph } from '../../src/ir/text/print.js';
import { verifyGraph } from '../../src/ir/verify.js';
import { runPipeline } from '../../src/passes/pass.js';
import type { SurgeryEntry } from '../../src/passes/surgery/entry.js';
import { surgery } from '../../src/passes/surgery/surgery.js';
import { Trace } from '../../src/passes/trace.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import { parseExpected, printComparable } from './expected-graph.js';
import { runGraph } from './random-runs.js';

/** One way to write an activation of `%x` to `%y`: lines of IR text between the input and the output. */
export interface Spelling {
  readonly name: string;
  readonly lines: string;
  /** What stands there afterwards; `%y = Relu(%x)` when omitted. */
  readonly after?: string;
  /** The constants that any number may stand for, as the entry says. */
  readonly free?: readonly string[];
}

export interface SurgeryCases {
  readonly spellings: readonly Spelling[];
  /** Close to a spelling, and yet another function or another shape: left as it is, the reason on record. */
  readonly refusals: readonly { readonly name: string; readonly lines: string; readonly reason: string | RegExp }[];
  /** Inputs at which both functions agree, and how far float results may be apart there, as a fraction. */
  readonly agreement: { readonly at: readonly number[]; readonly relative: number; readonly because: string };
  /** Whether the entry replaces a function by another one at all. */
  readonly changes?: boolean;
}

export const around = (lines: string): string => `graph "g"
  input %x: float32[1,2,4]
  ${lines.trim()}
  output "y" = %y`;

export interface Operation {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  readonly reasons: readonly string[];
}

/** Runs the entries over a graph, whose invariants are checked after every pass. */
export function operate(graph: Graph, entries: readonly SurgeryEntry[]): Operation {
  const diagnostics: Diagnostic[] = [];
  const trace = new Trace();
  runPipeline(new GraphEditor(graph), surgery(entries), {
    operators: OPERATORS,
    kernels: FLOAT_KERNELS,
    trace,
    verify: true,
    report: (diagnostic) => diagnostics.push(diagnostic),
  });
  return { graph, diagnostics, reasons: trace.nearMisses.map(({ reason }) => reason) };
}

export function parseValid(text: string): Graph {
  const graph = parseGraph(text, OPERATORS);
  const violations = verifyGraph(graph, OPERATORS);
  if (violations.length > 0) throw new Error(violations.map(({ message }) => message).join('\n'));
  return graph;
}

/**
 * Tests of one entry of surgery. Every spelling gives the expected graph and one warning, computes the same where both
 * functions agree and something else where they do not; with one constant nudged by a thousandth, or with one inner
 * tensor read by a graph output, nothing is replaced. Every refusal leaves the graph as it is.
 */
export function describeSurgery(
  entry: SurgeryEntry,
  { spellings, refusals, agreement, changes = true }: SurgeryCases,
): void {
  describe(`surgery ${entry.name}`, () => {
    for (const spelling of spellings) describe(spelling.name, () => testSpelling(entry, spelling, agreement, changes));
    it.each(refusals)('refuses $name', ({ lines, reason }) => {
      const graph = parseValid(around(lines));
      const before = printGraph(graph);
      const { reasons, diagnostics } = operate(graph, [entry]);
      expect(printGraph(graph)).toBe(before);
      expect(diagnostics).toEqual([]);
      expect(reasons).toContainEqual(
        typeof reason === 'string' ? expect.stringContaining(reason) : expect.stringMatching(reason),
      );
    });
  });
}

function testSpelling(
  entry: SurgeryEntry,
  { lines, after = '%y = Relu(%x)', free = [] }: Spelling,
  agreement: SurgeryCases['agreement'],
  changes: boolean,
): void {
  const source = (): Graph => parseValid(around(lines));

  it('is replaced, with a warning', () => {
    const { graph, diagnostics } = operate(source(), [entry]);
    const expected = parseExpected(around(after), OPERATORS);
    expect(printComparable(graph, expected)).toBe(printComparable(expected.graph, expected));
    expect(diagnostics).toMatchObject([{ code: 'surgery', severity: 'warning' }]);
    expect(diagnostics[0]?.message).toContain(`replaced by ${entry.by} (surgery ${entry.name})`);
  });

  it('agrees where it should, and only there', () => {
    const { graph } = operate(source(), [entry]);
    const compute = (g: Graph, at: readonly number[]): number[] =>
      at.flatMap(
        (x) =>
          runGraph(g, FLOAT_KERNELS, new Map([['x', splat(x)]]))
            .get('y')
            ?.toNumbers()[0] ?? NaN,
      );
    const wanted = compute(source(), agreement.at);
    for (const [i, y] of compute(graph, agreement.at).entries()) {
      const distance = Math.abs(y - (wanted[i] ?? NaN));
      expect(distance, `at ${agreement.at[i]}`).toBeLessThanOrEqual(agreement.relative * Math.max(1, Math.abs(y)));
    }
    const others = [-1, -0.5, 0.5, 1];
    if (changes) expect(compute(graph, others)).not.toEqual(compute(source(), others));
  });

  const telling = [...constantsOf(source()).entries()].filter(([, { name }]) => !free.includes(name));
  if (telling.length > 0) {
    it.each(telling.map(([place, { name }]) => [name, place] as const))(
      'is left alone with another %%%s',
      (_, place) => {
        const graph = source();
        nudge(graph, place);
        expect(operate(graph, [entry]).diagnostics).toEqual([]);
      },
    );
  }

  const inner = source().nodes.flatMap(({ outputs: [output], inputs }) =>
    output === undefined || output.name === 'y' || inputs.every((input) => input?.constant) ? [] : [output.name],
  );
  if (inner.length > 0) {
    it.each(inner)('is left alone when %%%s is read elsewhere', (name) => {
      const graph = parseValid(`${around(lines)}\n  output "also" = %${name}`);
      expect(operate(graph, [entry]).diagnostics).toEqual([]);
    });
  }
}

/** Makes the elements of a constant larger by a thousandth, or by 1 where they are integers. */
function nudge(graph: Graph, place: number): void {
  const value = constantsOf(graph)[place];
  if (value === undefined) throw new Error('the graph has changed');
  const { constant, name } = value;
  const numbers = constant.toNumbers();
  const nudged = isFloat(constant.dtype)
    ? Tensor.float32(
        constant.dims,
        numbers.map((x) => (x === 0 ? 1e-3 : x * 1.001)),
      )
    : Tensor.int64(numbers.map((x) => x + 1)).reshape(constant.dims);
  const editor = new GraphEditor(graph);
  editor.replaceAllUses(value, editor.constant(nudged, name));
}

const splat = (x: number): Tensor => Tensor.float32([1, 2, 4], new Float32Array(8).fill(x));
