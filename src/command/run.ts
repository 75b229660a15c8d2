// Finds the command that was asked for and runs it.

import { didYouMean } from '../text/suggest.ts';
import { type Command, type CommandSeams, EXIT, Interrupted, UsageError } from './command.ts';

export interface Program<S extends CommandSeams> {
  /** One line: what it is for. */
  readonly about: string;
  readonly commands: readonly Command<S>[];
}

/** Resolves to the exit code; a wrong usage is one sentence on stderr and 2. */
export async function runProgram<S extends CommandSeams>(
  program: Program<S>,
  args: readonly string[],
  seams: S,
): Promise<number> {
  const argv = args[0] === '--version' ? ['version', ...args.slice(1)] : args;
  const [name] = argv;
  if (name === undefined || isHelp(name)) return overview(name, program, seams);
  const command = program.commands.find((candidate) => isNamed(candidate, argv));
  if (command === undefined) return unknownCommand(argv, program, seams);
  return runCommand(command, argv.slice(words(command).length), seams);
}

/** `args` are what comes after its name. Resolves as {@link runProgram}. */
export async function runCommand<S extends CommandSeams>(
  command: Command<S>,
  args: readonly string[],
  seams: S,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    seams.stdout.write(helpOf(command, seams));
    return EXIT.done;
  }
  try {
    return await command.run(args, seams);
  } catch (error) {
    if (error instanceof Interrupted) return EXIT.interrupted;
    if (!(error instanceof UsageError)) throw error;
    seams.stderr.write(`${seams.program} ${command.name}: ${error.message}\n`);
    return EXIT.usage;
  }
}

function isHelp(word: string | undefined): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

type Named = Pick<Command, 'name' | 'summary'>;

function words({ name }: Pick<Command, 'name'>): readonly string[] {
  return name.split(' ');
}

function isNamed(command: Pick<Command, 'name'>, argv: readonly string[]): boolean {
  return words(command).every((word, index) => word === argv[index]);
}

/** A command may belong to two programs, and is called by the name of the one that runs. */
function helpOf({ name, help }: Pick<Command, 'name' | 'help'>, { program }: Pick<CommandSeams, 'program'>): string {
  return help.replace(`Usage: kube-auth-broker ${name}`, `Usage: ${program} ${name}`);
}

/** What may stand in place of a command. */
const FLAGS = ['--help', '--version'];

/** The first word alone of a command that has two is answered with the commands that begin so. */
function unknownCommand(
  argv: readonly string[],
  { about, commands }: { readonly about: string; readonly commands: readonly Named[] },
  seams: CommandSeams,
): number {
  const [name = '', second] = argv;
  const group = commands.filter((command) => words(command).length > 1 && words(command)[0] === name);
  if (group.length > 0 && (second === undefined || isHelp(second)))
    return overview(second, { about, commands: group }, seams);
  const asked = group.length > 0 ? `${name} ${second}` : name;
  const names = [...(group.length > 0 ? group : commands).map((candidate) => candidate.name), ...FLAGS];
  seams.stderr.write(
    `${seams.program}: there is no command ${JSON.stringify(asked)}${didYouMean(asked, names)}; see --help\n`,
  );
  return EXIT.usage;
}

function overview(
  asked: string | undefined,
  { about, commands }: { readonly about: string; readonly commands: readonly Named[] },
  { program, stdout, stderr }: CommandSeams,
): number {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const text = `${about}\n\nUsage: ${program} COMMAND [options]\n\n${lines.join('\n')}\n\n${program} COMMAND --help tells more.\n`;
  (asked === undefined ? stderr : stdout).write(text);
  return asked === undefined ? EXIT.usage : EXIT.done;
}
