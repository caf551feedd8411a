import { ModelFault } from './fault.js';
import type { LocalFunction } from './local-functions.js';

type Definition = Pick<LocalFunction, 'name' | 'inputs' | 'outputs' | 'nodes' | 'opset'>;

/** Why a function cannot be inlined wherever it is called: its tensors or its opset; undefined when nothing is wrong. */
export function functionFault(definition: Definition, maxOpset: number): ModelFault | undefined {
  const { name, outputs, opset } = definition;
  const refusal = (what: string): ModelFault => new ModelFault('local-function', `the function ${name} ${what}`);
  if (opset < 1 || opset > maxOpset) {
    return refusal(`is of opset ${opset}, opsets 1 to ${maxOpset} are accepted`);
  }
  const defined = new Set<string>();
  for (const input of definition.inputs) {
    if (input === '') return refusal('has an input without a name');
    if (defined.has(input)) return refusal(`has two inputs '${input}'`);
    defined.add(input);
  }
  for (const result of definition.nodes.flatMap(({ output }) => output ?? [])) {
    if (result !== '' && defined.has(result)) return refusal(`defines the tensor '${result}' twice`);
    defined.add(result);
  }
  const missing = outputs.find((output) => output === '' || !defined.has(output));
  return missing === undefined ? undefined : refusal(`has an output '${missing}' that none of its nodes computes`);
}

/** Why one call of a function cannot be inlined: what it gives to the function or takes from it. */
export function callFault(
  { name, inputs, outputs }: LocalFunction,
  given: {
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly attributes: readonly string[];
  },
): ModelFault | undefined {
  const refusal = (what: string): ModelFault => new ModelFault('invalid-call', what);
  if (given.inputs.length > inputs.length) {
    return refusal(`${given.inputs.length} inputs are given to the function ${name}, which has ${inputs.length}`);
  }
  if (given.outputs.length > outputs.length) {
    return refusal(`${given.outputs.length} outputs are taken from the function ${name}, which has ${outputs.length}`);
  }
  if (new Set(given.attributes).size === given.attributes.length) return undefined;
  return refusal(`the function ${name} is given an attribute twice`);
}
