import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Whether there is a C compiler to try what is written in C. */
export function hasGcc(): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Compiles C sources of a folder, warnings being errors, and runs what comes of it. Returns what it prints. */
export function runC(folder: string, ...sources: readonly string[]): string {
  return execFileSync(compileC(folder, sources), { encoding: 'utf8' });
}

/** Likewise for a program that may end with another status than 0. */
export function endOfC(
  folder: string,
  ...sources: readonly string[]
): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync(compileC(folder, sources), { encoding: 'utf8' });
  return { status, stdout };
}

function compileC(folder: string, sources: readonly string[]): string {
  const program = join(folder, 'program');
  const flags = ['-Wall', '-Wextra', '-Werror', '-std=c99', '-I', folder, '-o', program];
  execFileSync('gcc', [...flags, ...sources.map((name) => join(folder, name)), '-lm']);
  return program;
}
