// Knows bearer tokens from a file: kube-apiserver's own CSV, or YAML with their digests.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Review } from '../src/core/authenticator.ts';
import { type Claims } from '../src/core/claims.ts';
import { type ProbeReport, type Provider, type ProviderSeams } from '../src/core/provider.ts';
import { tokenDigest } from '../src/core/token-digest.ts';
import { abstained, authenticated, unavailable, type Verdict } from '../src/core/verdict.ts';
import { defineProvider, type Fields, type Schema } from '../src/settings/provider-module.ts';
import { dataObject } from '../src/text/json.ts';
import type { TokenEntry } from './token-file/entry.ts';
import { isYamlName, parseTokenFile } from './token-file/file.ts';

interface TokenFileOptions {
  readonly file: {
    readonly path: string;
    readonly entries: readonly TokenEntry[];
    readonly doubts: readonly string[];
  };
}

/** Authenticated: the file has the token. Abstained: `wrong-kind` (a password or a JWT), `unknown-token`. Unavailable: `stopping`, `timeout`. */
export const tokenFile = defineProvider<TokenFileOptions>({
  type: 'token-file',
  accepts: ['bearer'],
  local: true,
  options: optionsSchema,
  warnings: ({ file }) => [...clearTokens(file), ...file.doubts],
  open: openTokenFile,
});

/** The loader reloads the configuration when the file changes, so the entries are read once per load. */
function optionsSchema(fields: Fields): Schema<TokenFileOptions> {
  const [digests, tokens] = [fields.file(), fields.file('secret')];
  const file = z
    .string()
    .min(1)
    .transform((name, context) => {
      const { data, error } = (isYamlName(name) ? digests : tokens).safeParse(name);
      const parsed =
        data === undefined
          ? { faults: error?.issues.map(({ message }) => message) ?? [] }
          : parseTokenFile(fields, data);
      if (data !== undefined && 'entries' in parsed) return { path: data.path, ...parsed };
      for (const message of 'faults' in parsed ? parsed.faults : []) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
  return fields.object({ file });
}

function clearTokens({ path, entries }: TokenFileOptions['file']): readonly string[] {
  if (isYamlName(path) || entries.length === 0) return [];
  return [
    `${path} has tokens in clear, and whoever reads it can log in with them: write a YAML file with their digests (kube-auth-broker hash-token)`,
  ];
}

function openTokenFile({ file }: TokenFileOptions, { randomBytes }: ProviderSeams): Provider {
  const find = finder(file.entries, randomBytes(32));
  let isClosed = false;
  return {
    authenticate: async ({ credential }: Review, signal: AbortSignal): Promise<Verdict<Claims>> => {
      if (credential.kind !== 'bearer' || credential.form !== 'opaque') return abstained('wrong-kind');
      if (isClosed) return unavailable('stopping');
      if (signal.aborted) return unavailable('timeout');
      const entry = find(credential.token.reveal());
      return entry === undefined ? abstained('unknown-token') : authenticated(claimsOf(entry));
    },
    probe: async (report) => describe(file, report),
    close: async () => {
      isClosed = true;
    },
  };
}

/**
 * Looks tokens up by a digest under a key of this process, so that the time it takes tells nothing about any token of the file:
 * which entries a guess is compared with is chance to whoever guesses.
 */
function finder(entries: readonly TokenEntry[], key: Buffer): (token: string) => TokenEntry | undefined {
  const slotOf = (digest: string): string => createHmac('sha256', key).update(digest).digest('base64url');
  const slots = new Map(entries.map((entry) => [slotOf(entry.digest), entry]));
  return (token) => {
    const digest = tokenDigest(token);
    const entry = slots.get(slotOf(digest));
    return entry !== undefined && timingSafeEqual(Buffer.from(entry.digest), Buffer.from(digest)) ? entry : undefined;
  };
}

function claimsOf({ username, uid, groups, attributes }: TokenEntry): Claims {
  const subject = uid ?? username;
  const entry = { username, ...(uid === undefined ? {} : { uid }), groups, ...(attributes && { attributes }), subject };
  return { subject, attributes: dataObject(Object.entries(entry)) };
}

function describe({ path, entries }: TokenFileOptions['file'], report: ProbeReport): void {
  const step = `tokens in ${path}`;
  if (entries.length === 0)
    report({ step, result: 'warning', detail: 'the file has no tokens: nobody can log in here' });
  else report({ step, result: 'ok', detail: String(entries.length) });
}
