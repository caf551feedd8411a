import { describe, expect, it } from 'vitest';
import { conventionalName } from '../../../src/runtime/vectors/conventional-names.js';

describe('conventionalName', () => {
  it.each([
    ['model_test_input', 'input', undefined],
    ['model_test_input_q_1', 'input-q', 1],
    ['INPUTS_Q', 'input-q', undefined],
    ['g_inputData', 'input', undefined],
    ['input0', 'input', 0],
    ['test_x', 'input', undefined],
    ['golden_input', 'input', undefined],
    ['input_f32', 'input', undefined],
    ['input_int8_2', 'input-q', 2],
    ['input_tensor', 'input', undefined],
    ['golden', 'output', undefined],
    ['goldenOutput', 'output', undefined],
    ['expected_output_int8', 'output', undefined],
    ['ref-output.3', 'output', 3],
    ['device_output', 'output', undefined],
    ['results', 'output', undefined],
  ])('%s', (name, role, index) => {
    expect(conventionalName(name)).toEqual({ role, index });
  });

  it.each([
    '',
    '1',
    'test',
    'model',
    'conv_output',
    'Conv_output_0',
    'input_output',
    'input_scale',
    'float_output',
    'golden_tensor_0',
    'test_y',
    'weights',
  ])('%j says nothing', (name) => {
    expect(conventionalName(name)).toBeUndefined();
  });
});
