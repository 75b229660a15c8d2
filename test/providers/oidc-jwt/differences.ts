// What is different from kube-apiserver on purpose: the rows of the page, each proven by test/live/oidc-jwt.

export const ROWS = [
  'a member twice at the top of header or claims',
  'members whose names differ from the specification in case (`ISS`)',
  'a number that a double does not hold exactly, read by a mapping',
  'claims that are not UTF-8',
  '`crit` and `b64` in the header',
  '`jwk` and `x5c` in the header',
  '`use`, `alg` and `key_ops` of a key',
  'a key set with a key that cannot be read',
  'RSA keys below 2048 bits',
  'an empty username',
  'empty groups',
  'usernames and groups that begin with `system:`',
  'the same group twice',
  'usernames with control characters or surrounding space, or over 253 bytes',
  'groups with control characters, and white space for a group',
  'control characters in the uid or in extra',
  'plain http to a loopback host',
  'distributed claims',
  '`authentication.kubernetes.io/credential-id`',
] as const;

export type Row = (typeof ROWS)[number];
