import type { DraftFile, ModelDraft } from '../model-draft.js';
import { ARITHMETIC } from './arithmetic.js';
import { CLIPS } from './clips.js';
import { CONSTANTS } from './constants.js';
import { applyForm, Dice, type Form } from './form.js';
import { FUNCTIONS } from './functions.js';
import { LAYERS } from './layers.js';
import { LAYOUT } from './layout.js';
import { addDeadNodes, NOISE } from './noise.js';
import { POOLS } from './pools.js';

/** Every form, by name. */
export const FORMS: ReadonlyMap<string, Form> = new Map(
  [...LAYERS, ...POOLS, ...ARITHMETIC, ...CLIPS, ...LAYOUT, ...NOISE, ...CONSTANTS, ...FUNCTIONS].map((form) => [
    form.name,
    form,
  ]),
);

/** A draft as another exporter would write it: a few forms, here and there, in a file of another opset; the names used. */
export function rewriteAsExporter(
  draft: ModelDraft,
  seed: number,
): { readonly file: DraftFile; readonly forms: string[] } {
  const dice = new Dice(seed);
  const chosen = dice.shuffled([...FORMS.values()]).slice(0, 4 + (seed % 5));
  const share = dice.of([0.25, 0.5, 1]);
  const forms = chosen.flatMap((form) => (applyForm(form, draft, dice, share) > 0 ? [form.name] : []));
  if (dice.chance(0.3)) addDeadNodes(draft, dice);
  const opset = dice.of([17, 18, 20, 21]);
  return { file: { opset, irVersion: opset < 20 ? 8 : 10, producer: 'pytorch' }, forms };
}
