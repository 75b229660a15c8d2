// Finds the command that was asked for and runs it.

import { didYouMean } from '../settings/suggest.ts';
import { type CliSeams, type Command, EXIT, UsageError } from './seams.ts';
import { serve } from './serve.ts';

export type { CliSeams } from './seams.ts';

export const COMMANDS: readonly Command[] = [serve];

/** Resolves to the exit code; a wrong usage is one sentence on stderr and 2. */
export async function runCli(argv: readonly string[], seams: CliSeams): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return overview(name, seams);
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const names = COMMANDS.map((candidate) => candidate.name);
    seams.stderr.write(
      `kube-auth-broker: there is no command ${JSON.stringify(name)}${didYouMean(name, names)}; see --help\n`,
    );
    return EXIT.usage;
  }
  if (args.includes('--help') || args.includes('-h')) {
    seams.stdout.write(command.help);
    return EXIT.done;
  }
  try {
    return await command.run(args, seams);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    seams.stderr.write(`kube-auth-broker ${name}: ${error.message}\n`);
    return EXIT.usage;
  }
}

function overview(asked: string | undefined, { stdout, stderr }: CliSeams): number {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const text = `The token webhook of kube-apiserver.\n\nUsage: kube-auth-broker COMMAND [options]\n\n${lines.join('\n')}\n\nkube-auth-broker COMMAND --help tells more.\n`;
  (asked === undefined ? stderr : stdout).write(text);
  return asked === undefined ? EXIT.usage : EXIT.done;
}
