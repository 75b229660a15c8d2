// `logout`: revokes the remembered tokens at the broker, and forgets them whether that worked or not.

import { type Command, type CommandSeams, EXIT } from '../../command/command.ts';
import { parseOptions } from '../../command/options.ts';
import { printable } from '../../text/printable.ts';
import { timestamp } from '../exec-credential.ts';
import { type Machine, thisMachine } from '../machine.ts';
import { shownServer } from '../server.ts';
import type { Session } from '../session.ts';
import {
  CA_HELP,
  say,
  TARGET_HELP,
  TARGET_OPTIONS,
  type Tools,
  targetOf,
  withKubeconfig,
  withTools,
} from './target.ts';

const HELP = `Revokes the token that login keeps for kubectl, and forgets it.

Usage: kube-auth-broker logout [--server URL] [--username NAME] [--ca FILE]

${TARGET_HELP}
  --username NAME       only the token of this user; default all tokens of this server
${CA_HELP}

When the broker cannot be reached the token is forgotten all the same; it stays good until its end, and an operator can
revoke it.

Exit codes: 0 done, or there was nothing to do, 1 the cache cannot be used, 2 wrong usage, 3 forgotten, not revoked.
`;

export const logout: Command = logoutOn(thisMachine);

export function logoutOn(machine: () => Machine): Command {
  return {
    name: 'logout',
    summary: 'revoke and forget the token that login keeps',
    help: HELP,
    run: async (args, seams) => {
      const given = parseOptions(args, TARGET_OPTIONS);
      const here = { seams, machine: machine() };
      const target = targetOf(await withKubeconfig(given, here), seams);
      const { username } = target.key;
      return withTools('logout', target, here, async (tools) => {
        const sessions = tools.cache
          .exposedOfServer(target.url.href)
          .filter((session) => username === undefined || [session.username, session.login].includes(username));
        if (sessions.length === 0) say('logout', `not signed in to ${shownServer(target.url)}`, seams);
        const ended = await Promise.all(sessions.map((session) => end(session, tools, seams)));
        return ended.includes(false) ? EXIT.unknown : EXIT.done;
      });
    },
  };
}

/** False when the broker could not be told. The file goes first: a Ctrl-C while the broker is silent must not keep it. */
async function end(session: Session, { cache, portal }: Tools, seams: CommandSeams): Promise<boolean> {
  cache.signOut(session);
  const answer = await portal.revoke(session.token);
  const { username } = session.identity;
  if (answer.kind === 'unknown') {
    const until = timestamp(session.expiresAt);
    say('logout', `forgot the token of ${username}, but it is good until ${until}: ${answer.why}`, seams);
    return false;
  }
  const what = answer.kind === 'revoked' ? 'is revoked' : 'was not good any more';
  seams.stdout.write(`The token of ${printable(username)} ${what}; it is forgotten.\n`);
  return true;
}
