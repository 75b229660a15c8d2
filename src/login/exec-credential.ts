// What kubectl says to a credential plugin, and what it wants back (client-go pkg/apis/clientauthentication/v1/types.go).

import type { EpochMs } from '../core/verdict.ts';
import { isJsonObject, parseJsonObject } from '../text/json.ts';

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'] as const;
export type ExecVersion = (typeof VERSIONS)[number];

/** The environment variable in which client-go says what it wants. */
export const EXEC_INFO = 'KUBERNETES_EXEC_INFO';

export type ExecRequest =
  | { readonly ok: true; readonly version: ExecVersion; readonly mayAsk: boolean }
  | { readonly ok: false; readonly why: string };

/**
 * Which version is asked for, and whether people may be asked; without `text` somebody runs the command by hand.
 * `spec.interactive` is false when standard input is no terminal, or the kubeconfig says `interactiveMode: Never`.
 */
export function parseExecInfo(text: string | undefined): ExecRequest {
  if (text === undefined || text === '') return { ok: true, version: VERSIONS[0], mayAsk: true };
  const info = parseJsonObject(text);
  if (info?.['kind'] !== 'ExecCredential') return { ok: false, why: `${EXEC_INFO} is not an ExecCredential` };
  const version = VERSIONS.find((known) => known === info['apiVersion']);
  if (version === undefined) {
    return { ok: false, why: `the kubeconfig must ask for apiVersion ${VERSIONS[0]}, or ${VERSIONS[1]}` };
  }
  const spec = info['spec'];
  return { ok: true, version, mayAsk: !(isJsonObject(spec) && spec['interactive'] === false) };
}

/** One line of JSON; without `expiresAt` kubectl keeps the token until it is refused or kubectl ends. */
export function execCredential(version: ExecVersion, token: string, expiresAt: EpochMs | undefined): string {
  const until = expiresAt === undefined ? {} : { expirationTimestamp: timestamp(expiresAt) };
  return `${JSON.stringify({ apiVersion: version, kind: 'ExecCredential', status: { ...until, token } })}\n`;
}

/** RFC 3339 in whole seconds, never later than the time itself. */
export function timestamp(time: EpochMs): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
