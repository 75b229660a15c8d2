// `check --connect` for an authorization server: how far the broker gets, step by step, with a random token.

import type { ProbeReport, ProviderSeams } from '../../src/core/provider.ts';
import { Secret } from '../../src/core/secret.ts';
import { unavailable } from '../../src/core/verdict.ts';
import { failedStep } from '../../src/upstream/http/fault-words.ts';
import { probeTransport, transportOf } from '../../src/upstream/http/transport-probe.ts';
import type { Said } from '../../src/upstream/oidc/exchange.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import type { IntrospectionOptions } from './options.ts';

export interface Probing {
  readonly options: IntrospectionOptions;
  readonly server: AuthorizationServer;
  readonly seams: ProviderSeams;
  readonly report: ProbeReport;
  readonly signal: AbortSignal;
}

const RANDOM_TOKEN_BYTES = 32;

/** Reports the way to the server, discovery, the introspection endpoint and client authentication. Never throws. */
export async function probeServer({ options, server, seams, report, signal }: Probing): Promise<void> {
  const { issuer, introspectionEndpoint, tls, clientID, proof } = options;
  const entry = introspectionEndpoint ?? (issuer === undefined ? undefined : new URL(issuer));
  if (entry === undefined || !(await probeTransport(transportOf(entry, tls), report, signal))) return;

  const found = await server.endpoints.renewed(signal);
  const discovery = `discovery document of ${issuer}`;
  if ('failure' in found) return report(failedStep(discovery, found.failure));
  if (introspectionEndpoint === undefined) report({ step: discovery, result: 'ok' });

  const endpoint = found.value.introspection;
  report({ step: 'introspection endpoint', result: 'ok', detail: endpoint.href });
  const random = new Secret(seams.randomBytes(RANDOM_TOKEN_BYTES).toString('base64url'));
  const said = await server.introspect(endpoint, random, signal);
  reportClient(`client authentication as ${clientID} (${proof.method})`, said, report);
}

/** A random token must be inactive, and only a client that is let in is told so (RFC 7662 §2.2). */
function reportClient(step: string, said: Said, report: ProbeReport): void {
  if (said.kind === 'unavailable') return report(failedStep(step, said));
  if (said.kind === 'said' && said.json['active'] === true) {
    return report(failedStep(step, unavailable('accepts-anything')));
  }
  report({ step, result: 'ok', detail: 'a random token is not active' });
}
