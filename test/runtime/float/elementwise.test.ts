import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { ELEMENTWISE_OPERATORS } from '../../../src/ir/ops/elementwise.js';
import { operatorTable } from '../../../src/ir/ops/table.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { runGraph } from '../../support/compute.js';
import { describeDifference, hasNodeTests, loadNodeTest, nodeTestsOf } from '../../support/onnx-node-tests.js';

const names = ELEMENTWISE_OPERATORS.map(({ name }) => name);
const table = operatorTable(ELEMENTWISE_OPERATORS);

/** Cases with floats of 8 bits and fewer, which quantc does not compute with. */
const REFUSED: readonly string[] = [
  'test_cast_FLOAT16_to_FLOAT4E2M1',
  'test_cast_FLOAT16_to_FLOAT8E4M3FN',
  'test_cast_FLOAT16_to_FLOAT8E4M3FNUZ',
  'test_cast_FLOAT16_to_FLOAT8E5M2FNUZ',
  'test_cast_FLOAT4E2M1_to_FLOAT16',
  'test_cast_FLOAT8E4M3FNUZ_to_FLOAT',
  'test_cast_FLOAT8E4M3FN_to_FLOAT',
  'test_cast_FLOAT8E5M2FNUZ_to_FLOAT',
  'test_cast_FLOAT8E5M2_to_FLOAT',
  'test_cast_FLOAT8E5M2_to_FLOAT16',
  'test_cast_FLOAT_to_FLOAT8E4M3FN',
  'test_cast_FLOAT_to_FLOAT8E5M2',
  'test_cast_e8m0_FLOAT16_to_FLOAT8E8M0',
  'test_cast_e8m0_FLOAT8E8M0_to_FLOAT',
  'test_cast_e8m0_FLOAT_to_FLOAT8E8M0',
  'test_cast_no_saturate_FLOAT16_to_FLOAT8E4M3FN',
  'test_cast_no_saturate_FLOAT16_to_FLOAT8E4M3FNUZ',
  'test_cast_no_saturate_FLOAT16_to_FLOAT8E5M2',
  'test_cast_no_saturate_FLOAT16_to_FLOAT8E5M2FNUZ',
  'test_cast_no_saturate_FLOAT_to_FLOAT8E4M3FNUZ',
  'test_cast_no_saturate_FLOAT_to_FLOAT8E5M2',
  'test_cast_no_saturate_FLOAT_to_FLOAT8E5M2FNUZ',
  'test_dequantizelinear_e4m3fn_float16',
  'test_dequantizelinear_e4m3fn_zero_point',
  'test_dequantizelinear_e5m2',
  'test_dequantizelinear_float4e2m1',
  'test_quantizelinear_e4m3fn',
  'test_quantizelinear_float4e2m1',
];

describe('the family', () => {
  it('has a kernel for every operator', () => {
    expect(ELEMENTWISE_KERNELS.map(([name]) => name).sort()).toEqual([...names].sort());
  });
});

describe.skipIf(!hasNodeTests)('cases of the ONNX backend suite', () => {
  it.each(nodeTestsOf(names, REFUSED))('%s', (name) => {
    const { model, data } = loadNodeTest(name, table);
    for (const { inputs, outputs } of data) {
      const results = runGraph(model.graph, ELEMENTWISE_KERNELS, inputs);
      for (const [i, expected] of outputs.entries()) expect(describeDifference(results[i], expected)).toBeUndefined();
    }
  });

  it.each(REFUSED)('%s is refused', (name) => {
    const load = (): unknown => loadNodeTest(name, table);
    expect(load).toThrow(UserError);
    expect(load).toThrow(/FLOAT[48]E\dM\d/);
  });
});
