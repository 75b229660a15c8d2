// `status`: who is signed in for kubectl, and until when.

import { type Command, type CommandSeams, EXIT } from '../../command/command.ts';
import { jsonText, OUTPUT, outputFormat, parseOptions } from '../../command/options.ts';
import { printable } from '../../text/printable.ts';
import { timestamp } from '../exec-credential.ts';
import { type Machine, thisMachine } from '../machine.ts';
import type { StandingAnswer } from '../portal-client.ts';
import { shownServer } from '../server.ts';
import type { Session } from '../session.ts';
import {
  CA_HELP,
  say,
  TARGET_HELP,
  TARGET_OPTIONS,
  type Target,
  targetOf,
  withKubeconfig,
  withTools,
} from './target.ts';

const HELP = `Says who is signed in at a broker for kubectl, and until when. Asks nobody for a password and shows no token.

Usage: kube-auth-broker status [--server URL] [--username NAME] [--ca FILE] [-o text|json]

${TARGET_HELP}
  --username NAME       of this user; default of the name that login asked for, else of the latest sign-in
${CA_HELP}
  -o, --output FORMAT   text (default), or json: {"server","state","username","groups","expirationTimestamp"}; state is
                        signed-in, refused, expired, unconfirmed or signed-out, which has no user

Exit codes: 0 signed in, 1 not signed in, 2 wrong usage, 3 the broker could not be asked.
`;

const STATES = {
  'signed-in': EXIT.done,
  'signed-out': EXIT.refused,
  expired: EXIT.refused,
  refused: EXIT.refused,
  unconfirmed: EXIT.unknown,
} as const;

interface Status {
  readonly server: string;
  readonly state: keyof typeof STATES;
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly expirationTimestamp?: string;
}

export const status: Command = statusOn(thisMachine);

export function statusOn(machine: () => Machine): Command {
  return {
    name: 'status',
    summary: 'say who is signed in for kubectl, and until when',
    help: HELP,
    run: async (args, seams) => {
      const { output, ...given } = parseOptions(args, { ...TARGET_OPTIONS, output: OUTPUT });
      const format = outputFormat(output, ['text', 'json']);
      const here = { seams, machine: machine() };
      const target = targetOf(await withKubeconfig(given, here), seams);
      return withTools('status', target, here, async ({ cache, portal }) => {
        const session = chosen(cache.ofServer(target.url.href), target);
        const answer = session && (await portal.standing(session.token));
        if (answer?.kind === 'unknown') say('status', `could not ask the broker: ${answer.why}`, seams);
        const found = statusOf({ target, session, answer }, seams);
        seams.stdout.write(format === 'json' ? jsonText(found) : textOf(found));
        return STATES[found.state];
      });
    },
  };
}

function chosen(sessions: readonly Session[], { key: { username } }: Target): Session | undefined {
  if (username === undefined) return sessions[0];
  return sessions.find((session) => session.username === username) ?? sessions.find(({ login }) => login === username);
}

interface Found {
  readonly target: Target;
  readonly session: Session | undefined;
  readonly answer: StandingAnswer | undefined;
}

function statusOf({ target, session, answer }: Found, { clock }: CommandSeams): Status {
  const server = shownServer(target.url);
  if (session === undefined || answer === undefined) return { server, state: 'signed-out' };
  const expiresAt = (answer.kind === 'stands' ? answer.expiresAt : undefined) ?? session.expiresAt;
  const identity = (answer.kind === 'stands' ? answer.identity : undefined) ?? session.identity;
  const state = expiresAt <= clock.now() ? 'expired' : STATE_OF[answer.kind];
  return { server, state, ...identity, expirationTimestamp: timestamp(expiresAt) };
}

const STATE_OF = { stands: 'signed-in', refused: 'refused', unknown: 'unconfirmed' } as const;

function textOf({ server, state, username = '', groups = [], expirationTimestamp = '' }: Status): string {
  const sentence = {
    'signed-in': `Signed in to ${server} as ${username} until ${expirationTimestamp}.`,
    'signed-out': `Not signed in to ${server}.`,
    expired: `The sign-in to ${server} as ${username} ended at ${expirationTimestamp}.`,
    refused: `${server} does not accept the token of ${username} any more; the next kubectl command signs in again.`,
    unconfirmed: `Signed in to ${server} as ${username} until ${expirationTimestamp}, if the token still stands.`,
  }[state];
  const members = groups.length === 0 ? '' : `Groups: ${printable(groups.join(', '))}\n`;
  return `${printable(sentence)}\n${members}`;
}
