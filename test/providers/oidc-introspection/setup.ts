// Opens the provider as the program does: options through its own schema, a clock that a test may move.

import { z } from 'zod';
import type { IntrospectionOptions } from '../../../providers/oidc-introspection/options.ts';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import type { Claims } from '../../../src/core/claims.ts';
import type { BearerCredential } from '../../../src/core/credential.ts';
import { parseJwt } from '../../../src/core/jwt.ts';
import type { ProbeStep, Provider, ProviderSeams } from '../../../src/core/provider.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { createFields } from '../../../src/settings/fields.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { CLIENT_ID, CLIENT_SECRET } from '../../support/fake-authorization-server.ts';
import { deadline } from '../../support/patience.ts';
import { testSeams } from '../../support/seams.ts';
import { createSinks } from '../../support/sinks.ts';

export type WrittenOptions = Readonly<Record<string, unknown>>;

const ENV = { CLIENT_SECRET };

/** A client that the fake server knows. */
export const CLIENT: WrittenOptions = { clientID: CLIENT_ID, clientSecret: { env: 'CLIENT_SECRET' } };

/** Parses options as the loader does; files are those of `files`, relative to `/config`. */
export function parseOptions(
  written: WrittenOptions,
  files: Readonly<Record<string, string>> = {},
): z.ZodSafeParseResult<IntrospectionOptions> {
  const readFile = (path: string) => {
    const text = files[path.replace('/config/', '')];
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  };
  const fields = createFields({ dir: '/config', env: ENV, readFile, seen: () => undefined });
  return oidcIntrospection.options(fields).safeParse(written);
}

export function optionsOf(written: WrittenOptions, files: Readonly<Record<string, string>> = {}): IntrospectionOptions {
  const parsed = parseOptions(written, files);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

/** `path: message` of every fault; empty when there is none. */
export function faultsOf(written: WrittenOptions, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const issues = parseOptions(written, files).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

export function seamsFor(change: Partial<ProviderSeams> = {}): ProviderSeams {
  const { log } = createSinks();
  return testSeams({ log, name: 'corp-idp', ...change });
}

export function bearer(token: string): BearerCredential {
  const jwt = parseJwt(token);
  const form = jwt === undefined ? 'opaque' : 'jwt';
  return { kind: 'bearer', form, token: new Secret(token), ...(jwt === undefined ? {} : { jwt }) };
}

/** A JWT nobody signed; only its claims are looked at. */
export function jwtOf(claims: unknown, header: unknown = { alg: 'RS256' }): string {
  return `${encoded(header)}.${encoded(claims)}.c2lnbmF0dXJl`;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

export function login(provider: Provider, token: string, signal = deadline(2500)): Promise<Verdict<Claims>> {
  return provider.authenticate(reviewOf(bearer(token)), signal);
}

export async function probeSteps(provider: Provider): Promise<readonly ProbeStep[]> {
  const steps: ProbeStep[] = [];
  await provider.probe((step) => void steps.push(step), deadline(2500));
  return steps;
}

/** What a table row compares: the verdict without its words. */
export function outcomeOf(verdict: Verdict<unknown>): string {
  return verdict.kind === 'authenticated' ? 'authenticated' : `${verdict.kind} ${verdict.reason}`;
}
