import { InternalError, UserError } from '../ir/diagnostics.js';
import { ExecutionFault } from '../runtime/kernel.js';
import { parseArguments } from './arguments.js';
import { Console } from './console.js';
import { describeDefect } from './defect.js';
import { fileFault, mistake } from './faults.js';
import type { CommonFlags, Invocation } from './invocation.js';
import type { CliIo } from './io.js';

/** Exit statuses of spec 4.1. */
export const EXIT = { done: 0, checkFailed: 1, usage: 2, defect: 70 } as const;

/** What holds before the arguments are understood. */
const NO_FLAGS: CommonFlags = { color: true, json: false, quiet: false, verbose: false };

/**
 * The command line.
 * @param argv arguments behind the name of the program
 * @returns the exit status
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let flags: CommonFlags = { ...NO_FLAGS, color: !argv.includes('--no-color'), verbose: argv.includes('--verbose') };
  try {
    const columns = io.stdout.columns ?? 80;
    if (argv.length === 0) {
      const help = parseArguments(['--help'], columns);
      if (help.command === 'print') io.stderr.write(help.text);
      return EXIT.usage;
    }
    const invocation = parseArguments(argv, columns);
    if (invocation.command === 'print') {
      io.stdout.write(invocation.text);
      return EXIT.done;
    }
    flags = invocation.flags;
    return await dispatch(invocation, io, new Console(io, flags));
  } catch (error) {
    return complain(error, argv, io, flags);
  }
}

/** Each command loads what it needs when it is called, so that the small ones answer at once. */
async function dispatch(
  invocation: Exclude<Invocation, { command: 'print' }>,
  io: CliIo,
  console: Console,
): Promise<number> {
  switch (invocation.command) {
    case 'compile': {
      const { compileCommand } = await import('./commands/compile.js');
      return compileCommand(invocation.operands, invocation.flags, io, console);
    }
    case 'inspect': {
      const { inspectCommand } = await import('./commands/inspect.js');
      return inspectCommand(invocation.operands, invocation.flags, io, console);
    }
    case 'run': {
      const { runCommand } = await import('./commands/run.js');
      return runCommand(invocation.operands, invocation.flags, io, console);
    }
    case 'verify': {
      const { verifyCommand } = await import('./commands/verify.js');
      return verifyCommand(invocation.operands, invocation.flags, io, console);
    }
    case 'compare': {
      const { compareCommand } = await import('./commands/compare.js');
      return compareCommand(invocation.operands, invocation.flags, io, console);
    }
    case 'vectors': {
      const { vectorsCommand } = await import('./commands/vectors.js');
      return vectorsCommand(invocation.operands, invocation.flags, io, console);
    }
    case 'targets': {
      const { targetsCommand } = await import('./commands/targets.js');
      return targetsCommand(invocation.operands, console);
    }
  }
}

function complain(error: unknown, argv: readonly string[], io: CliIo, flags: CommonFlags): number {
  const console = new Console(io, flags);
  if (error instanceof UserError) {
    console.complain(error.diagnostics);
    return EXIT.usage;
  }
  if (error instanceof ExecutionFault) {
    console.complain([mistake('data', error.message)]);
    return EXIT.usage;
  }
  const fault = error instanceof InternalError ? undefined : fileFault('a file cannot be used', error);
  if (fault !== undefined) {
    console.complain([fault]);
    return EXIT.usage;
  }
  io.stderr.write(describeDefect(error, argv, io, flags));
  return EXIT.defect;
}
