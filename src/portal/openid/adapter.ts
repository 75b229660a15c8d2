// What oidc-provider keeps, in the state of the broker (its adapter interface).

import { errors } from 'oidc-provider';
import type { Portal } from '../portal.ts';
import type { People } from './people.ts';
import type { OpenidState, Payload } from './state.ts';

interface Adapter {
  upsert(id: string, payload: Payload, expiresInS: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(code: string): Promise<Payload | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

/** One for each model of the library. */
export function adapterOver(state: OpenidState, portal: Portal, people: People): (model: string) => Adapter {
  return (model) => {
    const find = async (id: string): Promise<Payload | undefined> => {
      const found = state.find(model, id);
      return found && structuredClone(found);
    };
    const findBy = (index: string) => async (key: string) => {
      const id = state.find(index, key)?.['id'];
      return typeof id === 'string' ? find(id) : undefined;
    };
    return {
      upsert: async (id, payload, expiresInS) => {
        const ttlMs = expiresInS * 1000;
        state.put(model, id, payload, ttlMs);
        const { uid, userCode } = payload;
        if (typeof uid === 'string') state.put('Session', `uid ${uid}`, { id }, ttlMs);
        if (typeof userCode === 'string') state.put('UserCode', userCode, { id }, ttlMs);
      },
      find,
      findByUid: async (uid) => findBy('Session')(`uid ${uid}`),
      findByUserCode: findBy('UserCode'),
      consume: async (id) => {
        if (state.consume(model, id, portal.now())) return;
        // The same code or token from two sides at the same time is a theft like one after the other.
        const grantId = state.find(model, id)?.['grantId'];
        if (typeof grantId === 'string') await endFamily(grantId, state, portal, people);
        throw new errors.InvalidGrant('already used');
      },
      destroy: async (id) => state.remove(model, id),
      revokeByGrantId: async (grantId) => endFamily(grantId, state, portal, people),
    };
  };
}

/** A sign-in with everything that was given for it; its tokens are revoked where that is kept. */
async function endFamily(grantId: string, state: OpenidState, portal: Portal, people: People): Promise<void> {
  const { tokenIds = [] } = people.of(grantId) ?? {};
  state.revokeGrant(grantId);
  if (portal.issuer.revocations === undefined) return;
  await Promise.all(tokenIds.map((jti) => portal.issuer.revoke({ jti })));
}
