// What the broker must decide where kube-apiserver decided so: the same, but for the rows of the page.

import type { Row } from '../../providers/oidc-jwt/differences.ts';
import type { Case, Decision, Identity, Token } from './case.ts';

export interface Judged {
  readonly isMeant: boolean;
  /** The rows without which the two would have to be equal. */
  readonly rows: readonly Row[];
}

/** Rows that turn a no into a yes wherever the case says that they apply. */
const PERMISSIONS: ReadonlySet<Row> = new Set([
  '`jwk` and `x5c` in the header',
  'a key set with a key that cannot be read',
]);

/** Rows that turn a yes into a no. */
const REFUSALS: ReadonlySet<Row> = new Set([
  'a member twice at the top of header or claims',
  'members whose names differ from the specification in case (`ISS`)',
  'a number that a double does not hold exactly, read by a mapping',
  'claims that are not UTF-8',
  '`crit` and `b64` in the header',
  '`use`, `alg` and `key_ops` of a key',
  'RSA keys below 2048 bits',
  'distributed claims',
]);

export function judge(kube: Decision, broker: Decision, asked: Case, token: Token): Judged {
  const rows = [...asked.rows, ...token.rows];
  if ('refused' in kube) {
    if ('refused' in broker) return { isMeant: isOutage(broker) === (asked.isOutage === true), rows: [] };
    const reasons = rows.filter((row) => PERMISSIONS.has(row));
    return { isMeant: reasons.length > 0, rows: reasons };
  }
  if ('refused' in broker) {
    const reasons = [...rows.filter((row) => REFUSALS.has(row)), ...refusalsOf(kube.user, asked)];
    return { isMeant: reasons.length > 0 && !isOutage(broker), rows: reasons };
  }
  const { user, rows: applied } = changed(kube.user, asked);
  return { isMeant: isSame(user, broker.user), rows: applied };
}

const isOutage = ({ refused }: { readonly refused: string }): boolean => refused.startsWith('unavailable');

const CONTROL = /\p{Cc}/v;

/** What nobody may be here. */
function refusalsOf({ username, uid, extra }: Identity, asked: Case): readonly Row[] {
  const rows: Row[] = [];
  if (username === prefixOf(asked, 'username')) rows.push('an empty username');
  if (username.startsWith('system:')) rows.push('usernames and groups that begin with `system:`');
  if ([uid, ...Object.values(extra).flat()].some((text) => CONTROL.test(text)))
    rows.push('control characters in the uid or in extra');
  if (CONTROL.test(username) || username.trim() !== username || Buffer.byteLength(username) > 253) {
    rows.push('usernames with control characters or surrounding space, or over 253 bytes');
  }
  return rows;
}

function changed(user: Identity, asked: Case): { readonly user: Identity; readonly rows: readonly Row[] } {
  const rows: Row[] = [];
  const without = (row: Row, groups: readonly string[], isKept: (group: string, index: number) => boolean) => {
    const kept = groups.filter(isKept);
    if (kept.length < groups.length) rows.push(row);
    return kept;
  };
  const prefix = prefixOf(asked, 'groups') ?? '';
  const full = without('empty groups', user.groups, (group) => group !== prefix);
  const printable = without(
    'groups with control characters, and white space for a group',
    full,
    (group) => group.trim() !== '' && !CONTROL.test(group),
  );
  const allowed = without(
    'usernames and groups that begin with `system:`',
    printable,
    (group) => !group.startsWith('system:'),
  );
  const groups = without('the same group twice', allowed, (group, index) => allowed.indexOf(group) === index);
  return { user: { ...user, groups }, rows };
}

/** Of a claim; undefined where an expression is mapped. */
function prefixOf({ authenticator }: Case, field: 'username' | 'groups'): string | undefined {
  const mappings: { readonly [field: string]: { readonly claim?: string; readonly prefix?: string } | undefined } =
    JSON.parse(JSON.stringify(authenticator['claimMappings'] ?? {}));
  return mappings[field]?.claim === undefined ? undefined : (mappings[field].prefix ?? '');
}

function isSame(a: Identity, b: Identity): boolean {
  return JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
}

function inOrder({ username, uid, groups, extra }: Identity): unknown {
  return [username, uid, groups, Object.entries(extra).toSorted(([a], [b]) => (a < b ? -1 : 1))];
}
