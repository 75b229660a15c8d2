// The rules on extra keys that a mapping may set.

const DOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const MAX_DOMAIN_CHARACTERS = 253;

/**
 * Why this key cannot be used, or undefined: `domain/path`, an RFC 1123 subdomain and RFC 3986 path characters, lower case,
 * not of Kubernetes and not of the broker (k8s.io/apiserver pkg/apis/apiserver/validation, validateExtraMapping).
 */
export function extraKeyFault(key: string): string | undefined {
  const slash = key.indexOf('/');
  const domain = key.slice(0, Math.max(slash, 0));
  const path = key.slice(slash + 1);
  if (domain === '' || path === '') return 'must be a domain-prefixed path such as example.org/department';
  if (key !== key.toLowerCase()) return 'must be lower case';
  if (!DOMAIN.test(domain) || domain.length > MAX_DOMAIN_CHARACTERS)
    return 'must start with a DNS name such as example.org';
  if (!PATH.test(path)) return 'has a character after the slash that a URL path cannot have';
  if (/^(.+\.)?(k8s|kubernetes)\.io$/.test(domain))
    return 'cannot be under k8s.io or kubernetes.io, which are reserved';
  return domain === 'kube-auth-broker' ? 'cannot be under kube-auth-broker, which the broker sets itself' : undefined;
}
