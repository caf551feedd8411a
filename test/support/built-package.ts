import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The package as `npm run build` makes it, but for its types, in a folder of its own beside examples and fixtures. */
export class BuiltPackage {
  readonly path: string = mkdtempSync(join(tmpdir(), 'quantc-built-'));

  constructor() {
    execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), this.file('dist')], { stdio: 'pipe' });
    copyFileSync(join(ROOT, 'package.json'), this.file('package.json'));
    cpSync(join(ROOT, 'examples'), this.file('examples'), { recursive: true });
    for (const name of ['fixtures', 'node_modules']) symlinkSync(join(ROOT, name), this.file(name), 'junction');
  }

  file(name: string): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
