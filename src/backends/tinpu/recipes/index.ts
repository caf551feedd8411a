import { quantcRecipe } from './quantc.js';
import type { Recipe } from './recipe.js';
import { torchmodeloptRecipe } from './torchmodelopt.js';

/** Recipes by name; the first one is the default. */
export const RECIPES: readonly Recipe[] = [quantcRecipe, torchmodeloptRecipe];

export const findRecipe = (name: string): Recipe | undefined => RECIPES.find((recipe) => recipe.name === name);
