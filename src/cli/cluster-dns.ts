// Names that only the cluster's own DNS knows, and what to write instead.

/** True for `broker.kube-system.svc` and everything below a cluster domain. */
export function isClusterName(host: string): boolean {
  return /\.svc(?:\.|$)/i.test(host);
}

/** The two ways out; `host` is the name that the certificate has. */
export function clusterNameAdvice(host: string): string {
  return `kube-apiserver resolves names with the node's resolver, which does not know the cluster's DNS. Either give the Service a fixed ClusterIP and write that address into server, with tls-server-name: ${host}; or run the broker on every control-plane node and write https://127.0.0.1:PORT/PATH`;
}
