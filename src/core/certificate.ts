// PEM certificates and keys, read and judged; what is wrong with them in words.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Every certificate in the text, in order; undefined when there is none or one cannot be read. */
export function certificatesOf(pem: string): readonly [X509Certificate, ...X509Certificate[]] | undefined {
  try {
    const [first, ...rest] = (pem.match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text));
    return first && [first, ...rest];
  } catch {
    return undefined;
  }
}

/** Why certificate and key cannot be used together, or undefined when they can. */
export function pairFault(certPem: string, keyPem: string): string | undefined {
  const [certificate] = certificatesOf(certPem) ?? [];
  if (certificate === undefined) return 'the client certificate is no PEM certificate';
  const key = privateKeyOf(keyPem);
  if (key === undefined) return 'the client key is no unencrypted PEM private key';
  return certificate.checkPrivateKey(key) ? undefined : 'the client key does not belong to the client certificate';
}

const SOON_MS = 14 * 24 * 3_600_000;

/** Within 14 days. */
export function endsSoon({ validToDate }: X509Certificate, nowMs: number): boolean {
  return validToDate.getTime() - nowMs <= SOON_MS;
}

/** `CN=kube-apiserver, O=…` on one line. */
export function nameIn(distinguishedName: string): string {
  return distinguishedName.replaceAll('\n', ', ') || 'without a name';
}

/** An unencrypted PEM private key; undefined for everything else. */
export function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
