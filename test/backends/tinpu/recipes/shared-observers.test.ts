import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { valuesOf } from '../../../../src/ir/graph.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { sharedObservers } from '../../../../src/backends/tinpu/recipes/shared-observers.js';

/** Labels of the computed tensors and inputs that share an observer with another, by observer. */
function groupsOf(text: string): string[] {
  const graph = parseGraph(text, OPERATORS);
  const shared = sharedObservers(graph);
  const groups = new Map<unknown, string[]>();
  for (const value of valuesOf(graph)) {
    if (value.constant !== undefined) continue;
    const root = shared.find(value);
    groups.set(root, [...(groups.get(root) ?? []), value.name]);
  }
  return [...groups.values()].filter(({ length }) => length > 1).map((names) => names.join(' '));
}

const network = (body: string, output: string): string => `graph "g"
  input %x: float32[N,2,4,4]
  const %w: float32[2,2,1,1] = [1, 2, 3, 4]
  const %one: float32[2] = [1, 1]
  const %zero: float32[] = [0]
  const %rows: int64[2] = [0, -1]
  %a = Conv(%x, %w)
  %b = Conv(%a, %w)
${body}
  output "y" = %${output}`;

describe('sharedObservers', () => {
  it.each([
    ['MaxPool', '%m = MaxPool(%b) {kernel_shape = [2, 2], strides = [2, 2]}', 'm', ['b m']],
    ['AveragePool', '%m = AveragePool(%b) {kernel_shape = [2, 2], strides = [2, 2]}', 'm', ['b m']],
    ['pools in a row', '%p = MaxPool(%b) {kernel_shape = [2, 2]}\n  %m = GlobalAveragePool(%p)', 'm', ['b p m']],
    ['Concat', '%m = Concat(%a, %b) {axis = 1}', 'm', ['a b m']],
    ['Add with Relu', '%s = Add(%a, %b)\n  %m = Clip(%s, %zero)', 'm', ['a b m']],
    ['Add', '%m = Add(%a, %b)', 'm', []],
    ['Relu', '%m = Clip(%b, %zero)', 'm', []],
    ['Flatten', '%m = Flatten(%b) {axis = 1}', 'm', []],
    ['Reshape of a layer', '%m = Reshape(%b, %rows) "v" @[0 "v" "Reshape"]', 'm', []],
  ])('%s', (_, body, output, groups) => {
    expect(groupsOf(network(`  ${body}`, output))).toEqual(groups);
  });

  it.each([
    ['the input', '%x', 'Reshape', ['x m']],
    ['the BatchNormalization of the input', '%n', 'Reshape', ['n m']],
    ['the BatchNormalization of the input, as a module', '%n', 'Flatten', []],
  ])('reshape of %s', (_, source, origin, groups) => {
    const body = `  %n = BatchNormalization(%x, %one, %one, %one, %one)
  %m = Reshape(${source}, %rows) "v" @[0 "v" "${origin}"]`;
    expect(groupsOf(network(body, 'm'))).toEqual(groups);
  });
});
