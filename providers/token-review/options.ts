// The options of token-review: a kubeconfig as kube-apiserver reads it, and what its upstream is asked.

import { z } from 'zod';
import type { Credential } from '../../src/core/credential.ts';
import { isLoopbackHost } from '../../src/core/listening.ts';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import { tlsFault, type UpstreamTls } from '../../src/upstream/http/tls.ts';
import { type Kubeconfig, readKubeconfig } from '../../src/upstream/kubernetes/kubeconfig.ts';

export interface ReviewOptions {
  readonly kubeconfig: Kubeconfig;
  readonly version: 'v1' | 'v1beta1';
  /** What a token must be good for there; absent: what the review itself asks for. */
  readonly audiences?: readonly string[] | undefined;
  readonly accepts: readonly Credential['kind'][];
}

export function optionsSchema(fields: Fields): Schema<ReviewOptions> {
  return fields.object({
    kubeconfig: kubeconfigField(fields),
    version: z.enum(['v1', 'v1beta1']).default('v1'),
    audiences: z.array(z.string().min(1)).min(1).optional(),
    accepts: z
      .array(z.enum(['bearer', 'password']))
      .min(1)
      .default(['bearer']),
  });
}

/** Every file that it names is watched as the kubeconfig itself is. */
function kubeconfigField(fields: Fields): Schema<Kubeconfig> {
  const file = fields.file('secret');
  return z
    .string()
    .min(1)
    .transform((name, context) => {
      const { data, error } = file.safeParse(name);
      if (data === undefined) {
        for (const { message } of error?.issues ?? []) context.addIssue({ code: 'custom', message });
        return z.NEVER;
      }
      const read = readKubeconfig(data.path, (path) => (path === data.path ? data.text : textOf(file, path)));
      const faults = read.ok ? faultsOf(read.kubeconfig) : read.faults;
      for (const message of faults) context.addIssue({ code: 'custom', message });
      return read.ok && faults.length === 0 ? read.kubeconfig : z.NEVER;
    });
}

/** Fails with a code that says that the cause stands in the message. */
function textOf(file: ReturnType<Fields['file']>, path: string): string {
  const { data } = file.safeParse(path);
  if (data === undefined) throw Object.assign(new Error('unreadable'), { code: 'ENOENT' });
  return data.text;
}

/** What client-go would do, and what would send tokens where nobody knows who reads them. */
function faultsOf(kubeconfig: Kubeconfig): readonly string[] {
  const { url, insecure, proxy } = kubeconfig;
  const tls = tlsOf(kubeconfig);
  const fault = tls.ca === undefined && tls.cert === undefined ? undefined : tlsFault(tls);
  return [
    ...(url.protocol === 'http:' && !isLoopbackHost(url.hostname)
      ? ['server must use https: plain http sends tokens in clear, and is taken to a loopback host only']
      : []),
    ...(insecure ? ['insecure-skip-tls-verify is not taken: name the certificate-authority'] : []),
    ...(proxy === undefined ? [] : ['proxy-url is not taken: the upstream is asked directly']),
    ...(fault === undefined ? [] : [fault]),
  ];
}

export function tlsOf({ ca, client, serverName }: Kubeconfig): UpstreamTls {
  return {
    ...(ca !== undefined && { ca }),
    ...(client && { cert: client.cert, key: client.key }),
    ...(serverName !== undefined && { serverName }),
  };
}

export function reviewWarnings({ kubeconfig, accepts }: ReviewOptions): readonly string[] {
  const { warnings, client, authorization, url } = kubeconfig;
  const isUnknown = client === undefined && authorization === undefined && url.protocol === 'https:';
  return [
    ...warnings.filter((warning) => !warning.startsWith('proxy-url')).map((warning) => `kubeconfig: ${warning}`),
    ...(isUnknown
      ? ['kubeconfig: the user shows neither a certificate nor a token, so anybody may ask that upstream']
      : []),
    ...(accepts.includes('password')
      ? ['accepts has password: names and passwords that match go to that upstream, which has to budget wrong ones too']
      : []),
  ];
}
