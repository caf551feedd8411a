// The chapters of the reference are the sections of src/index.ts: a line `// Title: what they have in common`, and the
// exports below it up to the next one.

import { readFileSync } from 'node:fs';
import { Comment, CommentTag, Converter } from 'typedoc';

const SECTION = /^\/\/ ([^:\n]+): .*$/gm;
const NAME = /\b(?:\w+ as )?(\w+)(?=\s*[,}])/g;

/**
 * @param {string} source text of src/index.ts
 * @returns {Map<string, string>} title of the section, by name of the export
 */
function sections(source) {
  const titles = new Map();
  const parts = source.split(SECTION).slice(1);
  for (let i = 0; i < parts.length; i += 2) {
    for (const [, name] of (parts[i + 1] ?? '').matchAll(NAME)) titles.set(name, parts[i]);
  }
  return titles;
}

/** @param {import('typedoc').Application} app */
export function load(app) {
  const titles = sections(readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8'));
  const order = [...new Set(titles.values())];
  app.options.setValue('categoryOrder', order);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const child of project.children ?? []) {
      const title = titles.get(child.name);
      if (title === undefined) throw new Error(`src/index.ts has no section for ${child.name}`);
      const categorised = child.signatures ?? [child];
      for (const reflection of categorised) {
        reflection.comment ??= new Comment();
        reflection.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: title }]));
      }
    }
  });
}
