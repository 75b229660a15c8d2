// `kubeconfig webhook`: writes the file for kube-apiserver's --authentication-token-webhook-config-file.

import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { EXIT, UsageError } from '../command/command.ts';
import { parseOptions, required } from '../command/options.ts';
import { certificatesOf, pairFault } from '../core/certificate.ts';
import { isLoopbackHost } from '../core/listening.ts';
import { DEFAULT_ENDPOINT } from '../settings/webhook-schema.ts';
import { whyUnreadable } from '../text/error-code.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { clusterNameAdvice, isClusterName } from './verify/reach.ts';

const HELP = `Prints the kubeconfig that tells kube-apiserver where the broker is.

Usage: kube-auth-broker kubeconfig webhook --server URL --ca FILE [--client-cert FILE --client-key FILE] [--embed]
                                           [--tls-server-name NAME]

  --server URL             where kube-apiserver finds the broker: https://127.0.0.1:8443/authenticate; the path is that
                           of an endpoint; plain http is for a loopback address only
  --ca FILE                the authority (PEM) that signed the broker's certificate; it becomes part of the output
  --client-cert FILE       the certificate that kube-apiserver shows to the broker
  --client-key FILE        its key
  --embed                  makes certificate and key part of the output instead of naming their files; kube-apiserver
                           rereads files when they change, and never what is embedded
  --tls-server-name NAME   the name in the broker's certificate, when it is not the host in the URL

  kube-auth-broker kubeconfig webhook --server https://127.0.0.1:8443/authenticate --ca ca.crt > webhook.kubeconfig

Then check it on a control-plane node: kube-auth-broker verify --kubeconfig webhook.kubeconfig
`;

interface Given {
  readonly server: URL;
  readonly caFile: string | undefined;
  readonly client: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly embed: boolean;
  readonly tlsServerName: string | undefined;
}

export const kubeconfigWebhook: CliCommand = {
  name: 'kubeconfig webhook',
  summary: 'print the kubeconfig with which kube-apiserver calls the broker',
  help: HELP,
  run: async (args, seams) => {
    const given = givenIn(args);
    const kubeconfig = kubeconfigOf(given, seams);
    for (const warning of warningsOf(given)) seams.stderr.write(`warning: ${warning}\n`);
    seams.stdout.write(stringify(kubeconfig, { lineWidth: 0 }));
    return EXIT.done;
  },
};

function givenIn(args: readonly string[]): Given {
  const options = parseOptions(args, {
    server: { type: 'string' },
    ca: { type: 'string' },
    'client-cert': { type: 'string' },
    'client-key': { type: 'string' },
    embed: { type: 'boolean', default: false },
    'tls-server-name': { type: 'string' },
  });
  const server = serverUrl(required(options.server, '--server'));
  const { embed, 'client-cert': certFile, 'client-key': keyFile } = options;
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new UsageError('--client-cert and --client-key go together');
  if (embed && certFile === undefined) throw new UsageError('--embed needs --client-cert and --client-key');
  return {
    server,
    caFile: server.protocol === 'https:' ? required(options.ca, '--ca') : options.ca,
    client: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    embed,
    tlsServerName: options['tls-server-name'],
  };
}

/** Only what arrives: client-go drops a query, and a user in the URL is no way to pass a secret. */
function serverUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('--server must be a URL such as https://127.0.0.1:8443/authenticate');
  }
  if (url.username !== '' || url.password !== '') throw new UsageError('--server must not have a user or a password');
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(
      '--server must not have a query or fragment: kube-apiserver drops both; use a path per cluster',
    );
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new UsageError(
      '--server must be https: tokens must not travel in clear, plain http is for a loopback address only',
    );
  }
  return url;
}

function kubeconfigOf({ server, caFile, client, embed, tlsServerName }: Given, seams: CliSeams): object {
  const ca = caFile === undefined ? undefined : readPem(caFile, '--ca', seams);
  if (ca !== undefined && certificatesOf(ca) === undefined)
    throw new UsageError(`--ca: ${caFile} has no PEM certificate`);
  const cluster = {
    server: server.href,
    ...(ca !== undefined && { 'certificate-authority-data': base64(ca) }),
    ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
  };
  const user = client === undefined ? {} : userOf(client, embed, seams);
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kube-auth-broker', cluster }],
    users: [{ name: 'kube-apiserver', user }],
    contexts: [{ name: 'webhook', context: { cluster: 'kube-auth-broker', user: 'kube-apiserver' } }],
    'current-context': 'webhook',
  };
}

/** Files are named by their absolute path: nobody knows yet in which folder the output will be. */
function userOf({ certFile, keyFile }: NonNullable<Given['client']>, embed: boolean, seams: CliSeams): object {
  const cert = readPem(certFile, '--client-cert', seams);
  const key = readPem(keyFile, '--client-key', seams);
  const fault = pairFault(cert, key);
  if (fault !== undefined) throw new UsageError(`${fault}: ${certFile}, ${keyFile}`);
  return embed
    ? { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }
    : { 'client-certificate': resolve(certFile), 'client-key': resolve(keyFile) };
}

function readPem(file: string, option: string, { readFile }: CliSeams): string {
  try {
    return readFile(resolve(file));
  } catch (error) {
    throw new UsageError(`${option}: cannot read ${file}: ${whyUnreadable(error)}`);
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function warningsOf({ server, caFile, client, embed, tlsServerName }: Given): string[] {
  const isPlain = server.protocol === 'http:';
  const ignored = isPlain && (caFile ?? client ?? tlsServerName) !== undefined;
  return [
    ...(isClusterName(server.hostname) ? [clusterNameAdvice(server.hostname)] : []),
    ...(server.pathname === '/' ? [`--server has no path; the broker's default endpoint is ${DEFAULT_ENDPOINT}`] : []),
    ...(ignored ? ['over plain http kube-apiserver ignores authority, client certificate and tls-server-name'] : []),
    ...(!isPlain && client === undefined
      ? ['without a client certificate the broker cannot tell kube-apiserver from anybody else']
      : []),
    ...(embed ? ['the output holds a private key: keep it readable for kube-apiserver alone (chmod 600)'] : []),
  ];
}
