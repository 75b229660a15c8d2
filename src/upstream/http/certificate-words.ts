// A certificate, and what is wrong with it, in words for an operator.

import type { X509Certificate } from 'node:crypto';
import { endsSoon, nameIn } from '../../core/certificate.ts';
import type { ProbeStep } from '../../core/provider.ts';

/** A warning when the certificate ends within 14 days, else ok. */
export function describeCertificate(certificate: X509Certificate, protocol: string): Omit<ProbeStep, 'step'> {
  const ends = certificate.validToDate;
  const detail = `${protocol}, certificate ${nameIn(certificate.subject)}, by ${nameIn(certificate.issuer)}, valid until ${ends.toISOString()}`;
  if (!endsSoon(certificate, Date.now())) return { result: 'ok', detail };
  return { result: 'warning', detail: `${detail}: it ends within 14 days, renew it` };
}

/**
 * The verification fault of node:tls and its cure.
 * `code` is `TLSSocket.authorizationError`, `expected` the name that the certificate had to carry.
 */
export function describeTlsFault(code: string, certificate: X509Certificate, expected: string): string {
  const issuer = nameIn(certificate.issuer);
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return `${code}: a certificate of the chain has ended (the server's own is valid until ${certificate.validToDate.toISOString()}); renew it`;
    case 'CERT_NOT_YET_VALID':
      return `${code}: the certificate is valid from ${certificate.validFromDate.toISOString()}; compare the clocks`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${code}: the certificate is for ${certificate.subjectAltName ?? nameIn(certificate.subject)}, not for ${expected}; use one of these names as host, or set tls.serverName to one`;
    default:
      return `${code}: the certificate (by ${issuer}) is not trusted; set tls.caFile to the authority that signed it`;
  }
}
