// @ts-check
import { builtinModules } from 'node:module';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The layers of src/ and what each may import, besides itself. The files directly in src/ may import all of these.
 * src/cli imports everything, and nothing imports it.
 *
 * @type {Record<string, string[]>}
 */
const layers = {
  ir: [],
  runtime: ['ir'],
  passes: ['ir', 'runtime'],
  backends: ['ir', 'runtime', 'passes'],
};
const deepest = 5;

/**
 * A pattern of import paths, and why they are not allowed.
 *
 * @typedef {{ regex: string, message: string, allowTypeImports?: boolean }} Ban
 */

const bans = {
  node: {
    regex: `^(?:node:.*|(?:${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(?:/.*)?)$`,
    message: 'The library runs in a browser too: only src/cli imports modules of Node.',
  },
  protobuf: {
    regex: '^(?:protobufjs|onnx-proto|long)(?:/.*)?$',
    message: 'Only src/ir/onnx knows the ONNX file format: use its functions instead.',
  },
  wholeProtobuf: {
    regex: '^protobufjs$',
    allowTypeImports: true,
    message: "Import 'protobufjs/minimal.js': the rest of protobufjs only reads .proto files.",
  },
  onnxruntime: {
    regex: '^onnxruntime-',
    message: 'onnxruntime serves the tests only; src has its own runtime.',
  },
  csv: {
    regex: '^csv-parse(?!/browser/esm/sync$)',
    message: "Import 'csv-parse/browser/esm/sync': the other entries need Node.",
  },
  cli: {
    regex: '^\\.{1,2}/(?:.*/)?cli(?:/|$)',
    message: 'Nothing imports src/cli: move what is shared into the library.',
  },
  crooked: {
    regex: '[^./]/\\.\\.?(?:/|$)|^\\./\\.|/\\./|//',
    message: 'Write the shortest relative path, so that the layer it leads to shows.',
  },
  own: {
    regex: '^(?:quantc(?:/.*)?|/.*|#.*|file:.*|data:.*)$',
    message: 'Import source files by a relative path.',
  },
};

/**
 * @param {string} layer
 * @param {number} depth how many folders below src/ the files are
 * @returns {Ban}
 */
function direction(layer, depth) {
  const allowed = [layer, ...(layers[layer] ?? [])];
  const beyond = allowed.length === 1 ? 'itself only' : `itself and ${(layers[layer] ?? []).join(', ')} only`;
  return {
    regex: `^(?:\\.\\./){${String(depth)}}(?!(?:${allowed.join('|')})/)`,
    message: `src/${layer} may import from ${beyond} (ir <- runtime <- passes <- backends).`,
  };
}

/**
 * @param {string} selector
 * @param {string} message
 */
const forbid = (selector, message) => ({ selector, message });

const syntax = [
  forbid('ExportDefaultDeclaration', 'Export by name, not by default.'),
  forbid('ExportSpecifier[exported.name="default"]', 'Export by name, not by default.'),
  forbid('ExportSpecifier[exported.value="default"]', 'Export by name, not by default.'),
  forbid('TSExportAssignment', 'Export by name, not by default.'),
  forbid('ForInStatement', 'Loop with for-of over Object.keys() or Object.entries() instead of for-in.'),
];

/**
 * The rules that ban import paths: in static imports and re-exports, and in import(). Types written as
 * `import('...')` fall under consistent-type-imports.
 *
 * @param {Ban[]} banned
 * @returns {import('eslint').Linter.RulesRecord}
 */
function imports(banned) {
  return {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: banned }],
    'no-restricted-syntax': [
      'error',
      ...syntax,
      forbid('ImportExpression > :not(Literal).source', 'Name the module to import with a plain string.'),
      ...banned.map(({ regex, message }) =>
        forbid(`ImportExpression > Literal.source[value=/${regex.replaceAll('/', '\\/')}/]`, message),
      ),
    ],
  };
}

const { node, protobuf, wholeProtobuf, onnxruntime, csv, cli, crooked, own } = bans;
const everywhere = [node, onnxruntime, csv, cli, crooked, own];

export default defineConfig(
  globalIgnores(['api/', 'dist/', 'coverage/', 'fixtures/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },

  {
    files: ['src/**/*.ts'],
    rules: {
      ...imports([...everywhere, protobuf]),
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'require', 'global', '__dirname', '__filename', 'setImmediate'].map((name) => ({
          name,
          message: node.message,
        })),
      ],
    },
  },
  ...Object.keys(layers).flatMap((layer) =>
    Array.from({ length: deepest }, (_, i) => ({
      files: [`src/${layer}/${'*/'.repeat(i)}*.ts`],
      rules: imports([...everywhere, protobuf, direction(layer, i + 1)]),
    })),
  ),
  ...Array.from({ length: deepest - 1 }, (_, i) => ({
    files: [`src/ir/onnx/${'*/'.repeat(i)}*.ts`],
    rules: imports([...everywhere, wholeProtobuf, direction('ir', i + 2)]),
  })),
  { files: ['src/runtime/**/*.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  {
    files: ['src/cli/**/*.ts'],
    rules: { ...imports([protobuf, onnxruntime, crooked, own]), 'no-console': 'off', 'no-restricted-globals': 'off' },
  },

  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...syntax],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'process', 'performance', 'URL', 'Buffer', 'TextEncoder', 'TextDecoder'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
  prettier,
);
