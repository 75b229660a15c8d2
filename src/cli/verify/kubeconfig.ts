// What kube-apiserver makes of its webhook kubeconfig: where it calls, what it trusts, and how it shows who it is.

import { dirname, posix, resolve } from 'node:path';
import type { JsonObject } from '../../core/claims.ts';
import { Secret } from '../../core/secret.ts';
import { whyUnreadable } from '../../settings/fields.ts';
import { certificatesOf, pairFault } from '../pem.ts';
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
  const insecure = cluster['insecure-skip-tls-verify'] === true;
  const written = reader.text(cluster, 'server');
  const url = serverUrl(written, ca !== undefined || cert !== undefined || insecure);
  const authorization = reader.authorization(user);
  const faults = [...reader.faults, ...factFaults({ ca, cert, key, insecure, url })];
  if (faults.length > 0 || url === undefined) return { ok: false, faults };
  const serverName = reader.text(cluster, 'tls-server-name');
  const client = cert === undefined || key === undefined ? undefined : { cert, key: new Secret(key) };
  const kubeconfig: Kubeconfig = {
    context,
    url,
    insecure,
    ...(url.protocol === 'https:' && {
      ...(ca !== undefined && { ca }),
      ...(serverName !== '' && { serverName }),
      ...(client && { client }),
      ...(authorization && { authorization }),
    }),
    warnings: [...(hasUser ? [] : [NO_USER]), ...warningsOf(cluster, user, url, written)],
  };
  return { ok: true, kubeconfig };
}

const NO_USER = 'the context names a user that is not in users: kube-apiserver then shows no client certificate';

interface EntryReader {
  /** Filled while values are read. */
  readonly faults: string[];
  text(entry: JsonObject, field: string): string;
  /** `<field>-data` or the file named by `<field>`, relative to the kubeconfig's folder. */
  pem(entry: JsonObject, field: string): string | undefined;
  authorization(user: JsonObject): Secret | undefined;
}

function entryReader(folder: string, readFile: (path: string) => string): EntryReader {
  const faults: string[] = [];
  const text: EntryReader['text'] = (entry, field) => {
    const value = entry[field] ?? '';
    if (typeof value === 'string') return value;
    faults.push(`${field} must be a string`);
    return '';
  };
  const fileText = (field: string, name: string): string => {
    try {
      return readFile(resolve(folder, name));
    } catch (error) {
      faults.push(`${field}: cannot read ${resolve(folder, name)}: ${whyUnreadable(error)}`);
      return '';
    }
  };
  return {
    faults,
    text,
    pem: (entry, field) => {
      const [name, data] = [text(entry, field), text(entry, `${field}-data`)];
      if (name !== '' && data !== '') faults.push(`${field} and ${field}-data are both there; keep one`);
      if (data !== '') return Buffer.from(data, 'base64').toString();
      return name === '' ? undefined : fileText(field, name);
    },
    authorization: (user) => {
      const [token, tokenFile] = [text(user, 'token'), text(user, 'tokenFile')];
      const bearer = token === '' && tokenFile !== '' ? fileText('tokenFile', tokenFile).trim() : token;
      const [username, password] = [text(user, 'username'), text(user, 'password')];
      if (bearer !== '') return new Secret(`Bearer ${bearer}`);
      if (username === '' && password === '') return undefined;
      return new Secret(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
    },
  };
}

interface Facts {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly insecure: boolean;
  readonly url: URL | undefined;
}

function factFaults({ ca, cert, key, insecure, url }: Facts): string[] {
  const faults: string[] = [];
  if (url === undefined) faults.push('server is missing or no URL; write https://HOST:PORT/PATH');
  if (ca !== undefined && certificatesOf(ca) === undefined) faults.push('certificate-authority has no PEM certificate');
  if (ca !== undefined && insecure)
    faults.push('insecure-skip-tls-verify and a certificate authority exclude each other');
  if ((cert === undefined) !== (key === undefined)) faults.push('client certificate and client key go together');
  const pair = cert === undefined || key === undefined ? undefined : pairFault(cert, key);
  return pair === undefined ? faults : [...faults, pair];
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
  if ((cluster['proxy-url'] ?? '') !== '') {
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
