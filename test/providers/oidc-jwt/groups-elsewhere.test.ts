// Groups that a token only points to: resolved from listed hosts, refused from others, never fewer without a word.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeAnswer } from '../../support/fake-http.ts';
import { makeKey, signToken } from '../../support/signed-tokens.ts';
import { AUDIENCE, KEY, NOW_S, outcomeOf, type World, world } from './setup.ts';

const ELSEWHERE = 'rejected groups-elsewhere';

interface Row {
  readonly name: string;
  /** What the token says besides; `at` is the origin of the issuer, which is listed. */
  readonly given: (at: string) => Readonly<Record<string, unknown>>;
  readonly want: string;
  readonly groups?: unknown;
}

const pointingTo = (endpoint: string, more: object = {}): Readonly<Record<string, unknown>> => ({
  _claim_names: { groups: 'src' },
  _claim_sources: { src: { endpoint, ...more } },
});

const ROWS: readonly Row[] = [
  {
    name: 'groups in the token are taken, wherever it points',
    given: (at) => ({ groups: ['own'], ...pointingTo(`${at}/groups`) }),
    want: 'authenticated',
    groups: ['own'],
  },
  { name: 'a token that points nowhere has none', given: () => ({}), want: 'authenticated' },
  {
    name: 'another claim that is elsewhere is left there',
    given: (at) => ({ _claim_names: { roles: 'src' }, _claim_sources: { src: { endpoint: `${at}/groups` } } }),
    want: 'authenticated',
  },
  {
    name: 'groups at a listed host are fetched',
    given: (at) => pointingTo(`${at}/groups`),
    want: 'authenticated',
    groups: ['devs', 'ops'],
  },
  { name: 'a single group is one', given: (at) => pointingTo(`${at}/single`), want: 'authenticated', groups: 'devs' },
  {
    name: 'groups behind an access token are fetched with it',
    given: (at) => pointingTo(`${at}/guarded`, { access_token: 'ticket' }),
    want: 'authenticated',
    groups: ['devs', 'ops'],
  },
  {
    name: 'groups behind another access token cannot be had',
    given: (at) => pointingTo(`${at}/guarded`, { access_token: 'wrong' }),
    want: 'unavailable unexpected-status',
  },
  {
    name: 'groups at a host that is not listed are not fetched',
    given: () => pointingTo('https://elsewhere.example/groups'),
    want: ELSEWHERE,
  },
  {
    name: 'groups at another port are not fetched',
    given: () => pointingTo('http://localhost:1/groups'),
    want: ELSEWHERE,
  },
  {
    name: 'groups at an address with a password are not fetched',
    given: (at) => pointingTo(at.replace('//', '//me:pw@')),
    want: ELSEWHERE,
  },
  { name: 'groups in clear are not fetched', given: () => pointingTo('http://listed.example/groups'), want: ELSEWHERE },
  {
    name: 'an endpoint that is no address cannot be asked',
    given: () => pointingTo('groups'),
    want: 'rejected malformed-claims',
  },
  {
    name: 'an access token that fits no header cannot be used',
    given: (at) => pointingTo(`${at}/groups`, { access_token: 'a\r\nb: c' }),
    want: 'rejected malformed-claims',
  },
  {
    name: 'aggregated groups give none, and no error',
    given: () => ({ _claim_names: { groups: 'src' }, _claim_sources: { src: { JWT: 'a.b.c' } } }),
    want: 'authenticated',
  },
  { name: 'names without sources are refused', given: () => ({ _claim_names: {} }), want: 'rejected malformed-claims' },
  {
    name: 'an answer of another key is refused',
    given: (at) => pointingTo(`${at}/forged`),
    want: 'rejected bad-signature',
  },
  { name: 'an answer that is no token is refused', given: (at) => pointingTo(`${at}/page`), want: ELSEWHERE },
  { name: 'an answer without the groups is refused', given: (at) => pointingTo(`${at}/without`), want: ELSEWHERE },
  {
    name: 'an answer that has expired is refused',
    given: (at) => pointingTo(`${at}/expired`),
    want: 'rejected expired-token',
  },
  {
    name: 'an answer for another audience is refused',
    given: (at) => pointingTo(`${at}/foreign`),
    want: 'rejected wrong-audience',
  },
  {
    name: 'an answer of an issuer that is not listed is refused',
    given: (at) => pointingTo(`${at}/stranger`),
    want: ELSEWHERE,
  },
  { name: 'a redirect is an outage', given: (at) => pointingTo(`${at}/moved`), want: 'unavailable redirected' },
  {
    name: 'an error of the host is an outage',
    given: (at) => pointingTo(`${at}/broken`),
    want: 'unavailable upstream-error',
  },
];

function serveGroups({ issuer }: World): void {
  const signed = (claims: object, key = KEY): FakeAnswer => {
    const all = { iss: issuer.issuer, aud: AUDIENCE, exp: NOW_S + 60, groups: ['devs', 'ops'], ...claims };
    return { status: 200, headers: { 'content-type': 'application/jwt' }, body: `${signToken(key, all)}\n` };
  };
  const answers: Readonly<Record<string, FakeAnswer>> = {
    '/groups': signed({}),
    '/single': signed({ groups: 'devs' }),
    '/forged': signed({}, makeKey('ES256', 'first')),
    '/without': signed({ groups: undefined }),
    '/expired': signed({ exp: NOW_S - 1 }),
    '/foreign': signed({ aud: 'other' }),
    '/stranger': signed({ iss: 'https://stranger.example' }),
    '/page': { status: 200, body: '<html>' },
    '/moved': { status: 302, headers: { location: '/groups' } },
    '/broken': { status: 503 },
  };
  for (const [path, answer] of Object.entries(answers)) issuer.serve(path, () => answer);
  issuer.serve('/guarded', ({ headers }) => (headers.authorization === 'Bearer ticket' ? signed({}) : { status: 403 }));
}

void describe('groups elsewhere', () => {
  for (const { name, given, want, groups } of ROWS) {
    void test(name, async (t) => {
      const listing = await world(t);
      const { host } = new URL(listing.issuer.issuer);
      // The issuer is known only once it listens; the provider under test is opened beside it.
      const made = await world(t, {
        issuer: { url: listing.issuer.issuer, audiences: [AUDIENCE] },
        distributedClaims: { allowedHosts: [host, 'listed.example'] },
      });
      serveGroups(listing);
      const { issuer } = listing;
      const verdict = await made.login(made.token({ iss: issuer.issuer, ...given(issuer.issuer) }));
      assert.equal(outcomeOf(verdict), want, verdict.detail);
      if (verdict.kind === 'authenticated') assert.deepEqual(verdict.value.attributes['groups'], groups);
    });
  }

  void test('are nobody’s business where no claim is mapped to groups', async (t) => {
    const { login, token } = await world(t, {}, { groupsClaim: undefined } as object);
    assert.equal(outcomeOf(await login(token(pointingTo('https://elsewhere.example')))), 'authenticated');
  });

  void test('of Microsoft Entra ID are told in words, in the verdict and once in the log', async (t) => {
    const { login, token, sinks } = await world(t);
    const overage = pointingTo('https://graph.windows.net/tenant/users/id/getMemberObjects');
    for (const jti of ['a', 'b']) {
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const verdict = await login(token({ ...overage, jti }));
      assert.equal(outcomeOf(verdict), ELSEWHERE);
      assert.match(
        verdict.detail ?? '',
        /more groups than Microsoft Entra ID puts into a token.*assigned to the application/,
      );
    }
    assert.equal(sinks.logLines().length, 1);
    assert.match(sinks.logLines().join(), /"warn".*groups are not in the token.*Entra ID/);
  });

  void test('that a token only claims to have are told, and the person gets in as at kube-apiserver', async (t) => {
    const { login, token, sinks } = await world(t);
    assert.equal(outcomeOf(await login(token({ hasgroups: true }))), 'authenticated');
    assert.match(sinks.logLines().join(), /hasgroups/);
  });
});
