import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isDType, type TypedArray } from '../ir/dtype.js';
import { UserError } from '../ir/diagnostics.js';
import { Tensor } from '../ir/tensor.js';
import { mistake } from './faults.js';

const PACKAGE = 'onnxruntime-node';

/** A model in ONNX Runtime. */
export interface RuntimeSession {
  /** `onnxruntime-node 1.30.0`, as far as the version is known. */
  readonly name: string;
  /**
   * @param feeds tensors by name of the input
   * @returns tensors by name of the output
   */
  readonly run: (feeds: ReadonlyMap<string, Tensor>) => Promise<ReadonlyMap<string, Tensor>>;
  readonly release: () => Promise<void>;
}

/** What is used of the package. */
interface Runtime {
  readonly InferenceSession: {
    readonly create: (model: Uint8Array, options: { readonly logSeverityLevel: number }) => Promise<Session>;
  };
  readonly Tensor: new (type: string, data: TypedArray, dims: readonly number[]) => object;
}

interface Session {
  readonly run: (feeds: Readonly<Record<string, object>>) => Promise<Readonly<Record<string, RuntimeTensor>>>;
  readonly release: () => Promise<void>;
}

interface RuntimeTensor {
  readonly type: string;
  readonly data: TypedArray;
  readonly dims: readonly number[];
}

/**
 * Opens a model in the ONNX Runtime that is installed where the user works: in `cwd` or a folder above it.
 * @returns undefined when there is none
 * @throws UserError when it does not take the model
 */
export async function openRuntime(cwd: string, model: Uint8Array): Promise<RuntimeSession | undefined> {
  const found = findRuntime(cwd);
  if (found === undefined) return undefined;
  const { runtime, name } = found;
  const session = await attempt(name, () => runtime.InferenceSession.create(model, { logSeverityLevel: 4 }));
  return {
    name,
    run: async (feeds) => {
      const given = [...feeds].map(
        ([input, { dtype, data, dims }]) => [input, new runtime.Tensor(dtype, data, dims)] as const,
      );
      const results = await attempt(name, () => session.run(Object.fromEntries(given)));
      return new Map(Object.entries(results).map(([output, tensor]) => [output, tensorOf(tensor, name)]));
    },
    release: () => session.release(),
  };
}

function findRuntime(cwd: string): { readonly runtime: Runtime; readonly name: string } | undefined {
  const load = createRequire(join(cwd, 'package.json'));
  try {
    const runtime = load(PACKAGE) as Runtime;
    const { version } = load(`${PACKAGE}/package.json`) as { readonly version?: unknown };
    return { runtime, name: typeof version === 'string' ? `${PACKAGE} ${version}` : PACKAGE };
  } catch {
    return undefined;
  }
}

async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      mistake('runtime', `${name} does not run the model: ${reason}`, 'leave it out with --no-runtime'),
    );
  }
}

function tensorOf({ type, data, dims }: RuntimeTensor, name: string): Tensor {
  if (isDType(type) && type !== 'float16') return new Tensor(type, dims, data);
  throw new UserError(
    mistake('runtime', `${name} delivers ${type}, which is not compared`, 'leave it out with --no-runtime'),
  );
}
