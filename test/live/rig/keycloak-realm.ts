// What is done to the live Keycloak by its admin REST API: its realm is made, keys are rotated, a person is disabled.
import { type Admin, type Fields, listOf, objectOf } from './keycloak-calls.ts';
import { CLIENTS, PEOPLE, REALM, user } from './keycloak-data.ts';

export async function makeRealm(admin: Admin): Promise<void> {
  const lifetimes = { accessTokenLifespan: 3600, ssoSessionIdleTimeout: 7200 };
  await admin('POST', '', { realm: REALM, enabled: true, sslRequired: 'external', ...lifetimes });
  for (const name of new Set(Object.values(PEOPLE).flatMap(({ groups }) => groups))) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await admin('POST', `/${REALM}/groups`, { name });
  }
  const made = [
    ...CLIENTS.map((client) => ['clients', client] as const),
    ...Object.entries(PEOPLE).map(([name, person]) => ['users', user(name, person)] as const),
  ];
  await Promise.all(made.map(([kind, body]) => admin('POST', `/${REALM}/${kind}`, body)));
}

/** A new key signs from now on. */
export async function addKey(admin: Admin): Promise<string> {
  const providers = await keyProviders(admin);
  const { id } = objectOf(await admin('GET', ''));
  const priority = String(200 + providers.length);
  await admin('POST', '/components', {
    name: `rotated-${priority}`,
    providerId: 'rsa-generated',
    providerType: KEY_PROVIDER,
    parentId: id,
    config: { priority: [priority], algorithm: ['RS256'], keySize: ['2048'] },
  });
  const { active } = objectOf(await admin('GET', '/keys'));
  return String(objectOf(active)['RS256']);
}

const KEY_PROVIDER = 'org.keycloak.keys.KeyProvider';

async function keyProviders(admin: Admin): Promise<readonly Fields[]> {
  const all = listOf(await admin('GET', `/components?type=${KEY_PROVIDER}`));
  return all.filter(({ providerId }) => providerId === 'rsa-generated');
}

/** Keys that were replaced are published no more. */
export async function dropOldKeys(admin: Admin): Promise<void> {
  const [, ...older] = (await keyProviders(admin)).toSorted((a, b) => priorityOf(b) - priorityOf(a));
  await Promise.all(older.map(({ id }) => admin('DELETE', `/components/${String(id)}`)));
}

/** No login and no introspection from now on, or both again. */
export async function setEnabled(admin: Admin, username: string, enabled: boolean): Promise<void> {
  const [person] = listOf(await admin('GET', `/users?exact=true&username=${encodeURIComponent(username)}`));
  await admin('PUT', `/users/${String(person?.['id'])}`, { ...person, enabled });
}

/** Keycloak keeps every setting of a component as a list of texts. */
function priorityOf({ config }: Fields): number {
  return Number(JSON.stringify(objectOf(config)['priority']).replaceAll(/\D/g, ''));
}
