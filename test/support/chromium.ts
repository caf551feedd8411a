import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const NAMES = [
  'chromium-headless-shell',
  'chrome-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'chrome',
];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The executable of a Chromium: CHROME_PATH, or one of the usual names and places; undefined when there is none. */
export function findChromium(): string | undefined {
  const { CHROME_PATH: named, PATH: path = '' } = process.env;
  if (named !== undefined && named !== '') return named;
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...PLACES].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Loads a page that runs `script` and then shows the text that `expression` promises. @returns that text */
export async function showInChromium(chromium: string, script: string, expression: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'quantc-page-'));
  try {
    const page = join(folder, 'page.html');
    writeFileSync(join(folder, 'script.js'), script);
    // The page has loaded only when its modules have run.
    writeFileSync(
      page,
      `<!doctype html><meta charset="utf-8"><body><script src="script.js"></script><script type="module">
const encode = (text) => encodeURIComponent(text);
const show = (kind, text) => { document.body.innerHTML = '<output>' + kind + ' ' + encode(text) + '</output>'; };
try { show('shown', await ${expression}); } catch (error) { show('failed', String(error?.stack ?? error)); }
</script>`,
    );
    const flags = ['--headless', '--disable-gpu', '--no-first-run', `--user-data-dir=${join(folder, 'profile')}`];
    // Chromium refuses its sandbox to root, as whom containers run.
    if (process.getuid?.() === 0) flags.push('--no-sandbox');
    const dom = await output(chromium, [...flags, '--dump-dom', pathToFileURL(page).href]);
    const [, kind, text = ''] = /<output>(\w+) (.*?)<\/output>/.exec(dom) ?? [];
    if (kind === 'shown') return decodeURIComponent(text);
    throw new Error(kind === 'failed' ? decodeURIComponent(text) : `the page shows nothing: ${dom.slice(0, 500)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const output = (command: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 1 << 26, timeout: 100_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} failed: ${error.message}\n${stderr.slice(-2000)}`));
    });
  });
