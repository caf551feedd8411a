import { formatShape, type Dim } from '../shape.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';

/**
 * The permutation that a Transpose of `rank` axes applies: result axis i is input axis `perm[i]`; reversal by default.
 * @throws OperatorFault when `perm` does not name every axis once.
 */
export function permutation({ attrs }: Pick<InferenceCall, 'attrs'>, rank: number): readonly number[] {
  if (!attrs.has('perm')) return Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const perm = attrs.ints('perm');
  const seen = new Set(perm);
  if (perm.length === rank && seen.size === rank && perm.every((axis) => axis >= 0 && axis < rank)) return perm;
  throw new OperatorFault(
    'invalid-attribute',
    `perm of Transpose is [${perm.join(', ')}], accepted: each of the ${rank} axes of the input once`,
  );
}

/** Transpose: the axes in another order. */
export const transpose: Operator = operator({
  name: 'Transpose',
  since: 1,
  inputs: [1, 1],
  attributes: { perm: { kind: 'ints' } },
  infer(call) {
    const { type, contents } = required(call, 0);
    const { shape } = type;
    const perm = permutation(call, shape.length);
    const result = perm.map((axis): Dim => shape[axis] ?? 1);
    return [{ type: { ...type, shape: result }, contents: result.length <= 1 ? contents : undefined }];
  },
});

/** @throws OperatorFault unless the input is [N, C, H, W]. */
function imageShape(call: InferenceCall): [batch: Dim, channels: Dim, height: Dim, width: Dim] {
  const { shape } = required(call, 0).type;
  const [batch, channels, height, width] = shape;
  if (
    shape.length === 4 &&
    batch !== undefined &&
    channels !== undefined &&
    height !== undefined &&
    width !== undefined
  ) {
    return [batch, channels, height, width];
  }
  throw new OperatorFault('shape-mismatch', `${call.op} of shape ${formatShape(shape)}, [N, C, H, W] is accepted`);
}

function blockSize(call: InferenceCall): number {
  const size = call.attrs.int('blocksize');
  if (size >= 1) return size;
  throw new OperatorFault('invalid-attribute', `blocksize of ${call.op} is ${size}, 1 or more is accepted`);
}

function times(call: InferenceCall, dim: Dim, factor: number): Dim {
  if (factor === 1) return dim;
  return typeof dim === 'number' ? dim * factor : call.freshDim();
}

function divided(call: InferenceCall, dim: Dim, divisor: number, what: string): Dim {
  if (divisor === 1) return dim;
  if (typeof dim === 'string') return call.freshDim();
  if (dim % divisor === 0) return dim / divisor;
  throw new OperatorFault(
    'shape-mismatch',
    `the ${what} of ${call.op} is ${dim}, multiples of ${divisor} are accepted with blocksize ${blockSize(call)}`,
  );
}

/** DepthToSpace: [N, C, H, W] → [N, C / b², H · b, W · b]; DCR takes the block offset from the outer part of C, CRD from the inner. */
export const depthToSpace: Operator = operator({
  name: 'DepthToSpace',
  since: 11,
  inputs: [1, 1],
  attributes: { blocksize: { kind: 'int', required: true }, mode: { kind: 'string', oneOf: ['DCR', 'CRD'] } },
  infer(call) {
    const { type } = required(call, 0);
    const [batch, channels, height, width] = imageShape(call);
    const block = blockSize(call);
    const depth = divided(call, channels, block * block, 'channel count');
    return [{ type: { ...type, shape: [batch, depth, times(call, height, block), times(call, width, block)] } }];
  },
});

/** SpaceToDepth: [N, C, H, W] → [N, C · b², H / b, W / b], the block offset in the outer part of C. */
export const spaceToDepth: Operator = operator({
  name: 'SpaceToDepth',
  since: 1,
  inputs: [1, 1],
  attributes: { blocksize: { kind: 'int', required: true } },
  infer(call) {
    const { type } = required(call, 0);
    const [batch, channels, height, width] = imageShape(call);
    const block = blockSize(call);
    const rows = divided(call, height, block, 'height');
    const columns = divided(call, width, block, 'width');
    return [{ type: { ...type, shape: [batch, times(call, channels, block * block), rows, columns] } }];
  },
});
