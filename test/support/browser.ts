// What a browser does with links, forms, redirects and cookies, and nothing else.

import { type IncomingHttpHeaders, request } from 'node:http';

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Browser {
  /** Follows redirects to the end, or to the first address that starts with `until`, which is not asked for. */
  open(url: URL | string, until?: string): Promise<Page>;
  /** Fills in the first form of the page and sends it. */
  submit(page: Page, fields: Readonly<Record<string, string>>, until?: string): Promise<Page>;
  /** By host and name. */
  readonly cookies: Map<string, string>;
}

const MOST_REDIRECTS = 12;

export function newBrowser(cookies = new Map<string, string>()): Browser {
  const send = async (method: string, url: URL, body?: string): Promise<Page> => {
    const mine = [...cookies].filter(([key]) => key.startsWith(`${url.hostname} `));
    const cookie = mine.map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const page = await sent(method, url, { ...(cookie !== '' && { cookie }), 'sec-fetch-mode': 'navigate' }, body);
    for (const line of page.headers['set-cookie'] ?? []) keep(cookies, url.hostname, line);
    return page;
  };
  const follow = async (first: Page, until: string | undefined): Promise<Page> => {
    let page = first;
    for (let left = MOST_REDIRECTS; page.headers.location !== undefined; left -= 1) {
      if (left === 0) throw new Error(`too many redirects, the last to ${page.headers.location}`);
      const next = new URL(page.headers.location, page.url);
      if (until !== undefined && next.href.startsWith(until)) return { ...page, url: next };
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      page = await send('GET', next);
    }
    return page;
  };
  return {
    cookies,
    open: async (url, until) => follow(await send('GET', new URL(url)), until),
    submit: async (page, fields, until) => {
      const action = /<form[^>]* action="([^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? page.url.href;
      const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
      const all = { ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])), ...fields };
      return follow(await send('POST', new URL(action, page.url), new URLSearchParams(all).toString()), until);
    },
  };
}

function keep(cookies: Map<string, string>, host: string, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
  const isGone =
    value === '' || attributes.some((attribute) => /^(?:max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute));
  if (isGone) cookies.delete(`${host} ${name}`);
  else cookies.set(`${host} ${name}`, value);
}

function sent(method: string, url: URL, headers: Readonly<Record<string, string>>, body?: string): Promise<Page> {
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent: false, headers: { ...headers, ...type } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ url, status: response.statusCode ?? 0, text, headers: response.headers });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
