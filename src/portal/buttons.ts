// The OpenID providers at which people sign in, each with its client.

import type { ProbeReport } from '../core/provider.ts';
import type { Seams } from '../core/seams.ts';
import { type CodeFlow, codeFlow } from '../upstream/oidc/code-flow.ts';
import type { OidcSignIn } from './settings.ts';

/** One OpenID provider, and the way there. */
export interface Button {
  readonly settings: OidcSignIn;
  readonly flow: CodeFlow;
}

export interface Buttons {
  /** In the order written. */
  readonly list: readonly Button[];
  close(): Promise<void>;
}

/** Opens no socket: whether a provider is there shows with the first sign-in, or with `check --connect`. */
export function openButtons(settings: readonly OidcSignIn[] | undefined, seams: Seams): Buttons {
  const list = (settings ?? []).map((button) => ({
    settings: button,
    flow: codeFlow(button.client, { ...seams, name: `portal.signIn.oidc ${button.name}` }),
  }));
  return { list, close: async () => void (await Promise.all(list.map(({ flow }) => flow.close()))) };
}

/** For `check --connect`: opens, probes and closes one of them. */
export async function probeButton(
  settings: OidcSignIn,
  seams: Seams,
  report: ProbeReport,
  signal: AbortSignal,
): Promise<void> {
  const opened = openButtons([settings], seams);
  await Promise.all(opened.list.map(({ flow }) => flow.probe(report, signal)));
  await opened.close();
}
