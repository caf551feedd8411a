import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { layerName, leadingOrigin } from '../../../src/backends/report/layer-name.js';

const node = (rest: string) => {
  const [found] = parseGraph(
    `graph "g"\ninput %x: float32[N]\n%y = Relu(%x) ${rest}\noutput "y" = %y`,
    OPERATORS,
  ).nodes;
  if (found === undefined) throw new Error('no node');
  return found;
};

describe('layerName', () => {
  it.each([
    [
      'the source node that computes, wherever it stands',
      '"n" @[0 "bn" "BatchNormalization", 1 "conv" "Conv", 2 "relu" "Relu"]',
      'conv',
    ],
    ['the first that computes', '"n" @[0 "mean" "ReduceMean", 1 "fc" "Gemm"]', 'mean'],
    ['the first source node where none computes', '"n" @[0 "bn" "BatchNormalization", 2 "relu" "Relu"]', 'bn'],
    ['the node itself without sources', '"n"', 'n'],
    ['its result where nothing has a name', '', 'y'],
    ['its result where the source has no name', '"n" @[0 "" "Conv"]', 'y'],
  ])('is %s', (_, rest, name) => expect(layerName(node(rest))).toBe(name));
});

describe('leadingOrigin', () => {
  it('is undefined without sources', () => expect(leadingOrigin(node('"n"'))).toBeUndefined());
});
