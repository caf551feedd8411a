import { OperatorFault } from '../ops/operator.js';
import { AttributeError } from '../attributes.js';
import type { Tensor } from '../tensor.js';
import { attributesFromMessages } from './attribute-proto.js';
import { NodeFaults, UNKNOWN, type Emitter, type Operand } from './emitter.js';
import type { ResolveExternal } from './external-data.js';
import { ModelFault } from './fault.js';
import type { Normalisation } from './imported-model.js';
import { Draft, UnknownOperand, type DraftOutput } from './normalise/draft.js';
import { isContrib, qualifiedName } from './normalise/contrib.js';
import { normalise } from './normalise/index.js';
import type { Problems } from './problems.js';
import { labelOf, locationOf, type SourceNode } from './source.js';
import { foreignOperator, unsupportedOperator } from './unsupported.js';
import type { DeclaredType } from './value-info.js';

export interface NodeContext {
  readonly emitter: Emitter;
  readonly problems: Problems;
  readonly supports: (op: string) => boolean;
  readonly resolveExternal: ResolveExternal | undefined;
  readonly isRead: (name: string) => boolean;
  readonly declared: (name: string) => DeclaredType | undefined;
  readonly normalisations: Normalisation[];
}

/** What the results of a source node are; UNKNOWN ones for a node at fault, whose faults are reported. */
export function importNode(
  source: SourceNode,
  inputs: readonly Operand[],
  context: NodeContext,
): ReadonlyMap<string, Operand> {
  const { problems } = context;
  const at = locationOf(source);
  const unknown = new Map<string, Operand>(source.outputs.map((name) => [name, UNKNOWN]));
  try {
    if (source.fault !== undefined) throw source.fault;
    const contrib = isContrib(source.domain, source.op);
    if (source.domain !== '' && !contrib) throw foreignOperator(source.op, source.domain);
    if (!contrib && source.op !== 'Constant' && !isReachable(source.op, context)) throw unsupportedOperator(source.op);
    const { attrs, faults } = attributesFromMessages(source.message.attribute ?? [], context.resolveExternal);
    for (const fault of faults) problems.fault(fault, at);
    const label = labelOf(source);
    const draft = new Draft(
      {
        op: qualifiedName(source.domain, source.op),
        opset: source.opset,
        attrs,
        inputs,
        outputs: source.outputs.map((name): DraftOutput => ({ name, read: context.isRead(name) })),
        label,
        origin: { index: source.index, name: label, op: source.op },
      },
      context.emitter,
    );
    const texts = normalise(draft);
    for (const warning of draft.warnings) problems.fault(warning, at, 'warning');
    if (texts.length > 0) {
      const from = contrib ? `${source.op} of ${source.domain}` : `${source.op} of opset ${source.opset}`;
      context.normalisations.push({ at, from, to: draft.op, text: texts.join('; ') });
    }
    if (faults.length > 0) return unknown;
    return draft.value === undefined ? emitDraft(draft, context) : emitConstant(draft.value, source, context);
  } catch (error) {
    if (error instanceof NodeFaults) for (const fault of error.faults) problems.fault(fault, at);
    else if (error instanceof OperatorFault || error instanceof ModelFault) problems.fault(error, at);
    else if (error instanceof AttributeError) problems.error('invalid-attribute', error.message, at);
    else if (!(error instanceof UnknownOperand)) throw error;
    return unknown;
  }
}

/** Operators that are no part of the IR, by what they become. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['Upsample', 'Resize'],
  ['Scatter', 'ScatterElements'],
  ['GlobalLpPool', 'ReduceL2'],
]);

const isReachable = (op: string, { supports }: NodeContext): boolean => supports(RENAMED.get(op) ?? op);

function emitConstant(tensor: Tensor, source: SourceNode, { emitter }: NodeContext): ReadonlyMap<string, Operand> {
  return new Map(source.outputs.slice(0, 1).map((name) => [name, emitter.constant(tensor, name)]));
}

function emitDraft(draft: Draft, { emitter, declared }: NodeContext): ReadonlyMap<string, Operand> {
  const { op, inputs, attrs, label, origin, after } = draft;
  const names = draft.outputs.map((output) => output.name);
  const [first = ''] = names;
  const inner = after === undefined ? first : emitter.freshName(`${label}_${op.toLowerCase()}`);
  const types = names.map(declared);
  const results = emitter.emit({
    op,
    inputs,
    attrs,
    outputs: [inner, ...names.slice(1)],
    label,
    origin,
    declared: after === undefined ? types : [],
  });
  if (after !== undefined) results[0] = draft.behind(after(results[0]), first);
  return new Map(names.flatMap((name, i) => (name === '' ? [] : [[name, results[i]]])));
}
