// Finds the command that was asked for and runs it.

import { didYouMean } from '../text/suggest.ts';
import { check } from './check.ts';
import { explain } from './explain.ts';
import { hashPassword } from './hash-password.ts';
import { issuerNewKey, issuerRevoke } from './issuer.ts';
import { kubeconfigWebhook } from './kubeconfig-webhook.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { type CliSeams, type Command, EXIT, UsageError } from './seams.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { verify } from './verify.ts';
import { version } from './version.ts';

export type { CliSeams } from './seams.ts';

export const COMMANDS: readonly Command[] = [
  serve,
  check,
  explain,
  verify,
  kubeconfigWebhook,
  hashPassword,
  issuerNewKey,
  issuerRevoke,
  login,
  logout,
  status,
  version,
];

/** Resolves to the exit code; a wrong usage is one sentence on stderr and 2. */
export async function runCli(argv: readonly string[], seams: CliSeams): Promise<number> {
  const [name] = argv;
  if (name === undefined || isHelp(name)) return overview(name, COMMANDS, seams);
  const command = COMMANDS.find((candidate) => isNamed(candidate, argv));
  if (command === undefined) return unknownCommand(argv, seams);
  const args = argv.slice(words(command).length);
  if (args.includes('--help') || args.includes('-h')) {
    seams.stdout.write(command.help);
    return EXIT.done;
  }
  try {
    return await command.run(args, seams);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    seams.stderr.write(`kube-auth-broker ${command.name}: ${error.message}\n`);
    return EXIT.usage;
  }
}

function isHelp(word: string | undefined): boolean {
  return word === 'help' || word === '--help' || word === '-h';
}

function words({ name }: Command): readonly string[] {
  return name.split(' ');
}

function isNamed(command: Command, argv: readonly string[]): boolean {
  return words(command).every((word, index) => word === argv[index]);
}

/** The first word alone of a command that has two is answered with the commands that begin so. */
function unknownCommand(argv: readonly string[], seams: CliSeams): number {
  const [name = '', second] = argv;
  const group = COMMANDS.filter((command) => words(command).length > 1 && words(command)[0] === name);
  if (group.length > 0 && (second === undefined || isHelp(second))) return overview(second, group, seams);
  const asked = group.length > 0 ? `${name} ${second}` : name;
  const names = (group.length > 0 ? group : COMMANDS).map((candidate) => candidate.name);
  seams.stderr.write(
    `kube-auth-broker: there is no command ${JSON.stringify(asked)}${didYouMean(asked, names)}; see --help\n`,
  );
  return EXIT.usage;
}

function overview(asked: string | undefined, commands: readonly Command[], { stdout, stderr }: CliSeams): number {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const text = `The token webhook of kube-apiserver.\n\nUsage: kube-auth-broker COMMAND [options]\n\n${lines.join('\n')}\n\nkube-auth-broker COMMAND --help tells more.\n`;
  (asked === undefined ? stderr : stdout).write(text);
  return asked === undefined ? EXIT.usage : EXIT.done;
}
