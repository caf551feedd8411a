import { UserError } from '../../../ir/diagnostics.js';
import { quantcRecipe } from './quantc.js';
import type { Recipe } from './recipe.js';
import { torchmodeloptRecipe } from './torchmodelopt.js';

/** Recipes by name; the first one is the default. */
export const RECIPES: readonly Recipe[] = [quantcRecipe, torchmodeloptRecipe];

/** The recipe of a name, or the default. @throws UserError when there is none of that name */
export function findRecipe(name: string | undefined): Recipe {
  const recipe = name === undefined ? RECIPES[0] : RECIPES.find((known) => known.name === name);
  if (recipe !== undefined) return recipe;
  throw new UserError({
    code: 'unknown-recipe',
    severity: 'error',
    message: `recipe '${name ?? ''}' is not known, accepted: ${RECIPES.map((known) => known.name).join(', ')}`,
  });
}
