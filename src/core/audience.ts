// The audience rule: what a credential is good for, never more than that.

/** Which audiences an answer names, or that it is good for none of those asked. */
export type AudienceRule =
  | { readonly kind: 'omit' }
  | { readonly kind: 'named'; readonly audiences: readonly string[] }
  | { readonly kind: 'none' };

/**
 * The asked audiences that the credential (else the endpoint) is good for, in the order asked.
 *
 * `omit` when nothing was asked or nothing is known: kube-apiserver then takes its own audiences for granted and refuses
 * every other (k8s.io/apiserver plugin/pkg/authenticator/token/webhook, AuthenticateToken). Echoing what was asked would
 * make every credential valid at any service that trusts TokenReview.
 */
export function intersectAudiences(
  asked: readonly string[],
  ofCredential: readonly string[] | undefined,
  ofEndpoint: readonly string[] | undefined,
): AudienceRule {
  const good = ofCredential ?? ofEndpoint;
  if (asked.length === 0 || good === undefined) return { kind: 'omit' };
  const audiences = [...new Set(asked)].filter((audience) => good.includes(audience));
  return audiences.length === 0 ? { kind: 'none' } : { kind: 'named', audiences };
}
