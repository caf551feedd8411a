import type { GraphEditor } from '../editor.js';
import type { Value, ValueType } from '../graph.js';
import { dataTypeName, codeOfDType } from './data-type.js';
import { UNKNOWN, type Operand } from './emitter.js';
import type { ResolveExternal } from './external-data.js';
import { ModelFault } from './fault.js';
import type { OpenDim } from './file-forms.js';
import type { NameSupply } from './name-supply.js';
import type { Problems } from './problems.js';
import { locationOf, type SourceGraph, type SourceNode } from './source.js';
import { tensorFromMessage } from './tensor-message.js';
import { inputType, type DeclaredType } from './value-info.js';

/** Adds the graph inputs and returns the dimensions that were named; `freeDims` gives sizes to their symbols. */
export function importInputs(
  source: SourceGraph,
  editor: GraphEditor,
  dims: NameSupply,
  operands: Map<string, Operand>,
  problems: Problems,
  freeDims: ReadonlyMap<string, number>,
): readonly OpenDim[] {
  const openDims: OpenDim[] = [];
  const unused = new Set(freeDims.keys());
  for (const info of source.inputs) {
    const name = info.name ?? '';
    try {
      const type = inputType(info, (axis) => {
        const symbol = dims.fresh(`${name}_dim${axis}`);
        openDims.push({ input: name, axis, symbol });
        return symbol;
      });
      operands.set(name, editor.addInput(name, bindDims(type, freeDims, unused)));
    } catch (error) {
      if (!(error instanceof ModelFault)) throw error;
      problems.error(error.code, `graph input '${name}' is refused: ${error.message}`, { value: name }, error.hint);
      operands.set(name, UNKNOWN);
    }
  }
  for (const symbol of unused) {
    problems.error('unknown-dimension', `no graph input has a dimension '${symbol}', for which a size is given`);
  }
  return openDims;
}

function bindDims(type: ValueType, sizes: ReadonlyMap<string, number>, unused: Set<string>): ValueType {
  const shape = type.shape.map((dim) => {
    const size = typeof dim === 'string' ? sizes.get(dim) : undefined;
    if (size === undefined) return dim;
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new ModelFault(
        'invalid-option',
        `the size given for dimension '${dim}' is ${size}, 1 and above are accepted`,
      );
    }
    unused.delete(String(dim));
    return size;
  });
  return { ...type, shape };
}

/** The constant that an initializer is; UNKNOWN when it cannot be read or nothing bears the name. */
export function importInitializer(
  name: string,
  source: SourceGraph,
  editor: GraphEditor,
  problems: Problems,
  resolveExternal: ResolveExternal | undefined,
): Operand {
  const message = source.initializers.get(name);
  if (message === undefined) return UNKNOWN;
  try {
    return editor.constant(tensorFromMessage(message, resolveExternal), name);
  } catch (error) {
    if (!(error instanceof ModelFault)) throw error;
    problems.error(error.code, `initializer '${name}' is refused: ${error.message}`, { value: name }, error.hint);
    return UNKNOWN;
  }
}

/** Warns when the file declares another type for a result than its operator gives. */
export function compareType(
  value: Value,
  name: string,
  declared: DeclaredType | undefined,
  node: SourceNode,
  problems: Problems,
): void {
  if (declared === undefined) return;
  const { dtype, shape } = value.type;
  const contradicts =
    (declared.code !== 0 && declared.code !== codeOfDType(dtype)) ||
    (declared.shape !== undefined &&
      (declared.shape.length !== shape.length ||
        declared.shape.some((dim, i) => typeof dim === 'number' && typeof shape[i] === 'number' && dim !== shape[i])));
  if (!contradicts) return;
  const written = `${dataTypeName(declared.code)}[${(declared.shape ?? ['…']).map((dim) => dim ?? '?').join(',')}]`;
  problems.warning(
    'declared-type',
    `the file declares '${name}' as ${written}, but ${node.op} gives ${dataTypeName(codeOfDType(dtype))}[${shape.join(',')}], which counts`,
    { ...locationOf(node), value: name },
  );
}
