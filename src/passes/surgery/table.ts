import type { SurgeryEntry } from './entry.js';
import { celu, elu, selu } from './exponential-units.js';
import { gelu } from './gelu.js';
import { hardSwish } from './hard-swish.js';
import { mish } from './mish.js';
import { hardSigmoid, sigmoid } from './sigmoids.js';
import { silu } from './silu.js';
import { leakyRelu, pRelu, thresholdedRelu } from './sloped-units.js';
import { softplus } from './softplus.js';

/** The default table of model surgery (spec 3.1, C16). Chains come before the operators that they are made of. */
export const SURGERY: readonly SurgeryEntry[] = [
  gelu,
  silu,
  hardSwish,
  mish,
  elu,
  selu,
  celu,
  leakyRelu,
  pRelu,
  thresholdedRelu,
  softplus,
  sigmoid,
  hardSigmoid,
];

const ALIASES: ReadonlyMap<string, string> = new Map([['swish', 'silu']]);

/** The entry of the default table of a name; capitals, hyphens and underscores do not matter, and `swish` is `silu`. */
export function findSurgery(name: string): SurgeryEntry | undefined {
  const plain = simplified(name);
  const wanted = ALIASES.get(plain) ?? plain;
  return SURGERY.find((entry) => simplified(entry.name) === wanted);
}

const simplified = (name: string): string => name.toLowerCase().replaceAll(/[-_]/g, '');
