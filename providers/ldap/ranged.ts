// Reads the rest of an attribute that Active Directory hands out in ranges (MS-ADTS §3.1.1.3.1.3.3).

import { unavailable } from '../../src/core/verdict.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import type { LdapAttribute, LdapEntry } from '../../src/upstream/ldap/response.ts';
import { baseName, textsOf } from './entry.ts';
import { searchFault } from './search-verdict.ts';
import { fillFilter } from './template.ts';

const RANGE = /;range=\d+-(?<last>\d+|\*)/i;
const MAX_RANGES = 20;

/** All values of an attribute of an entry: those it came with, and those of the ranges after it. */
export async function allValues(
  search: Search,
  entry: LdapEntry,
  attribute: string,
): Promise<Outcome<{ readonly kind: 'values'; readonly values: readonly string[] }>> {
  const values = [...textsOf(entry, attribute)];
  let last = lastOf(entry, attribute);
  for (let count = 0; last !== undefined; count += 1) {
    if (count === MAX_RANGES) return unavailable('oversize-answer', `${attribute} has more than ${MAX_RANGES} ranges`);
    const attributes = [`${attribute};range=${last + 1}-*`];
    // oxlint-disable-next-line no-await-in-loop -- a range says where the next one starts
    const answer = await search({
      baseDN: entry.dn,
      scope: 'base',
      filter: fillFilter('(objectClass=*)', {}),
      attributes,
      sizeLimit: 1,
    });
    if (answer.kind !== 'found') return answer;
    const fault = searchFault(answer, `reading ${attribute}`);
    if (fault !== undefined) return fault;
    const [more] = answer.entries;
    if (more === undefined) break;
    values.push(...textsOf(more, attribute));
    const next = lastOf(more, attribute);
    if (next !== undefined && next <= last)
      return unavailable('malformed-answer', `the ranges of ${attribute} go backwards`);
    last = next;
  }
  return { kind: 'values', values };
}

/** The number of the last value that came, or undefined when nothing is missing. */
function lastOf(entry: LdapEntry, attribute: string): number | undefined {
  const ranged = ({ name, values }: LdapAttribute): boolean =>
    baseName(name) === attribute.toLowerCase() && values.length > 0 && RANGE.test(name);
  const last = RANGE.exec(entry.attributes.find(ranged)?.name ?? '')?.groups?.['last'];
  return last === undefined || last === '*' ? undefined : Number(last);
}
