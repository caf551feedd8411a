// @ts-check
// The reference of the library, into api/. Every warning is an error, so that no type leaks and no link breaks.

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'quantc',
  entryPoints: ['src/index.ts'],
  tsconfig: 'tsconfig.core.json',
  out: 'api',
  readme: 'none',
  plugin: ['./scripts/typedoc-categories.mjs'],
  excludePrivate: true,
  excludeInternal: true,
  disableGit: true,
  disableSources: true,
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Variable', 'Function', 'Class', 'Method', 'Interface', 'TypeAlias'],
  // Helpers of types whose result is what a reader sees.
  intentionallyNotExported: [
    'src/ir/dtype.ts:Stores',
    'src/passes/pattern.ts:Simplify',
    'src/passes/pattern.ts:BindingsOf',
    'src/backends/quantisation.ts:WIDTHS',
  ],
  navigation: { includeCategories: true, includeGroups: false },
  categorizeByGroup: false,
};
