// Runs the command line on mutated model and vector files and prints each that ends in a defect, a crash, more than 2 s of
// the processor or more than 512 MB.
//
//   node scripts/fuzz.mjs [count] [first seed] [model|vectors]
//
// Exit status 1 when there was any. A seed names one mutated file; a count of 1 repeats it.

import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

/** Of the processor, so that other work on the machine does not count. */
const MOST_MILLISECONDS = 2000;
/** Of the clock, for what waits. */
const MOST_WAITING = 30_000;
const MOST_BYTES = 512 * 2 ** 20;
/** How often a process is looked at. */
const EVERY = 50;

const root = fileURLToPath(new URL('..', import.meta.url));
const count = Number(process.argv[2] ?? 1000);
const start = Number(process.argv[3] ?? 1);
const kind = process.argv.slice(4, 5);
const end = start + count;

/** @type {Map<string, number>} */
const tally = new Map();
let faults = 0;

/**
 * @param {number} seed
 * @param {string} what
 */
function report(seed, what) {
  faults++;
  console.log(`seed ${seed}: ${what}`);
}

/**
 * Bytes that a process holds; 0 where the system does not tell.
 * @param {number | undefined} pid
 */
function residentBytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/**
 * Milliseconds that a process has computed; undefined where the system does not tell. Linux counts in hundredths of a second.
 * @param {number | undefined} pid
 */
function computedMilliseconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

/**
 * Runs cases in a process of their own until they are done or one has to be stopped.
 * @param {string} worker
 * @param {number} first
 * @returns {Promise<number>} the seed to go on with
 */
function runFrom(worker, first) {
  return new Promise((resolve, reject) => {
    const child = fork(worker, [String(first), String(end), ...kind], { execArgv: ['--max-old-space-size=512'] });
    let next = first;
    let seed = first;
    let begun = Infinity;
    let computed = 0;
    let stopped = false;
    /** @param {string} what */
    const stop = (what) => {
      stopped = true;
      report(seed, what);
      next = seed + 1;
      child.kill('SIGKILL');
    };
    const watch = setInterval(() => {
      if (stopped || begun === Infinity) return;
      const bytes = residentBytes(child.pid);
      const waited = performance.now() - begun;
      const spent = (computedMilliseconds(child.pid) ?? computed + waited) - computed;
      if (spent > MOST_MILLISECONDS || waited > MOST_WAITING) stop(`more than ${MOST_MILLISECONDS} ms`);
      else if (bytes > MOST_BYTES) stop(`${Math.round(bytes / 2 ** 20)} MB`);
    }, EVERY);
    child.on(
      'message',
      (/** @type {{begun?: number, done?: number, status?: number, of?: string, fault?: string}} */ m) => {
        if (stopped) return;
        if (m.begun !== undefined) {
          [seed, begun] = [m.begun, performance.now()];
          computed = computedMilliseconds(child.pid) ?? 0;
        }
        if (m.done === undefined) return;
        begun = Infinity;
        next = m.done + 1;
        const key = `${m.of} ${m.status}`;
        tally.set(key, (tally.get(key) ?? 0) + 1);
        if (m.fault !== undefined) report(m.done, m.fault);
      },
    );
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      if (!stopped && begun === Infinity && next === first) reject(new Error('the process does not begin'));
      if (!stopped && next < end) {
        report(seed, `the process ended with ${signal ?? `status ${code}`}`);
        next = seed + 1;
      }
      resolve(next);
    });
  });
}

// As deep as what it is bundled of, which finds the fixtures from where it lies.
const folder = mkdtempSync(join(root, 'test/.fuzz-'));
try {
  const worker = join(folder, 'worker.mjs');
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['test/fuzz/worker.ts'],
    outfile: worker,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    define: { __QUANTC_VERSION__: JSON.stringify('fuzz') },
    tsconfig: 'tsconfig.base.json',
    logLevel: 'warning',
  });
  for (let seed = start; seed < end;) seed = await runFrom(worker, seed);
} finally {
  rmSync(folder, { recursive: true });
}
for (const [key, times] of [...tally].sort()) console.log(`${String(times).padStart(8)}  ${key}`);
console.log(`${count} files, ${faults} faults`);
if (faults > 0) process.exitCode = 1;
