import type { Rule } from '../rule.js';

/** One replacement of model surgery (spec 3.1, C16): what is replaced by what, and the rules that do it. */
export interface SurgeryEntry {
  /** Kebab-case; the command line and reports call it so. */
  readonly name: string;
  /** What is replaced, in words. */
  readonly replaces: string;
  /** What stands in its place, in words. */
  readonly by: string;
  readonly rules: readonly Rule[];
}
