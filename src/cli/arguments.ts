import { Command, CommanderError } from 'commander';
import { UserError } from '../ir/diagnostics.js';
import { VERSION } from '../backends/version.js';
import { mistake } from './faults.js';
import { addCompare, addCompile, addInspect, addRun, addTargets, addVectors, addVerify } from './commands/options.js';
import { didYouMean, nearest } from '../ir/nearest.js';
import { ALL_SURGERY } from './settings.js';
import type { Invocation } from './invocation.js';

const DESCRIPTION = "Quantises float ONNX models for TI's NPUs.";

const EXAMPLES = `
A model is compiled when no command is named:
  quantc model.onnx --target f28p55 --calib samples.npy

Help on a command: quantc compile --help
Exit status: 0 done, 1 a check failed, 2 wrong input or usage, 70 a defect of quantc`;

/**
 * What the arguments ask for.
 * @param columns width that help is wrapped to
 * @throws UserError for unknown commands and options and for options without their value
 */
export function parseArguments(argv: readonly string[], columns: number): Invocation {
  const ordered = commandFirst(argv.map(withoutOperand));
  const [first] = ordered;
  let invocation: Invocation | undefined;
  const printed: string[] = [];
  const program = new Command('quantc')
    .description(DESCRIPTION)
    .usage('[command] <model.onnx> [options]')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printed.push(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => columns,
      getOutHasColors: () => false,
    });
  const accept = (wanted: Invocation): void => {
    invocation = wanted;
  };
  for (const add of [addCompile, addInspect, addRun, addVerify, addCompare, addVectors, addTargets])
    add(program, accept);
  try {
    program.parse(ordered, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new UserError(mistake('usage', ...explain(error, first, program)));
  }
  refuseUnknownCommand(invocation, ordered);
  return invocation ?? { command: 'print', text: printed.join('') };
}

/** A word before the model can only be a mistyped command. */
function refuseUnknownCommand(invocation: Invocation | undefined, [first]: readonly string[]): void {
  if (invocation?.command !== 'compile' || first === undefined || invocation.operands.length < 2) return;
  if (first !== invocation.operands[0] || /[./\\]/.test(first)) return;
  const hint = didYouMean(nearest(first, COMMANDS)) ?? '`quantc --help` lists the commands';
  throw new UserError(mistake('usage', `'${first}' is no command of quantc`, hint));
}

/** What commander objects to, in quantc's words, and a hint. */
function explain(
  { code, message }: CommanderError,
  first: string | undefined,
  program: Command,
): [message: string, hint: string] {
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  const command = program.commands.find((known) => known.name() === first) ?? program.commands[0];
  const help = `\`quantc ${command?.name() ?? ''} --help\` lists the options`;
  switch (code) {
    case 'commander.unknownOption': {
      const known = command?.options.flatMap(({ long }) => long?.slice(2) ?? []) ?? [];
      const [typed = ''] = quoted.replace(/^-+/, '').split('=');
      const close = quoted.startsWith('--') ? nearest(typed, known, 1) : [];
      const hint = didYouMean(close.map((name) => `--${name}`)) ?? help;
      return [`${command?.name() ?? 'quantc'} has no option '${quoted}'`, hint];
    }
    case 'commander.optionMissingArgument':
      return [`the option '${quoted}' wants a value`, help];
    case 'commander.missingArgument':
      return [
        'no model is given',
        `\`quantc ${command?.name() ?? ''} ${command?.usage().replace('[options] ', '') ?? ''}\``,
      ];
    default:
      return [message.replace(/^error: /, ''), help];
  }
}

/** `--surgery` and `--save-config` take a value or none; a file name behind the one, a model behind the other, is none. */
const withoutOperand = (argument: string, i: number, argv: readonly string[]): string => {
  const next = argv[i + 1] ?? '';
  if (argument === '--surgery' && /[./\\]/.test(next)) return `--surgery=${ALL_SURGERY}`;
  return argument === '--save-config' && /\.onnx$/i.test(next) ? '--save-config=' : argument;
};

/** Flags without a value that may stand before the command. */
const LEADING: ReadonlySet<string> = new Set(['--json', '--quiet', '-q', '--verbose', '-v', '--no-color']);
const COMMANDS: ReadonlySet<string> = new Set(['compile', 'inspect', 'run', 'verify', 'compare', 'vectors', 'targets']);

/** The arguments with the command in front of all flags, where one is named. */
function commandFirst(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((argument) => !LEADING.has(argument));
  const command = argv[at];
  return command !== undefined && COMMANDS.has(command) ? [command, ...argv.toSpliced(at, 1)] : argv;
}
