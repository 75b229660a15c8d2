// Judges a server certificate and key before they are served, so that the fault is named once and at the right place.

import type { X509Certificate } from 'node:crypto';
import { certificatesOf, endsSoon, privateKeyOf } from '../core/certificate.ts';

export interface CertificateFault {
  readonly in: 'certificate' | 'key';
  /** One sentence, completing "tls.crt …". */
  readonly message: string;
}

export interface CertificateFacts {
  readonly faults: readonly CertificateFault[];
  readonly warnings: readonly string[];
  readonly notAfterMs?: number;
}

/** Pure but for parsing: faults make the pair unusable, warnings are for the log. */
export function judgeCertificate(certPem: string, keyPem: string, nowMs: number): CertificateFacts {
  const [certificate] = certificatesOf(certPem) ?? [];
  const key = privateKeyOf(keyPem);
  const faults: CertificateFault[] = [];
  if (key === undefined) faults.push({ in: 'key', message: 'holds no unencrypted PEM private key' });
  if (certificate === undefined) {
    faults.push({ in: 'certificate', message: 'holds no PEM certificate' });
    return { faults, warnings: [] };
  }
  if (key !== undefined && !certificate.checkPrivateKey(key)) {
    faults.push({ in: 'key', message: 'does not belong to the certificate in certFile' });
  }
  const notAfterMs = Date.parse(certificate.validTo);
  if (notAfterMs <= nowMs) faults.push({ in: 'certificate', message: `expired on ${isoDay(notAfterMs)}; renew it` });
  if (Date.parse(certificate.validFrom) > nowMs) {
    faults.push({ in: 'certificate', message: `is not valid before ${certificate.validFrom}; check the clock` });
  }
  return { faults, warnings: certificateWarnings(certificate, notAfterMs, nowMs), notAfterMs };
}

function certificateWarnings(certificate: X509Certificate, notAfterMs: number, nowMs: number): string[] {
  const warnings: string[] = [];
  if (certificate.subjectAltName === undefined) {
    warnings.push('the server certificate has no subject alternative name; kube-apiserver refuses it');
  }
  if (notAfterMs > nowMs && endsSoon(certificate, nowMs)) {
    warnings.push(`the server certificate expires on ${isoDay(notAfterMs)}`);
  }
  return warnings;
}

function isoDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
