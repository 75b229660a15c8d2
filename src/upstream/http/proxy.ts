// The proxy that the environment names, by the rules of Go (golang.org/x/net/http/httpproxy), which kubectl and kube-apiserver follow.

import { once } from 'node:events';
import { request } from 'node:http';
import { BlockList, connect, isIP, type Socket } from 'node:net';
import { isLoopbackHost } from '../../core/listening.ts';
import { errorWord } from '../../text/error-code.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  readonly url: URL;
  /** The variable that names it. */
  readonly variable: string;
}

/** Why a proxy is of no use; the message is a sentence without its password. */
export class ProxyFault extends Error {
  readonly code = 'ERR_PROXY';
}

/**
 * `HTTPS_PROXY` for https, `HTTP_PROXY` for http, upper case before lower case; undefined for a loopback address and for what
 * `NO_PROXY` lists. Throws {@link ProxyFault} when the variable holds no URL of an HTTP proxy.
 */
export function proxyFor(target: URL, env: Environment): Proxy | undefined {
  const name = target.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const variable = [name, name.toLowerCase()].find((candidate) => (env[candidate] ?? '') !== '');
  if (variable === undefined || isDirect(target, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined;
  const text = env[variable] ?? '';
  const url = URL.parse(/^\w+:\/\//.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ProxyFault(`${variable} is not the URL of an HTTP proxy`);
  return { url, variable };
}

function isDirect(target: URL, exceptions: string): boolean {
  const host = hostOf(target);
  if (isLoopbackHost(target.hostname)) return true;
  const port = portOf(target);
  return exceptions
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && isException(entry, host, port));
}

/** `*`, an address, a network, a domain with all below it, `.domain` or `*.domain` with those below alone; with a port or without. */
function isException(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInNetwork(host, entry);
  const [, name = entry, only] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (only !== undefined && Number(only) !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*\./, '.');
  if (bare === host) return true;
  return isIP(host) === 0 && host.endsWith(bare.startsWith('.') ? bare : `.${bare}`);
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const [family, wanted] = [isIP(host), isIP(address)];
  if (family === 0 || family !== wanted || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/**
 * A connection to `target` through the proxy (CONNECT, RFC 9110 section 9.3.6); {@link ProxyFault} when it gives none. The signal
 * ends what is under way, with an AbortError.
 */
export async function tunnel(proxy: Proxy, target: URL, signal: AbortSignal): Promise<Socket> {
  const authority = `${target.hostname}:${portOf(target)}`;
  const headers = { host: authority, ...authorizationFor(proxy) };
  const socket = await reached(proxy, signal);
  const asked = request({ createConnection: () => socket, method: 'CONNECT', path: authority, headers, signal });
  asked.end();
  try {
    const { status, head } = await answerTo(asked);
    if (status < 200 || status > 299) throw new ProxyFault(`${nameOf(proxy)} ${refusal(status)}`);
    if (head.length > 0) socket.unshift(head);
    return socket;
  } catch (error) {
    socket.destroy();
    if (error instanceof ProxyFault || signal.aborted) throw error;
    throw new ProxyFault(`${nameOf(proxy)} broke off: ${errorWord(error)}`);
  }
}

function authorizationFor({ url: { username, password }, variable }: Proxy): { 'proxy-authorization'?: string } {
  if (username === '') return {};
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  } catch {
    throw new ProxyFault(`the name or the password in ${variable} has a % that begins no escape: write %25`);
  }
}

interface Answer {
  readonly status: number;
  /** What came after the answer already. */
  readonly head: Buffer;
}

/** A refusal is an ordinary response, anything else a switch of the connection. */
function answerTo(asked: ReturnType<typeof request>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('connect', ({ statusCode = 0 }, _socket, head) => resolve({ status: statusCode, head }));
    asked.on('response', ({ statusCode = 0 }) => resolve({ status: statusCode, head: Buffer.alloc(0) }));
  });
}

function refusal(status: number): string {
  if (status === 407) return 'wants a user and a password (407): http://USER:PASSWORD@HOST:PORT';
  return `does not connect (${status})`;
}

async function reached(proxy: Proxy, signal: AbortSignal): Promise<Socket> {
  const address = { host: hostOf(proxy.url), port: portOf(proxy.url) };
  const isTls = proxy.url.protocol === 'https:';
  const socket = isTls
    ? (await import('node:tls')).connect({ ...address, rejectUnauthorized: true })
    : connect(address);
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw error;
    throw new ProxyFault(`${nameOf(proxy)} cannot be reached: ${errorWord(error)}`);
  }
}

function nameOf({ url, variable }: Proxy): string {
  return `the proxy ${url.host} (${variable})`;
}
