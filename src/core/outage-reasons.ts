// The reasons for which nobody can tell, and those for which a request is no TokenReview.

import { reasonRows } from './reason-row.ts';

/** Could not tell: never cached, never counted as a refusal. */
export const OUTAGE_REASONS = reasonRows({
  timeout: {
    meaning: 'The upstream did not answer in time.',
    next: 'Check the upstream and the network; compare with the provider timeout.',
    transport: true,
  },
  'connection-refused': {
    meaning: 'Nothing listens at the upstream address.',
    next: 'Start the upstream; check host and port.',
    transport: true,
  },
  'connection-failed': {
    meaning: 'The connection to the upstream could not be made or broke.',
    next: 'Check the network between broker and upstream.',
    transport: true,
  },
  'name-resolution': {
    meaning: "The upstream's name does not resolve.",
    next: "Check the name with the node's resolver.",
    transport: true,
  },
  'tls-failed': {
    meaning: 'TLS with the upstream failed: certificate, name, expiry or protocol.',
    next: 'check --connect shows which; compare caFile and serverName.',
    transport: true,
  },
  'upstream-error': { meaning: 'The upstream answered with an error of its own.', next: "Read the upstream's log." },
  'rate-limited': { meaning: 'The upstream asks to slow down.', next: "Raise the upstream's limit for the broker." },
  'malformed-answer': {
    meaning: 'The upstream answered something that is not what its protocol allows.',
    next: 'Check that the address is the right service.',
  },
  'oversize-answer': {
    meaning: 'The upstream answered more than the broker reads.',
    next: 'Ask for fewer attributes.',
  },
  redirected: {
    meaning: 'The upstream redirects; a credential is never sent along.',
    next: 'Configure the final address.',
  },
  'unexpected-status': {
    meaning: 'The upstream answered with a status that is neither accept nor reject.',
    next: 'Compare acceptStatus and rejectStatus.',
  },
  'service-bind-refused': {
    meaning: "The directory refuses the broker's own bind.",
    next: 'Check bind.dn and its password.',
  },
  'client-refused': {
    meaning: "The upstream refuses the broker's own client credential.",
    next: 'Check clientID and its secret or key.',
  },
  'ambiguous-user': { meaning: 'Several entries match the username.', next: 'Make the search filter unique.' },
  'entry-unreadable': {
    meaning: 'The password is right, but the entry of the user cannot be read.',
    next: 'Give the provider a bind that may read the entry.',
  },
  'insufficient-rights': {
    meaning: "The directory does not let the broker's bind search.",
    next: 'Grant read and search to the bind account.',
  },
  'directory-error': {
    meaning: 'The directory answered with an error code that tells nothing about the password.',
    next: "Read the directory's log.",
  },
  referral: {
    meaning: 'The directory refers elsewhere; referrals are never followed.',
    next: 'Configure the server that holds the entries.',
  },
  'accepts-anything': {
    meaning: 'The upstream accepts a random credential, as a captive portal does.',
    next: 'Check that the address is the right service; the provider is out until it refuses.',
  },
  'revocations-unreadable': {
    meaning: 'Whether the token has been revoked cannot be told.',
    next: 'Mend issuer.revocationsFile or restore it from a backup; issuer revocations --accept takes it as it is.',
  },
  'revocations-unwritable': {
    meaning: 'The revocation could not be kept.',
    next: 'Make the folder of issuer.revocationsFile writable for the broker, and free space.',
    local: true,
  },
  'revoked-meanwhile': {
    meaning: 'The tokens of the user were revoked while the sign-in was being checked.',
    next: 'Sign in again, if the user still may.',
    local: true,
  },
  'review-loop': {
    meaning: 'The review has come back to this broker, or has passed too many brokers: they ask each other.',
    next: 'Let none of the providers of type token-review lead back here.',
    local: true,
  },
  'circuit-open': {
    meaning: 'The upstream failed repeatedly and is left alone for a moment.',
    next: 'See the reasons before it; it is tried again within seconds.',
    local: true,
  },
  'too-busy': {
    meaning:
      'The deadline passed before it was the turn of the review: the provider works on as many as its concurrency allows.',
    next: 'Find out why the upstream is slow, or raise concurrency.',
    local: true,
  },
  overloaded: {
    meaning: 'The broker has as many lookups in flight or waiting as limits.concurrentReviews allows.',
    next: 'Add replicas, or raise the limit.',
    local: true,
  },
  'failed-password-budget': {
    meaning: 'Too many wrong passwords for this user; the upstream is spared so that the account is not locked.',
    next: 'Wait for limits.failedPasswords.window; find who sends them.',
    local: true,
  },
  stopping: {
    meaning: 'The provider is being closed.',
    next: 'Nothing; the next review goes to its successor.',
    local: true,
  },
  internal: { meaning: 'A bug in the broker.', next: 'Report it with the log line of the review.', local: true },
});

/** Not a TokenReview: answered with a 4xx of the HTTP table. */
export const MALFORMED_REASONS = reasonRows({
  'not-json': { meaning: 'The body is not JSON in UTF-8.', next: 'Send a TokenReview.' },
  'not-an-object': { meaning: 'The body is JSON, but not an object.', next: 'Send a TokenReview.' },
  'not-a-token-review': { meaning: 'The kind is not TokenReview.', next: 'Send a TokenReview.' },
  'wrong-version': {
    meaning: 'The apiVersion is neither authentication.k8s.io/v1 nor v1beta1.',
    next: 'Set --authentication-token-webhook-version to v1 or v1beta1.',
  },
  'spec-not-an-object': { meaning: 'The spec is not an object.', next: 'Send a TokenReview.' },
  'token-not-a-string': { meaning: 'spec.token is not a string.', next: 'Send a TokenReview.' },
  'audiences-not-strings': { meaning: 'spec.audiences is not a list of Unicode strings.', next: 'Send a TokenReview.' },
  'wrong-method': { meaning: 'The method is not POST.', next: 'Use POST.' },
  'wrong-content-type': {
    meaning: 'The content type is not JSON, or a browser sent none.',
    next: 'Send Content-Type: application/json.',
  },
  'wrong-content-encoding': { meaning: 'The body is encoded.', next: 'Send it without Content-Encoding.' },
  'oversize-body': {
    meaning: 'The body is larger than limits.bodyBytes.',
    next: 'Raise limits.bodyBytes if such reviews are legitimate.',
  },
  'incomplete-body': {
    meaning: 'The caller went away before the body was complete.',
    next: 'Check the network between kube-apiserver and broker.',
  },
  'untrusted-client': {
    meaning: "The client certificate's name is not in clientNames.",
    next: "Compare webhook.tls.clientNames with the certificate's CN and SANs.",
  },
});
