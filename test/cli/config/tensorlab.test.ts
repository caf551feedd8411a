import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../../src/backends/summary.js';
import { Folder, modelOf, quantc, TINY, type Answer } from '../../support/cli.js';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
  folder.write('tiny.onnx', modelOf(TINY));
});
afterEach(() => folder.remove());

const compile = (text: string, ...argv: readonly string[]): Promise<Answer> => {
  folder.write('config.yaml', text);
  return quantc(['tiny.onnx', '--config', 'config.yaml', ...argv], { cwd: folder.path });
};

/** What such files hold besides. */
const file = (training: string, target = 'F28P55'): string => `common:
  task_type: generic_timeseries_classification
  target_module: timeseries
  target_device: ${target}
dataset:
  input_data_path: https://example.com/data.zip
training:
  model_name: CLS_1k_NPU
  batch_size: 256
${training}
testing: {}
`;

describe('a file of Tiny ML Tensorlab', () => {
  it('names target, backend and widths', async () => {
    const answer = await compile(
      file('  quantization: 2\n  quantization_weight_bitwidth: 4\n  quantization_activation_bitwidth: 8'),
      '--json',
    );
    const summary = JSON.parse(answer.stdout) as Summary;
    expect(answer.status).toBe(0);
    expect(summary).toMatchObject({ target: 'f28p55', backend: 'tinpu' });
    const widths = summary.layers.flatMap(({ weightBits, pattern }) => (pattern === 'FCONV' ? [weightBits] : []));
    expect(widths).toEqual([4]);
  });

  it('goes behind the command line', async () => {
    const answer = await compile(file('  quantization: 2\n  quantization_weight_bitwidth: 4'), '-t', 'tinpu', '--json');
    expect(JSON.parse(answer.stdout)).toMatchObject({ target: 'tinpu' });
  });

  it.each([
    ['  quantization: 0', 'config.yaml:10:17: training.quantization is 0 (float): there is nothing to quantise'],
    [
      '  quantization: 3',
      "config.yaml:10:17: training.quantization is '3', accepted: 0 (float), 1 (generic), 2 (TINPU)",
    ],
    ['  quantization: [2]', 'config.yaml:10:17: training.quantization is no single word or number'],
    ['  quantization_method: AWQ', "config.yaml:10:24: training.quantization_method is 'AWQ', accepted: PTQ, QAT"],
    [
      '  quantization: 2\n  quantization_weight_bitwidth: 3',
      "config.yaml:11:33: weight-bits is '3', accepted: 8, 4, 2",
    ],
    [
      '  quantization: 2\n  quantization_method: QAT',
      "config.yaml:11:24: training.quantization_method is QAT, but 'tiny.onnx' is a float model without QuantizeLinear",
    ],
  ])('refuses %j', async (training, message) => {
    const { status, stdout, stderr } = await compile(file(training));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
    expect(folder.list()).toEqual(['config.yaml', 'tiny.onnx']);
  });

  it('wants the generic backend in mode 1', async () => {
    const { stderr } = await compile(file('  quantization: 1', 'tinpu'));
    expect(stderr).toContain('error: config.yaml:10:17: the target tinpu does not take the generic backend');
  });

  it('tells of a target that is not known, at its place', async () => {
    const { stderr } = await compile(file('  quantization: 2', 'F28P5'));
    expect(stderr).toContain("error: config.yaml:4:18: the target 'F28P5' is not known");
  });
});
