// The reasons for which somebody is not let in although every upstream answered.

import { reasonRows } from './reason-row.ts';

/** Not mine: the next provider is asked. */
export const ABSTAIN_REASONS = reasonRows({
  'wrong-kind': {
    meaning: 'The provider does not take this kind of credential.',
    next: 'Nothing, unless another provider of this endpoint should have taken it.',
    local: true,
  },
  'no-match': {
    meaning: "The provider's match does not hold.",
    next: 'Compare match with the login name in explain.',
    local: true,
  },
  'match-failed': {
    meaning: "The provider's match could not be evaluated for this credential.",
    next: 'Guard the expression with has() or the ?. operator; explain prints the evaluation error.',
    local: true,
  },
  'login-failed': {
    meaning: "The provider's login expression gave no usable name for this credential.",
    next: 'Correct login, or narrow match so that only such names arrive; explain prints the evaluation error.',
    local: true,
  },
  'unknown-user': {
    meaning: 'The upstream does not know this user.',
    next: 'Check the spelling, the search base and the filter.',
    evaluated: true,
  },
  'not-authenticated': {
    meaning: 'The upstream refused, and cannot tell an unknown user from a wrong password.',
    next: 'Try the password at the upstream itself.',
    evaluated: true,
  },
  'unknown-token': {
    meaning: 'The upstream does not know this token, or it is no longer active.',
    next: 'Get a new token; check that it comes from this provider.',
  },
  'foreign-issuer': {
    meaning: "The token's iss is not this provider's issuer.",
    next: 'Compare the iss claim with the configured issuer.',
    local: true,
  },
  'unknown-key': {
    meaning: "No key of the issuer has the token's kid.",
    next: 'Compare the kid of the token with the keys that the issuer publishes.',
    local: true,
  },
  'unsupported-token': {
    meaning: 'The upstream does not introspect this type of token.',
    next: 'Use opaque access tokens, or a provider that verifies JWTs.',
  },
  'no-provider': {
    meaning: 'No provider of this endpoint takes this credential.',
    next: 'Add a provider for this kind of credential to the endpoint.',
    local: true,
  },
});

/** Mine, and it is bad. The rows up to `ignored-issuer` are found by form: no upstream is asked. */
export const REJECT_REASONS = reasonRows({
  'empty-token': { meaning: 'The token is empty.', next: 'Send a token.', local: true },
  'oversize-token': {
    meaning: 'The token is longer than limits.tokenBytes.',
    next: 'Raise limits.tokenBytes if such tokens are legitimate.',
    local: true,
  },
  'malformed-token': { meaning: 'The token is not well-formed Unicode.', next: 'Send UTF-8.', local: true },
  'encoded-newline': {
    meaning: 'The token is base64 of username:password with a newline at its end.',
    next: 'Encode without the newline: printf %s instead of echo.',
    local: true,
  },
  'quoted-token': {
    meaning: 'The token has quotes around it that were pasted along.',
    next: 'Send the token without them.',
    local: true,
  },
  'scheme-in-token': {
    meaning: 'The token begins with Basic or Bearer, the scheme of an Authorization header.',
    next: 'Send what stands behind it, and nothing else.',
    local: true,
  },
  'spaced-token': {
    meaning: 'The token has white space around it, or a line break in it.',
    next: 'Paste it without; base64 -w0 breaks no lines.',
    local: true,
  },
  'encoded-wide': {
    meaning: 'The token is base64 of username:password in UTF-16, as PowerShell makes it.',
    next: 'Encode UTF-8: [Text.Encoding]::UTF8 in place of [Text.Encoding]::Unicode.',
    local: true,
  },
  'encoded-latin': {
    meaning: 'The token is base64 of username:password in Latin-1.',
    next: 'Encode UTF-8.',
    local: true,
  },
  'encoded-twice': {
    meaning: 'The token is base64 of base64 of username:password.',
    next: 'Encode once.',
    local: true,
  },
  'percent-encoded-token': {
    meaning: 'The token is percent-encoded, as in a URL.',
    next: 'Send it as it was before.',
    local: true,
  },
  'empty-username': { meaning: 'The username is empty or blank.', next: 'Send username:password.', local: true },
  'empty-password': { meaning: 'The password is empty or blank.', next: 'Send username:password.', local: true },
  'malformed-username': {
    meaning: 'The username has control, invisible or bidirectional characters, or is longer than 253 bytes.',
    next: 'Retype the username.',
    local: true,
  },
  'malformed-password': {
    meaning: 'The password has a NUL or is longer than 1024 bytes.',
    next: 'Retype the password.',
    local: true,
  },
  'bootstrap-token': {
    meaning: 'The token looks like a bootstrap token; those are never sent upstream.',
    next: 'Use it with the cluster that issued it, while it is valid.',
    local: true,
  },
  'ignored-issuer': {
    meaning: 'The token is a JWT of an issuer in ignoreIssuers, usually an expired or foreign ServiceAccount token.',
    next: 'Renew the ServiceAccount token; kube-apiserver itself accepts valid ones.',
    local: true,
  },
  'wrong-password': { meaning: 'The password is wrong.', next: 'Retype it.', evaluated: true },
  'account-locked': { meaning: 'The account is locked.', next: 'Unlock it in the directory.', evaluated: true },
  'account-disabled': { meaning: 'The account is disabled.', next: 'Enable it in the directory.', evaluated: true },
  'account-expired': { meaning: 'The account has expired.', next: 'Extend it in the directory.', evaluated: true },
  'password-expired': {
    meaning: 'The password has expired.',
    next: 'Change the password at the directory.',
    evaluated: true,
  },
  'password-must-change': {
    meaning: 'The password must be changed before the first login.',
    next: 'Change the password at the directory.',
    evaluated: true,
  },
  'logon-restricted': {
    meaning: 'The account may not log in now or from here (logon hours, workstation).',
    next: "Check the account's logon hours and workstations.",
    evaluated: true,
  },
  forbidden: {
    meaning: 'The upstream knows the user and forbids the login.',
    next: 'Ask the owner of the upstream.',
    evaluated: true,
  },
  'user-not-found': {
    meaning: "The provider's match makes the user its own, and its upstream does not know the user.",
    next: 'Check the spelling, the search base and the filter.',
  },
  'token-not-found': {
    meaning: "The provider's match makes the token its own, and its upstream does not know the token.",
    next: 'Get a new token.',
  },
  'inactive-token': { meaning: 'The token is no longer active at its issuer.', next: 'Get a new token.' },
  'expired-token': { meaning: 'The token has expired.', next: 'Get a new token.' },
  'premature-token': { meaning: 'The token is not valid yet.', next: 'Compare the clocks of issuer and broker.' },
  'wrong-issuer': {
    meaning: 'The upstream states another issuer than the configured one.',
    next: 'Compare issuer with the iss of the answer.',
  },
  'wrong-audience': {
    meaning: 'The credential is not meant for any audience that was asked for.',
    next: 'Compare the audiences in explain with those of the endpoint and of the provider.',
  },
  'wrong-token-type': {
    meaning: 'The token is of a type that is no access token, such as a refresh token.',
    next: 'Send the access token.',
  },
  'bad-signature': {
    meaning: "The token's signature or header is not acceptable.",
    next: 'Get a new token from its issuer.',
  },
  'malformed-claims': {
    meaning: 'A required claim of the token is missing or of the wrong type.',
    next: 'Sign in again; a token of kubehook needs issuer.kubehookCompatible.',
  },
  'over-long-token': {
    meaning: 'The token lives longer than issuer.lifetime.max allows.',
    next: 'Sign in again; it was issued under a longer lifetime.max, or by somebody else with the key.',
  },
  'other-endpoint': {
    meaning: 'The token was issued for another endpoint, or does not say for which.',
    next: 'Sign in through this endpoint, or set issuer.crossEndpoints when all endpoints may trust each other.',
  },
  'revoked-token': { meaning: 'The token has been revoked.', next: 'Sign in again.' },
  'groups-elsewhere': {
    meaning: 'The token says where its groups are instead of naming them, and they cannot be had from there.',
    next: 'Have the issuer put the groups into the token, or list the host in distributedClaims.allowedHosts.',
  },
  'mapping-failed': {
    meaning: 'The claims do not yield an identity: a mapped claim is missing or has the wrong type.',
    next: 'explain prints the claims and the mapping that failed.',
  },
  'subject-missing': {
    meaning: 'The upstream calls the token good and does not say whose it is.',
    next: 'Set userinfo: true, or have the authorization server state sub when it introspects.',
  },
  'claim-validation': { meaning: 'A claimValidationRule does not hold.', next: 'explain names the rule.' },
  'user-validation': { meaning: 'A userValidationRule does not hold.', next: 'explain names the rule.' },
  'reserved-username': {
    meaning: 'The mapped username starts with system: and is not listed in reserved.usernames.',
    next: 'Set a prefix, or list the exact name if it is meant.',
  },
  'invalid-username': {
    meaning:
      'The mapped username is empty, longer than 253 bytes, or has surrounding space, control, invisible or bidirectional characters.',
    next: 'Map another claim.',
  },
  'invalid-identity': {
    meaning:
      'The mapped uid or an extra value has control, invisible or bidirectional characters, or the uid is longer than 1 KiB.',
    next: 'Map another claim; explain names the field.',
  },
  'too-many-groups': {
    meaning: 'The user is in more groups than maxGroups allows.',
    next: 'Map fewer groups, raise maxGroups, or let groupsOverLimit cut them.',
  },
  'sign-in-refused': {
    meaning: 'The OpenID provider did not sign the person in, or they said no there.',
    next: 'The detail names the error of the provider; its own log says why.',
  },
  'unknown-person': {
    meaning: 'Nobody can tell any more of the person whose sign-in is to be renewed.',
    next: 'They sign in again; a provider or an endpoint was taken out of the configuration.',
  },
  'bad-id-token': {
    meaning:
      'The ID token that the OpenID provider gave is not right: its signature, issuer, audience, nonce or times.',
    next: 'Compare issuer and clientID of portal.signIn.oidc with the provider, and the clocks of both.',
  },
});
