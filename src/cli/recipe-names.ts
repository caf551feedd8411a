/** The values of --recipe; the first one is the default. What was quantised before has other recipes in its summary. */
export const RECIPE_NAMES = ['quantc', 'torchmodelopt'] as const;
