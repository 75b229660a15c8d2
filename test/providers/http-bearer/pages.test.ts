// Lists in pages: whole or not at all, and the token goes to no other place.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextLink } from '../../../providers/http-bearer/link.ts';
import { type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { json, reviewAt, startForge, told } from './setup.ts';

const person = json({ id: 7 });

/** `pages` numbered lists, whose links are made by `link`. */
async function paged(
  t: Parameters<typeof startForge>[0],
  link: (page: number) => string | undefined,
): Promise<FakeHttp> {
  return startForge(t, {
    '/user': person,
    '/teams': ({ path }) => {
      const page = Number(new URLSearchParams(path.split('?')[1]).get('page') ?? 1);
      const next = link(page);
      return json([`team-${page}`], next === undefined ? {} : { link: next });
    },
  });
}

function ask(forge: FakeHttp, maxPages = 10) {
  const requests = [
    { name: 'user', url: `${forge.origin}/user` },
    { name: 'teams', url: `${forge.origin}/teams?per_page=1`, pages: 'link', maxPages },
  ];
  return reviewAt(forge, { requests, canary: false });
}

void describe('a list in pages', () => {
  void test('is put together, as GitHub links it', async (t) => {
    const forge: FakeHttp = await paged(t, (page) =>
      page === 4
        ? `<${forge.origin}/teams?per_page=1&page=3>; rel="prev", <${forge.origin}/teams?page=1>; rel="first"`
        : `<${forge.origin}/teams?per_page=1&page=${page + 1}>; rel="next", <${forge.origin}/teams?page=4>; rel="last"`,
    );
    const verdict = await ask(forge);
    assert.ok(verdict.kind === 'authenticated', told(verdict));
    assert.deepEqual(verdict.value.attributes['teams'], ['team-1', 'team-2', 'team-3', 'team-4']);
  });

  void test('may have exactly as many pages as it may have', async (t) => {
    const forge = await paged(t, (page) => (page === 3 ? undefined : `<?page=${page + 1}>; rel=next`));
    assert.equal(told(await ask(forge, 3)), 'authenticated');
    assert.equal(told(await ask(forge, 2)), 'unavailable oversize-answer');
  });

  void test('without an end is given up', async (t) => {
    const forge = await paged(t, (page) => `<?page=${page + 1}>; rel="next"`);
    assert.equal(told(await ask(forge)), 'unavailable oversize-answer');
    assert.equal(forge.seen.filter(({ path }) => path.startsWith('/teams')).length, 10);
  });

  void test('in a circle is given up', async (t) => {
    const forge = await paged(t, (page) => `<?page=${(page % 3) + 1}>; rel="next"`);
    assert.equal(told(await ask(forge)), 'unavailable malformed-answer');
    const self = await paged(t, () => '</teams?per_page=1>; rel="next"');
    assert.equal(told(await ask(self)), 'unavailable malformed-answer');
  });

  const elsewhere = [
    { name: 'another port', link: (port: number) => `<http://localhost:${port}/teams>; rel="next"` },
    { name: 'another name of the host', link: (port: number) => `<http://127.0.0.1:${port}/teams>; rel="next"` },
    { name: 'an address without scheme', link: (port: number) => `<//localhost:${port}/teams>; rel="next"` },
    { name: 'a user in the address', link: () => '<http://me@localhost/teams>; rel="next"' },
    { name: 'another scheme', link: () => '<ftp://localhost/teams>; rel="next"' },
  ];
  for (const { name, link } of elsewhere) {
    void test(`that goes on at ${name} takes no token along`, async (t) => {
      const thief = await startFakeHttp({ handler: () => json([]) });
      t.after(() => thief.close());
      const forge = await paged(t, () => link(thief.port));
      assert.equal(told(await ask(forge)), 'unavailable redirected');
      assert.equal(thief.accepted(), 0);
    });
  }

  void test('whose third page fails is no list', async (t) => {
    const forge = await startForge(t, {
      '/user': person,
      '/teams': ({ path }) =>
        path.endsWith('page=3')
          ? json({}, {}, 502)
          : json(['t'], { link: `<?page=${path.endsWith('page=2') ? 3 : 2}>; rel="next"` }),
    });
    assert.equal(told(await ask(forge)), 'unavailable upstream-error');
  });

  void test('with a Link header that is none is no list', async (t) => {
    assert.equal(told(await ask(await paged(t, () => 'page two, please'))), 'unavailable malformed-answer');
  });
});

const links: readonly { given: string | readonly string[] | undefined; want: string | false | undefined }[] = [
  { given: undefined, want: undefined },
  { given: '', want: undefined },
  { given: '</a>; rel="next"', want: '/a' },
  { given: '</a>; rel=next', want: '/a' },
  { given: '</a>;rel="NEXT"', want: '/a' },
  { given: '</a>; rel="prev next"', want: '/a' },
  { given: '</a>; rel="prev"', want: undefined },
  { given: '</a>; rel="nextcloud"', want: undefined },
  { given: '</a>; rel="prev"; rel="next"', want: undefined },
  { given: '</a>; title="a, <b>; rel=next"; rel="last"', want: undefined },
  { given: '</a>; title="\\"; rel=next"; rel="last", </b>; rel=next', want: '/b' },
  { given: ['</a>; rel="prev"', '</b>; rel="next"'], want: '/b' },
  { given: '</a?x=1,2;3>; rel="next"', want: '/a?x=1,2;3' },
  { given: '<>; rel="next"', want: '' },
  { given: '</a>', want: undefined },
  { given: '</a; rel="next"', want: false },
  { given: 'next', want: false },
  { given: '</a>; rel="next', want: false },
];
void describe('a Link header', () => {
  for (const { given, want } of links)
    void test(JSON.stringify(given) ?? 'none', () => assert.equal(nextLink(given), want));
  void test('of sixteen thousand signs costs no time', () => {
    const begunMs = performance.now();
    for (const text of ['<', ';a', '</a>;a="', '</a>; a ;', '</a>,', ' ']) nextLink(text.repeat(16_000 / text.length));
    assert.ok(performance.now() - begunMs < 2000);
  });
});
