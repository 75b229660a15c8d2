// What kube-apiserver makes of its webhook kubeconfig: where it calls, what it trusts, and how it shows who it is.

import { dirname, posix, resolve } from 'node:path';
import { certificatesOf, pairFault } from '../../core/certificate.ts';
import { Secret } from '../../core/secret.ts';
import { whyUnreadable } from '../../text/error-code.ts';
import type { JsonObject } from '../../text/json.ts';
import { authorizationOf, entryReader } from './entry-reader.ts';
import { type Faulty, pickEntries } from './kubeconfig-file.ts';

export interface Kubeconfig {
  readonly context: string;
  /** Path cleaned, no query; scheme filled in. */
  readonly url: URL;
  /** PEM; absent: the authorities of the system. */
  readonly ca?: string;
  readonly insecure: boolean;
  /** `tls-server-name`. */
  readonly serverName?: string;
  readonly client?: { readonly cert: string; readonly key: Secret };
  /** The Authorization header, over https only. */
  readonly authorization?: Secret;
  /** `proxy-url`, unless it is a SOCKS proxy; it counts before the environment. */
  readonly proxy?: URL;
  /** What client-go does silently and is probably not meant. */
  readonly warnings: readonly string[];
}

export type Read = { readonly ok: true; readonly kubeconfig: Kubeconfig } | Faulty;

/** Rules of k8s.io/client-go tools/clientcmd (validation.go, client_config.go, loader.go) and rest (url_utils.go). */
export function readKubeconfig(file: string, readFile: (path: string) => string): Read {
  let text: string;
  try {
    text = readFile(resolve(file));
  } catch (error) {
    return { ok: false, faults: [`cannot read ${file}: ${whyUnreadable(error)}`] };
  }
  const picked = pickEntries(text);
  if (!picked.ok) return picked;
  const { context, cluster, user, hasUser } = picked.entries;
  const reader = entryReader(dirname(resolve(file)), readFile);
  const ca = reader.pem(cluster, 'certificate-authority');
  const cert = reader.pem(user, 'client-certificate');
  const key = reader.pem(user, 'client-key');
  const insecure = reader.flag(cluster, 'insecure-skip-tls-verify');
  const written = reader.text(cluster, 'server');
  const url = serverUrl(written, ca !== undefined || cert !== undefined || insecure);
  const isTls = url?.protocol === 'https:';
  const authorization = authorizationOf(user, isTls, reader);
  const serverName = reader.text(cluster, 'tls-server-name');
  const proxy = reader.text(cluster, 'proxy-url');
  const faults = [
    ...reader.faults,
    ...entryFaults(url, cert, key, proxy),
    ...(isTls ? tlsFaults({ ca, cert, key, insecure }) : []),
  ];
  if (faults.length > 0 || url === undefined) return { ok: false, faults };
  const client = cert === undefined || key === undefined ? undefined : { cert, key: new Secret(key) };
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(serverName !== '' && { serverName }),
    ...(client && { client }),
    ...(authorization && { authorization }),
  };
  const warnings = [...(hasUser ? [] : [NO_USER]), ...warningsOf(cluster, user, url, written)];
  const through = proxy.startsWith('http') && { proxy: new URL(proxy) };
  return { ok: true, kubeconfig: { context, url, insecure, ...(isTls && { ...tls, ...through }), warnings } };
}

const NO_USER = 'the context names a user that is not in users: kube-apiserver then shows no client certificate';

/** What client-go refuses before it looks into any certificate. */
function entryFaults(
  url: URL | undefined,
  cert: string | undefined,
  key: string | undefined,
  proxy: string,
): readonly string[] {
  const proxyUrl = URL.parse(proxy);
  const isProxy = proxyUrl !== null && /^(?:https?|socks5):$/.test(proxyUrl.protocol);
  return [
    ...(url === undefined ? ['server is missing or no URL; write https://HOST:PORT/PATH'] : []),
    ...(cert !== undefined && key === undefined ? ['the client certificate has no client key'] : []),
    ...(proxy !== '' && !isProxy ? ['proxy-url is no http, https or socks5 URL'] : []),
  ];
}

interface TlsFacts {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean;
}

function tlsFaults({ ca, cert, key, insecure }: TlsFacts): readonly string[] {
  const pair = cert === undefined || key === undefined ? undefined : pairFault(cert, key);
  return [
    ...(ca !== undefined && certificatesOf(ca) === undefined ? ['certificate-authority has no PEM certificate'] : []),
    ...(ca !== undefined && insecure
      ? ['insecure-skip-tls-verify and a certificate authority exclude each other']
      : []),
    ...(pair === undefined ? [] : [pair]),
  ];
}

/** A bare `host:port` becomes https when anything of TLS is configured, else http; then it may have no path. */
function serverUrl(written: string, isTls: boolean): URL | undefined {
  if (written === '') return undefined;
  const whole = URL.parse(written);
  const hasScheme = whole !== null && whole.host !== '';
  const url = hasScheme ? whole : URL.parse(`${isTls ? 'https' : 'http'}://${written}`);
  if (url === null || !/^https?:$/.test(url.protocol) || (!hasScheme && url.pathname !== '/')) return undefined;
  url.search = '';
  url.hash = '';
  url.pathname = posix.resolve('/', url.pathname);
  return url;
}

function warningsOf(cluster: JsonObject, user: JsonObject, url: URL, written: string): string[] {
  const warnings: string[] = [];
  if (/[?#]/.test(written))
    warnings.push('server has a query or fragment, which kube-apiserver drops; use the path instead');
  if (!written.includes('://')) warnings.push(`server has no scheme; kube-apiserver takes ${url.protocol}//`);
  const proxy = cluster['proxy-url'];
  if (typeof proxy === 'string' && proxy !== '' && (proxy.startsWith('socks5') || url.protocol === 'http:')) {
    warnings.push('proxy-url is set: kube-apiserver goes through that proxy, the steps below go directly');
  }
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined) {
    warnings.push('the user has an exec or auth-provider entry, which is not run here');
  }
  if (url.protocol === 'http:') {
    warnings.push(
      'plain http: kube-apiserver ignores authority, client certificate and token, and tokens travel in clear',
    );
  }
  return warnings;
}
