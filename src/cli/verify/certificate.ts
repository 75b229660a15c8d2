// TLS as kube-apiserver sees it: the chain, the name and the end of the broker's certificate, step by step.

import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { endsSoon, nameIn } from '../../core/certificate.ts';
import { errorWord } from '../../text/error-code.ts';
import { ProxyFault } from '../../upstream/http/proxy.ts';
import { type Finding, failed, ok, outage, warning } from './finding.ts';
import { expectedName, nameFault, socketTo, type Target, tlsOptions } from './target.ts';

const HANDSHAKE_TIMEOUT_MS = 5000;

interface Seen {
  readonly certificate: X509Certificate;
  readonly protocol: string;
  /** What OpenSSL says of the chain. */
  readonly chainFault?: string;
}

/** Up to four findings; nothing of HTTP is sent. */
export async function certificateFindings(target: Target, nowMs: number): Promise<readonly Finding[]> {
  const { kubeconfig } = target;
  const seen = await shakeHands(target);
  if ('step' in seen) return [seen];
  const { certificate, protocol, chainFault } = seen;
  const handshake = ok(`TLS handshake`, `${protocol}, certificate ${nameIn(certificate.subject)}`);
  if (kubeconfig.insecure) return [handshake, INSECURE];
  return [
    handshake,
    chainFinding(seen, kubeconfig.ca !== undefined),
    nameFinding(certificate, expectedName(kubeconfig)),
    // An expired certificate is the chain's fault already.
    ...(chainFault === undefined ? [endFinding(certificate, nowMs)] : []),
  ];
}

const INSECURE = warning(
  'certificate',
  'insecure-skip-tls-verify is set: kube-apiserver gives every token to whoever answers at this address; use a certificate authority',
);

/** Looks instead of refusing, so that a bad certificate can be described. */
async function shakeHands(target: Target): Promise<Seen | Finding> {
  let through: Socket | undefined;
  try {
    through = await socketTo(target, HANDSHAKE_TIMEOUT_MS);
  } catch (error) {
    return outage('TLS handshake', error instanceof ProxyFault ? error.message : errorWord(error));
  }
  return new Promise((resolve) => {
    const options = { ...tlsOptions(target, target.kubeconfig.client), ...(through && { socket: through }) };
    const socket = connect({ ...options, rejectUnauthorized: false, checkServerIdentity: () => undefined });
    const end = (seen: Seen | Finding): void => {
      socket.destroy();
      resolve(seen);
    };
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () =>
      end(outage('TLS handshake', `no answer within ${HANDSHAKE_TIMEOUT_MS / 1000}s`)),
    );
    socket.once('secureConnect', () => end(look(socket)));
    socket.on('error', (error) => end(handshakeFault(errorWord(error), target)));
    socket.once('close', () => end(handshakeFault('ECONNRESET', target)));
  });
}

function look(socket: TLSSocket): Seen | Finding {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return failed('TLS handshake', 'the server shows no certificate');
  const fault = socket.authorized ? undefined : String(socket.authorizationError);
  return { certificate, protocol: socket.getProtocol() ?? 'TLS', ...(fault !== undefined && { chainFault: fault }) };
}

function handshakeFault(code: string, { kubeconfig }: Target): Finding {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return failed(
      'TLS handshake',
      `${code}: the server does not speak TLS here; configure webhook.tls, or correct the port`,
    );
  }
  const next =
    kubeconfig.client === undefined
      ? 'If the broker has webhook.tls.clientCAFile, add client-certificate and client-key to the kubeconfig'
      : 'Compare the client certificate with webhook.tls.clientCAFile of the broker';
  return failed('TLS handshake', `${code}: the server broke it off. ${next}`);
}

function chainFinding({ certificate, chainFault }: Seen, hasCA: boolean): Finding {
  const issuer = nameIn(certificate.issuer);
  const by = hasCA ? 'certificate-authority of the kubeconfig' : "the system's authorities (the kubeconfig names none)";
  if (chainFault === undefined) return ok('certificate chain', `leads to ${by}`);
  if (chainFault === 'CERT_HAS_EXPIRED') {
    return failed(
      'certificate chain',
      `${chainFault}: the certificate ended on ${certificate.validToDate.toISOString()}, or one above it has ended; renew it`,
    );
  }
  if (chainFault === 'CERT_NOT_YET_VALID') {
    return failed(
      'certificate chain',
      `${chainFault}: it begins on ${certificate.validFromDate.toISOString()}; compare the clocks`,
    );
  }
  return failed(
    'certificate chain',
    `${chainFault}: issued by ${issuer}, which does not lead to ${by}; write the authority that signed it into certificate-authority-data`,
  );
}

function nameFinding(certificate: X509Certificate, expected: string): Finding {
  const fault = nameFault(certificate, expected);
  return fault === undefined ? ok('certificate name', `good for ${expected}`) : failed('certificate name', fault);
}

function endFinding(certificate: X509Certificate, nowMs: number): Finding {
  const end = certificate.validToDate.toISOString();
  const step = 'certificate end';
  return endsSoon(certificate, nowMs) ? warning(step, `${end}, within 14 days; renew it`) : ok(step, end);
}
