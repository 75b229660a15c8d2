// Providers are asked in order until one decides, and an outage is never told as a refusal.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Status } from '../support/apiserver-client.ts';
import { startBroker } from '../support/broker.ts';
import { type Movement, movesOf } from '../support/metric-series.ts';
import { startUpstreams } from './upstreams.ts';

const ACCOUNTS = {
  web: { wanda: 'web-pass', both: 'first' },
  directory: { dora: 'directory-pass', both: 'second' },
  idp: { 'opaque-token-1': { active: true, sub: '4711', username: 'ida' } },
};

interface Row {
  readonly name: string;
  readonly token: string;
  /** The username, or what the answer says instead. */
  readonly want: string;
  readonly asked: Readonly<Record<'web' | 'directory' | 'idp', number>>;
  readonly moved: Movement;
  /** What of the chain is different. */
  readonly broken?: readonly ('web' | 'directory')[];
  readonly web?: object;
}

const rows: readonly Row[] = [
  {
    name: 'the first that knows the user decides, the others are not asked',
    token: 'wanda:web-pass',
    want: 'web:wanda',
    asked: { web: 1, directory: 0, idp: 0 },
    moved: {
      reviews: { 'authenticated ok': 1 },
      providers: { 'web authenticated ok': 1 },
      up: { web: 1 },
      entries: 1,
    },
  },
  {
    name: 'a 401 may be an unknown user, so the next is asked',
    token: 'dora:directory-pass',
    want: 'directory:dora',
    asked: { web: 1, directory: 1, idp: 0 },
    moved: {
      reviews: { 'authenticated ok': 1 },
      providers: { 'web abstained not-authenticated': 1, 'directory authenticated ok': 1 },
      up: { web: 1, directory: 1 },
      entries: 1,
    },
  },
  {
    name: 'one name at two upstreams is two users',
    token: 'both:second',
    want: 'directory:both',
    asked: { web: 1, directory: 1, idp: 0 },
    moved: {
      reviews: { 'authenticated ok': 1 },
      providers: { 'web abstained not-authenticated': 1, 'directory authenticated ok': 1 },
      up: { web: 1, directory: 1 },
      entries: 1,
    },
  },
  {
    name: 'a wrong password at the owner is the end',
    token: 'dora:wrong',
    want: 'refused',
    asked: { web: 1, directory: 1, idp: 0 },
    moved: {
      reviews: { 'rejected wrong-password': 1 },
      providers: { 'web abstained not-authenticated': 1, 'directory rejected wrong-password': 1 },
      up: { web: 1, directory: 1 },
      entries: 1,
    },
  },
  {
    name: 'nobody knows the user: refused, and the reason is of who tells most',
    token: 'nobody:x',
    want: 'refused',
    asked: { web: 1, directory: 0, idp: 0 },
    moved: {
      reviews: { 'rejected not-authenticated': 1 },
      providers: {
        'web abstained not-authenticated': 1,
        'directory abstained unknown-user': 1,
        'idp abstained wrong-kind': 1,
      },
      up: { web: 1, directory: 1 },
      entries: 1,
    },
  },
  {
    name: 'a match makes ownership certain: the user is refused, nobody else is asked',
    token: 'dora:directory-pass',
    want: 'refused',
    asked: { web: 1, directory: 0, idp: 0 },
    web: { match: "credential.username == 'dora'" },
    moved: {
      reviews: { 'rejected wrong-password': 1 },
      providers: { 'web rejected wrong-password': 1 },
      up: { web: 1 },
      entries: 1,
    },
  },
  {
    name: 'outside of a match a provider is passed over without I/O',
    token: 'dora:directory-pass',
    want: 'directory:dora',
    asked: { web: 0, directory: 1, idp: 0 },
    web: { match: "credential.username == 'wanda'" },
    moved: {
      reviews: { 'authenticated ok': 1 },
      providers: { 'web abstained no-match': 1, 'directory authenticated ok': 1 },
      up: { directory: 1 },
      entries: 1,
    },
  },
  {
    name: 'an outage does not keep out a user whom the next one knows',
    token: 'dora:directory-pass',
    want: 'directory:dora',
    asked: { web: 1, directory: 1, idp: 0 },
    broken: ['web'],
    moved: {
      reviews: { 'authenticated ok': 1 },
      providers: { 'web unavailable upstream-error': 1, 'directory authenticated ok': 1 },
      up: { web: 0, directory: 1 },
      entries: 1,
    },
  },
  {
    name: 'an outage outranks a later refusal, and is not remembered',
    token: 'dora:wrong',
    want: 'unavailable',
    asked: { web: 1, directory: 1, idp: 0 },
    broken: ['web'],
    moved: {
      reviews: { 'unavailable upstream-error': 1 },
      providers: { 'web unavailable upstream-error': 1, 'directory rejected wrong-password': 1 },
      up: { web: 0, directory: 1 },
    },
  },
  {
    name: 'an outage outranks an earlier abstention',
    token: 'dora:directory-pass',
    want: 'unavailable',
    asked: { web: 1, directory: 0, idp: 0 },
    broken: ['directory'],
    moved: {
      reviews: { 'unavailable directory-error': 1 },
      providers: {
        'web abstained not-authenticated': 1,
        'directory unavailable directory-error': 1,
        'idp abstained wrong-kind': 1,
      },
      up: { web: 1, directory: 0 },
    },
  },
  {
    name: 'onUnavailable: stop ends the chain at the outage',
    token: 'dora:directory-pass',
    want: 'unavailable',
    asked: { web: 1, directory: 0, idp: 0 },
    broken: ['web'],
    web: { onUnavailable: 'stop' },
    moved: {
      reviews: { 'unavailable upstream-error': 1 },
      providers: { 'web unavailable upstream-error': 1 },
      up: { web: 0 },
    },
  },
  {
    name: 'a bearer token never reaches a password provider',
    token: 'opaque-token-1',
    want: 'idp:ida',
    asked: { web: 0, directory: 0, idp: 1 },
    moved: {
      reviews: { 'authenticated ok': 1 },
      providers: {
        'web abstained wrong-kind': 1,
        'directory abstained wrong-kind': 1,
        'idp authenticated ok': 1,
      },
      up: { idp: 1 },
      entries: 1,
    },
  },
];

void describe('a chain of three upstreams', () => {
  for (const { name, token, want, asked, broken = [], web = {}, moved } of rows) {
    void test(name, async (t) => {
      const upstreams = await startUpstreams(t, ACCOUNTS);
      const { entries, given } = upstreams;
      const broker = await startBroker(t, {
        ...given,
        config: { providers: [{ ...entries.web, ...web }, entries.directory, entries.idp] },
      });
      await Promise.all(broken.map((which) => upstreams[which].breakWith('answers with an error of its own')));

      assert.equal(saidBy(await broker.review(token)), want);
      assert.deepEqual(upstreams.asked(), asked);
      assert.deepEqual(await broker.moved(), movesOf({ ...moved, cache: { miss: 1 } }));
    });
  }
});

/** The username, or what the answer says instead. */
function saidBy({ authenticated, error, user }: Status): string | undefined {
  if (authenticated) return user?.username;
  return error === undefined ? 'refused' : 'unavailable';
}
