// `check --connect` for an issuer: the way to its documents, the documents, and the keys in them.

import type { ProbeReport } from '../../src/core/provider.ts';
import type { HttpClient } from '../../src/upstream/http/client.ts';
import { failedStep } from '../../src/upstream/http/fault-words.ts';
import { probeTransport, transportOf } from '../../src/upstream/http/transport-probe.ts';
import { discover, discoveryURL } from '../../src/upstream/oidc/discovery.ts';
import { fetchDocuments } from '../../src/upstream/oidc/issuer-keys.ts';
import type { KeySet } from '../../src/upstream/oidc/key-set.ts';
import type { OidcJwtOptions } from './options.ts';

interface Probing {
  readonly options: OidcJwtOptions;
  readonly http: HttpClient;
  readonly report: ProbeReport;
  readonly signal: AbortSignal;
}

/** Never throws. */
export async function probeIssuer({ options, http, report, signal }: Probing): Promise<void> {
  const { issuer, keys, ca } = options;
  if (keys !== undefined) return reportKeys('keys of keysFile', keys, options, report);
  const reach = (url: URL) => probeTransport(transportOf(url, ca === undefined ? undefined : { ca }), report, signal);
  const entry = options.discoveryURL ?? discoveryURL(issuer);
  if (!(await reach(entry))) return;
  const step = `discovery document of ${issuer}`;
  const document = await discover(http, issuer, signal, entry);
  if ('failure' in document) return report(failedStep(step, document.failure));
  report({ step, result: 'ok' });
  const address = document.value['jwks_uri'];
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url !== null && url.host !== entry.host && !(await reach(url))) return;
  const found = await fetchDocuments(options, http, signal);
  const where = `keys at ${url === null ? 'jwks_uri' : url.origin + url.pathname}`;
  if ('failure' in found) return report(failedStep(where, found.failure));
  reportKeys(where, found.value.keys, options, report);
}

function reportKeys(
  step: string,
  { keys, ignored }: KeySet,
  { signingAlgorithms }: OidcJwtOptions,
  report: ProbeReport,
): void {
  const usable = keys.filter((key) => signingAlgorithms.some((algorithm) => key.allows(algorithm)));
  const names = usable.map(({ kid }) => (kid === '' ? 'without kid' : kid)).join(', ');
  const detail = [
    `${usable.length} for ${signingAlgorithms.join(', ')}${names === '' ? '' : `: ${names}`}`,
    ...ignored,
  ];
  const cure = 'the issuer signs with other algorithms: compare signingAlgorithms';
  if (usable.length > 0) report({ step, result: 'ok', detail: detail.join('; ') });
  else report({ step, result: 'failed', detail: [...detail, cure].join('; ') });
}
