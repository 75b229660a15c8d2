// GitHub, GitLab, Gitea and a userinfo endpoint, as far as their documentation says what they answer.

import type { FakeAnswer, FakeHandler, SeenRequest } from '../../support/fake-http.ts';
import { json } from './setup.ts';

/** Somebody with a token, and what became of both. */
export interface Person {
  readonly id: number;
  readonly login: string;
  readonly groups: readonly string[];
  /** For which application the token was made; absent: by the person. */
  readonly app?: string;
  readonly scopes: readonly string[];
  readonly fate?: 'blocked' | 'limited' | 'secondary limit';
}

export interface Service {
  /** The page with the options to paste, and the origin that is written there. */
  readonly page: string;
  readonly origin: string;
  readonly app: string;
  readonly token: string;
  readonly username: string;
  readonly groups: readonly string[];
  /** The scope without which groups cannot be read; absent: they come with the person. */
  readonly scope?: string;
  /** How many groups make a page. */
  readonly perPage?: number;
  /** What it answers; `people` by token. */
  handler(people: ReadonlyMap<string, Person>): FakeHandler;
}

const SECRET = 'app-secret';

function asClient(app: string, { headers }: SeenRequest): boolean {
  return headers.authorization === `Basic ${Buffer.from(`${app}:${SECRET}`).toString('base64')}`;
}

function bearer({ headers }: SeenRequest): string {
  return /^(?:Bearer|token) (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
}

function queryOf({ path }: SeenRequest): URLSearchParams {
  return new URLSearchParams(path.split('?')[1]);
}

/** A page of a list, linked absolutely by the address that was asked for. */
function page(request: SeenRequest, items: readonly unknown[], size: number): FakeAnswer {
  const query = queryOf(request);
  const at = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, rel: string): string => {
    query.set('page', String(to));
    return `<http://${request.headers.host}${request.path.split('?')[0]}?${query.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(at > 1 ? [link(at - 1, 'prev')] : []),
    ...(at < last ? [link(at + 1, 'next')] : []),
    link(1, 'first'),
    link(last, 'last'),
  ];
  return json(items.slice((at - 1) * size, at * size), last === 1 ? {} : { link: links.join(', ') });
}

const GITHUB_APP = 'Iv1.8a61f9b3a7aba766';

/** https://docs.github.com/rest: users, teams, apps (check a token), troubleshooting (limits). */
const github: Service = {
  page: 'github.md',
  origin: 'https://api.github.com',
  app: GITHUB_APP,
  token: 'gho_16C7e42F292c6912E7710c838347Ae178B4a',
  username: 'github:583231',
  groups: ['github:octo-org/justice-league', 'github:octo-org/owls', 'github:octo-org/zebras'],
  scope: 'read:org',
  perPage: 2,
  handler: (people) => (request) => {
    const where = request.path.split('?')[0];
    if (where === `/applications/${GITHUB_APP}/token`) {
      if (!asClient(GITHUB_APP, request)) return json({ message: 'Bad credentials' }, {}, 401);
      const token: unknown = JSON.parse(request.body).access_token;
      const person = people.get(String(token));
      if (person?.app !== GITHUB_APP) return json({ message: 'Not Found' }, {}, 404);
      const app = { url: 'https://api.github.com/applications', name: 'cluster', client_id: GITHUB_APP };
      return json({
        id: 1,
        token,
        app,
        scopes: person.scopes,
        user: { login: person.login, id: person.id },
        expires_at: null,
      });
    }
    const person = people.get(bearer(request));
    if (person === undefined) return json({ message: 'Bad credentials', status: '401' }, {}, 401);
    if (person.fate === 'limited') {
      const headers = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1900000000' };
      return json({ message: `API rate limit exceeded for user ID ${person.id}.` }, headers, 403);
    }
    const left = { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4987' };
    if (person.fate === 'secondary limit') {
      return json(
        { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
        left,
        403,
      );
    }
    if (person.fate === 'blocked') return json({ message: 'Sorry. Your account was suspended.' }, left, 403);
    if (where === '/user')
      return json({ login: person.login, id: person.id, node_id: 'MDQ6', type: 'User', site_admin: false }, left);
    if (where !== '/user/teams') return json({ message: 'Not Found' }, {}, 404);
    if (!person.scopes.includes('read:org')) {
      return json(
        { message: 'You must have admin rights' },
        { ...left, 'x-accepted-oauth-scopes': 'admin:org, read:org' },
        403,
      );
    }
    const teams = person.groups.map((slug, id) => ({
      id,
      slug,
      name: slug,
      organization: { login: 'octo-org', id: 9919 },
    }));
    return page(request, teams, 2);
  },
};

const GITLAB_APP = '1cb242f495280beb4291e64bee2a17f330902e499882fe8e1e2aa875519cab33';

/** https://docs.gitlab.com/api: users, groups, rest (pagination), oauth2 (token info). */
const gitlab: Service = {
  page: 'gitlab.md',
  origin: 'https://gitlab.corp.example',
  app: GITLAB_APP,
  token: 'de6780bc506a0446309bd9362820ba8aed28aa506c71eedbe1c5c4f9dd350e54',
  username: 'gitlab:583231',
  groups: ['gitlab:justice-league', 'gitlab:owls', 'gitlab:zebras'],
  scope: 'read_api',
  perPage: 2,
  handler: (people) => (request) => {
    const where = request.path.split('?')[0];
    const person = people.get(bearer(request));
    if (where === '/oauth/token/info') {
      const bad = { error: 'invalid_token', error_description: 'The access token is invalid' };
      if (person?.app === undefined)
        return json(bad, { 'www-authenticate': 'Bearer realm="Doorkeeper", error="invalid_token"' }, 401);
      return json({
        resource_owner_id: person.id,
        scope: person.scopes,
        expires_in: 7200,
        application: { uid: person.app },
        created_at: 1_575_890_427,
      });
    }
    if (person === undefined) return json({ message: '401 Unauthorized' }, {}, 401);
    if (person.fate === 'limited' || person.fate === 'secondary limit') {
      return {
        status: 429,
        headers: { 'content-type': 'text/plain', 'ratelimit-remaining': '0', 'retry-after': '30' },
        body: 'Retry later\n',
      };
    }
    if (person.fate === 'blocked') return json({ message: '403 Forbidden - Your account has been blocked.' }, {}, 403);
    if (where === '/api/v4/user') return json({ id: person.id, username: person.login, name: 'Mona', state: 'active' });
    if (where !== '/api/v4/groups' || queryOf(request).get('min_access_level') !== '10')
      return json({ error: '404 Not Found' }, {}, 404);
    if (!person.scopes.includes('read_api'))
      return json({ error: 'insufficient_scope', scope: 'api read_api' }, {}, 403);
    return page(
      request,
      person.groups.map((path, id) => ({ id, path, full_path: path, name: path })),
      2,
    );
  },
};

const GITEA_APP = 'da7da3ba-9a13-4167-856f-3899de0b0138';
const claimsOfGitea = Buffer.from('{"gnt":3,"tt":0,"exp":4102444800}').toString('base64url');

/** https://docs.gitea.com: API (user, teams), oauth2-provider (introspection, which calls every application's tokens active). */
const gitea: Service = {
  page: 'gitea.md',
  origin: 'https://gitea.corp.example',
  app: GITEA_APP,
  token: `${Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url')}.${claimsOfGitea}.c2lnbmF0dXJl`,
  username: 'gitea:583231',
  groups: ['gitea:octo-org/justice-league', 'gitea:octo-org/owls', 'gitea:octo-org/zebras'],
  scope: 'read:organization',
  perPage: 2,
  handler: (people) => (request) => {
    const where = request.path.split('?')[0];
    if (where === '/login/oauth/introspect') {
      if (!asClient(GITEA_APP, request))
        return { status: 401, headers: { 'content-type': 'text/plain' }, body: 'no valid authorization' };
      const person = people.get(new URLSearchParams(request.body).get('token') ?? '');
      if (person?.app === undefined) return json({ active: false });
      return json({
        active: true,
        username: person.login,
        iss: 'https://gitea.corp.example/',
        sub: String(person.id),
        aud: [person.app],
      });
    }
    const person = people.get(bearer(request));
    if (person === undefined) return json({ message: 'invalid username, password or token' }, {}, 401);
    if (person.fate === 'blocked') return json({ message: 'This account is prohibited from signing in.' }, {}, 403);
    if (person.fate !== undefined) return { status: 429 };
    if (where === '/api/v1/user') return json({ id: person.id, login: person.login, username: person.login });
    if (where !== '/api/v1/user/teams') return json({}, {}, 404);
    if (!person.scopes.includes('read:organization')) {
      return json(
        { message: 'token does not have at least one of required scope(s), required=[read:organization]' },
        {},
        403,
      );
    }
    const teams = person.groups.map((name, id) => ({
      id,
      name,
      organization: { id: 2, name: 'octo-org', username: 'octo-org' },
    }));
    return page(request, teams, 2);
  },
};

/** OpenID Connect Core 5.3, RFC 6750 3.1. */
const userinfo: Service = {
  page: 'openid-userinfo.md',
  origin: 'https://idp.corp.example',
  app: 'any',
  token: 'SlAV32hkKG',
  username: 'idp:583231',
  groups: ['idp:justice-league', 'idp:owls', 'idp:zebras'],
  handler: (people) => (request) => {
    const person = people.get(bearer(request));
    if (person === undefined) return json({}, { 'www-authenticate': 'Bearer error="invalid_token"' }, 401);
    if (person.fate === 'blocked') return json({}, { 'www-authenticate': 'Bearer error="insufficient_scope"' }, 403);
    if (person.fate !== undefined) return { status: 429 };
    if (request.path !== '/userinfo') return json({}, {}, 404);
    return json({ sub: String(person.id), preferred_username: person.login, groups: person.groups });
  },
};

export const SERVICES: readonly Service[] = [github, gitlab, gitea, userinfo];
export const SECRETS = { 'secrets/github-app': SECRET, 'secrets/gitea-app': SECRET };
