// The kubeconfig of an upstream, as a file of the configuration's folder.

import { stringify } from 'yaml';

export const files = (server: string, cluster: object = {}): Readonly<Record<string, string>> => ({
  '/etc/broker/x.kubeconfig': stringify({
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    contexts: [{ name: 'x', context: { cluster: 'c' } }],
    'current-context': 'x',
  }),
});
