import { it } from 'vitest';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { int64s, modelBytes } from './support/onnx-builder.js';
import { SHAPE_KERNELS } from '../src/runtime/float/shape-ops.js';
import { SHAPE_OPERATORS } from '../src/ir/ops/shape-ops.js';
import { Tensor } from '../src/ir/tensor.js';
import { execute } from './support/run-operator.js';
const data = (n: number) => Float32Array.from({ length: n }, (_, k) => k + 1);
async function ort(op: string, n: number, ints: (number[] | undefined)[], attributes: any, outs = 1) {
  const m = modelBytes({ opset: 19, irVersion: 9, inputs: [{ name: 'x', shape: [n] }], outputs: Array.from({ length: outs }, (_, i) => ({ name: 'y' + i, shape: [null] })),
    initializers: ints.flatMap((v, i) => (v ? [int64s('i' + i, v)] : [])), nodes: [{ op, inputs: ['x', ...ints.map((v, i) => (v ? 'i' + i : ''))], outputs: Array.from({ length: outs }, (_, i) => 'y' + i), attributes }] });
  try { const s = await InferenceSession.create(m, { logSeverityLevel: 4 }); const r = await s.run({ x: new OrtTensor('float32', data(n), [n]) });
  return Array.from({ length: outs }, (_, i) => [...(r['y' + i]!.data as Float32Array)].join(' ')).join(' | '); } catch (e) { return 'ERR ' + String(e).slice(0, 150); }
}
function mine(op: string, n: number, ints: (number[] | undefined)[], attrs: any, outs = 1) {
  try { return execute(SHAPE_OPERATORS.find((o) => o.name === op)!, SHAPE_KERNELS, [Tensor.float32([n], data(n)), ...ints.map((v) => v && Tensor.int64(v))], attrs, outs).map((t) => t.toNumbers().join(' ')).join(' | '); } catch (e) { return 'ERR ' + String(e).slice(0, 150); }
}
it('x', async () => {
  for (const [s, e, st] of [[-100, -200, -1], [-6, -100, -1], [100, 2, -2], [2, 100, 3], [-100, 100, 2]]) console.log('Slice', s, e, st, '::', await ort('Slice', 5, [[s!], [e!], [0], [st!]], {}), '::', mine('Slice', 5, [[s!], [e!], [0], [st!]], {}));
  for (const mode of ['constant', 'reflect', 'edge', 'wrap']) for (const p of [[2, 1], [-1, 2], [2, -1], [-2, 2], [4, 0], [0, 6], [7, 9], [-5, 2], [-3, -3]]) console.log('Pad', mode, p.join(), '::', await ort('Pad', 5, [p], { mode: { string: mode } }), '::', mine('Pad', 5, [p], { mode }));
  for (const [n, o] of [[7, 3], [5, 4], [2, 3], [6, 3], [1, 2]]) console.log('Split', n, o, '::', await ort('Split', n!, [], { num_outputs: { int: o } }, o), '::', mine('Split', n!, [], { num_outputs: o! }, o));
});
