// The server certificate of a listener: read, and judged before it is served, so that a fault is named once and at the right place.

import type { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { certificatesOf, endsSoon, privateKeyOf } from '../core/certificate.ts';
import type { ServerTls } from '../core/listening.ts';
import { Secret } from '../core/secret.ts';
import type { ConfigFile, Fields } from './provider-module.ts';
import { ALWAYS, soundness } from './soundness.ts';

/** TLS of a listener with what is worth saying about its certificate. */
export interface CheckedTls {
  readonly tls: ServerTls;
  readonly notAfterMs: number;
  readonly warnings: readonly string[];
}

/** `tls{certFile,keyFile,clientCAFile,clientNames,minVersion}`; an expired or mismatched pair is an error. */
export function serverTlsField(fields: Fields, nowMs: number) {
  const block = fields.object({
    certFile: fields.file(),
    keyFile: fields.file('secret'),
    clientCAFile: fields.file().optional(),
    clientNames: z.array(z.string().min(1)).min(1).optional(),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
  });
  const judged = block.superRefine((given, context) => checkFiles(given, nowMs, context), ALWAYS);
  return judged.transform(({ certFile, keyFile, clientCAFile, clientNames, minVersion }): CheckedTls => {
    const { notAfterMs = 0, warnings } = judgeCertificate(certFile.text, keyFile.text, nowMs);
    const tls: ServerTls = {
      cert: certFile.text,
      key: new Secret(keyFile.text),
      ...(clientCAFile && { clientCA: clientCAFile.text }),
      ...(clientNames && { clientNames }),
      minVersion,
    };
    return { tls, notAfterMs, warnings };
  });
}

interface GivenTls {
  readonly certFile: ConfigFile;
  readonly keyFile: ConfigFile;
  readonly clientCAFile?: ConfigFile | undefined;
  readonly clientNames?: readonly string[] | undefined;
}

function checkFiles(given: GivenTls, nowMs: number, context: z.core.$RefinementCtx): void {
  const { certFile, keyFile, clientCAFile, clientNames } = given;
  const sound = soundness(context);
  const fail = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
  const isPair = sound('certFile') && sound('keyFile');
  for (const fault of isPair ? judgeCertificate(certFile.text, keyFile.text, nowMs).faults : []) {
    const [key, file] = fault.in === 'key' ? (['keyFile', keyFile] as const) : (['certFile', certFile] as const);
    fail(key, `${file.path} ${fault.message}`);
  }
  if (clientCAFile !== undefined && sound('clientCAFile') && certificatesOf(clientCAFile.text) === undefined) {
    fail('clientCAFile', `${clientCAFile.path} holds no PEM certificate`);
  }
  if (clientNames !== undefined && clientCAFile === undefined) {
    fail('clientNames', 'needs clientCAFile: without mutual TLS there is no client certificate to name');
  }
}

interface CertificateFault {
  readonly in: 'certificate' | 'key';
  /** One sentence, completing "tls.crt …". */
  readonly message: string;
}

interface CertificateFacts {
  readonly faults: readonly CertificateFault[];
  readonly warnings: readonly string[];
  readonly notAfterMs?: number;
}

/** Pure but for parsing: faults make the pair unusable, warnings are for the log. */
function judgeCertificate(certPem: string, keyPem: string, nowMs: number): CertificateFacts {
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
