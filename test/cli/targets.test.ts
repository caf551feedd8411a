import { describe, expect, it } from 'vitest';
import { quantc } from '../support/cli.js';

describe('quantc targets', () => {
  it('is a table', async () => {
    const { status, stdout, stderr } = await quantc(['targets']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'target      aliases             core              accelerator       MHz  flash KB  RAM KB  backend',
      'f28p55      f28p55x, f28p550sj  C28x              NPU               150      1088     133  tinpu',
      'mspm0g5187                      Cortex-M0+        NPU                80       128      32  tinpu',
      'am13e2      am13e23019          Cortex-M33        NPU                 –       512     128  tinpu',
    ]);
  });

  it('is JSON with --json', async () => {
    const { stdout } = await quantc(['targets', '--json']);
    const targets = JSON.parse(stdout) as { name: string }[];
    expect(targets[0]).toEqual({
      name: 'f28p55',
      aliases: ['f28p55x', 'f28p550sj'],
      core: 'C28x',
      accelerator: 'npu',
      clockMhz: 150,
      flashKb: 1088,
      ramKb: 133,
      backend: 'tinpu',
      backends: ['tinpu', 'generic'],
    });
    expect(targets.map(({ name }) => name)).toContain('generic');
  });

  it('is silent with --quiet', async () => {
    expect(await quantc(['targets', '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
