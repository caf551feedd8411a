import type { DType } from '../../src/ir/dtype.js';
import { codeOfDType } from '../../src/ir/onnx/data-type.js';
import { exportModel } from '../../src/ir/onnx/export.js';
import { importModel } from '../../src/ir/onnx/import.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { prepare } from '../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../src/runtime/float/index.js';
import { modelBytes, type AttributeSpec } from './onnx-builder.js';
import { runInOrt } from './ort-session.js';

/** A node of com.microsoft on graph inputs. */
export interface ContribNode {
  readonly op: string;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly result?: DType;
}

/** What the node gives in ONNX Runtime, in quantc, and in ONNX Runtime once quantc has written it in standard operators. */
export interface ContribResults {
  readonly original: Tensor;
  readonly own: Tensor;
  readonly rewritten: Tensor;
  /** Operators that stand in its place. */
  readonly ops: readonly string[];
  readonly texts: readonly string[];
}

/** The file that holds nothing but the node. */
export function contribModel({ op, inputs, attributes = {}, result = 'float32' }: ContribNode): Uint8Array {
  return modelBytes({
    opset: 17,
    imports: [['com.microsoft', 1]],
    nodes: [
      {
        op,
        domain: 'com.microsoft',
        inputs: inputs.map((tensor, i) => (tensor === undefined ? '' : `x${i}`)),
        outputs: ['y'],
        attributes,
      },
    ],
    inputs: inputs.flatMap((tensor, i) =>
      tensor === undefined ? [] : [{ name: `x${i}`, type: codeOfDType(tensor.dtype), shape: tensor.dims }],
    ),
    outputs: [{ name: 'y', type: codeOfDType(result) }],
  });
}

export async function runContrib(node: ContribNode): Promise<ContribResults> {
  const bytes = contribModel(node);
  const feeds = new Map(node.inputs.flatMap((tensor, i) => (tensor === undefined ? [] : [[`x${i}`, tensor] as const])));
  const { graph, normalisations } = importModel(bytes);
  const only = (results: ReadonlyMap<string, Tensor>): Tensor => {
    const tensor = results.get('y');
    if (tensor === undefined) throw new Error(`${node.op} gives no y`);
    return tensor;
  };
  return {
    original: only(await runInOrt(bytes, feeds)),
    own: only(prepare(graph, FLOAT_KERNELS).run(feeds)),
    rewritten: only(await runInOrt(exportModel(graph, { opset: 21 }), feeds)),
    ops: graph.nodes.map(({ op }) => op),
    texts: normalisations.filter(({ at }) => at !== undefined).map(({ from, text }) => `${from}: ${text}`),
  };
}

/** How many integers differ, and by how much at most. */
export function integerDifferences(a: Tensor, b: Tensor): { readonly count: number; readonly most: number } {
  if (a.dtype !== b.dtype || a.dims.join() !== b.dims.join()) {
    throw new Error(`${a.dtype}[${a.dims.join()}] and ${b.dtype}[${b.dims.join()}] cannot be compared`);
  }
  const [x, y] = [a.toNumbers(), b.toNumbers()];
  const distances = x.map((value, i) => Math.abs(value - (y[i] ?? NaN)));
  return { count: distances.filter((distance) => distance !== 0).length, most: Math.max(0, ...distances) };
}
