// `login`: the credential plugin of kubectl. Signs in at the broker's portal and prints the token.

import { type Command, type CommandSeams, EXIT, UsageError } from '../../command/command.ts';
import { parseOptions } from '../../command/options.ts';
import { parseDuration } from '../../text/duration.ts';
import { type Current, currentSession } from '../current-session.ts';
import { EXEC_INFO, type ExecVersion, execCredential, parseExecInfo, timestamp } from '../exec-credential.ts';
import { type Machine, thisMachine } from '../machine.ts';
import { MOMENT_MS } from '../prompts.ts';
import { shownServer } from '../server.ts';
import { type Session, usableUntil } from '../session.ts';
import { withPerson } from './person.ts';
import {
  CA_HELP,
  say,
  TARGET_HELP,
  TARGET_OPTIONS,
  type Target,
  type Tools,
  targetOf,
  withKubeconfig,
  withTools,
} from './target.ts';

const HELP = `Signs in at the broker and prints the token for kubectl (an ExecCredential of client-go). A kubeconfig names it as
the credential plugin of a user; people rarely type it.

Usage: kube-auth-broker login [--server URL] [--username NAME] [--lifetime D] [--ca FILE]

${TARGET_HELP}
  --username NAME       whose password to ask for; without it the name is asked for too
  --lifetime D          how long the token shall be good for: 30m, 8h; default what the broker thinks best
${CA_HELP}

The password is asked for on the terminal, never taken from an option, the environment or a file. The token is kept in
$KUBECACHEDIR/kube-auth-broker (~/.kube/cache/kube-auth-broker), readable by its owner alone, until 30 s before its end,
or until the broker does not accept it any more. Any number of commands at once ask once.

Exit codes: 0 done, 1 refused, or there is no terminal to ask on, 2 wrong usage, 3 the broker could not tell,
            130 Ctrl-C.
`;

const EXIT_CODES: Readonly<Record<Current['kind'], number>> = {
  remembered: EXIT.done,
  'signed-in': EXIT.done,
  refused: EXIT.refused,
  'gave-up': EXIT.refused,
  'no-terminal': EXIT.refused,
  'asked-already': EXIT.refused,
  busy: EXIT.refused,
  invalid: EXIT.usage,
  unknown: EXIT.unknown,
};

export const login: Command = loginOn(thisMachine);

export function loginOn(machine: () => Machine): Command {
  return {
    name: 'login',
    summary: 'sign in at the broker: the credential plugin of kubectl',
    help: HELP,
    run: async (args, seams) => {
      const given = parseOptions(args, { ...TARGET_OPTIONS, lifetime: { type: 'string' } });
      const here = { seams, machine: machine() };
      const options = await withKubeconfig(given, here);
      const target = targetOf(options, seams);
      const lifetime = lifetimeOf(options.lifetime);
      const request = parseExecInfo(seams.env[EXEC_INFO]);
      if (!request.ok) throw new UsageError(request.why);
      return withTools('login', target, here, async (tools) => {
        let isInterrupted = false;
        const onInterrupt = (): void => {
          isInterrupted = true;
        };
        const asked = { target, ...(lifetime !== undefined && { lifetime }), mayAsk: request.mayAsk, onInterrupt };
        const code = told(await current(asked, tools, here), { target, version: request.version }, seams);
        return isInterrupted ? EXIT.interrupted : code;
      });
    },
  };
}

interface Asked {
  readonly target: Target;
  readonly lifetime?: string;
  readonly mayAsk: boolean;
  readonly onInterrupt: () => void;
}

async function current(
  { target, mayAsk, onInterrupt, ...asked }: Asked,
  tools: Tools,
  { seams, machine }: { readonly seams: CommandSeams; readonly machine: Machine },
): Promise<Current> {
  const place = shownServer(target.url);
  return currentSession(target.key, {
    ...asked,
    ...tools,
    machine,
    clock: seams.clock,
    withPerson: async (work) => {
      if (!mayAsk) return undefined;
      const tell = (sentence: string): void => say('login', sentence, seams);
      return withPerson(seams, { machine, place, onInterrupt }, (person) => work({ ...person, say: tell }));
    },
  });
}

/** Prints the token, or the one line that says why there is none; the exit code. */
function told(
  outcome: Current,
  { target, version }: { readonly target: Target; readonly version: ExecVersion },
  seams: CommandSeams,
): number {
  if (outcome.kind === 'remembered' || outcome.kind === 'signed-in') {
    if (outcome.kind === 'signed-in') say('login', welcome(outcome.session), seams);
    seams.stdout.write(credentialOf(outcome.session, version, seams));
  } else say('login', whyNot(outcome, target), seams);
  return EXIT_CODES[outcome.kind];
}

function welcome({ identity, expiresAt }: Session): string {
  return `signed in as ${identity.username} until ${timestamp(expiresAt)}`;
}

/** An end that has passed already would make client-go run the plugin once more, for nothing. */
function credentialOf(session: Session, version: ExecVersion, seams: CommandSeams): string {
  const until = usableUntil(session);
  if (until > seams.clock.now()) return execCredential(version, session.token.reveal(), until);
  say(
    'login',
    'by the clock of this computer the new token ends within 30 s; check the clock, or ask for longer',
    seams,
  );
  return execCredential(version, session.token.reveal(), undefined);
}

function whyNot(outcome: Exclude<Current, { readonly session: Session }>, { url }: Target): string {
  const server = shownServer(url);
  switch (outcome.kind) {
    case 'refused':
      return `not signed in to ${server}: ${outcome.why}`;
    case 'gave-up':
      return `nothing was entered; not signed in to ${server}`;
    case 'no-terminal':
      return `not signed in to ${server}, and there is no terminal to ask for a password; first run on one: kubectl auth whoami`;
    case 'asked-already':
      return `not signed in to ${server}; the password was asked for a moment ago, try again in ${MOMENT_MS / 1000} s`;
    case 'busy':
      return `another command has been asking for the password for ${server} for minutes; answer or end it`;
    case 'invalid':
      return `${server} does not take the request: ${outcome.why}`;
    case 'unknown':
      return `could not tell whether the sign-in is good: ${outcome.why}`;
  }
}

/** The broker reads it again; here it is only told early what is no duration. */
function lifetimeOf(text: string | undefined): string | undefined {
  if (text === undefined || (parseDuration(text) ?? 0) > 0) return text;
  throw new UsageError('--lifetime must be a duration such as 30m, 8h or 1h30m');
}
