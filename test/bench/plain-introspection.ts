// One introspection (RFC 7662) by a bare undici request: what no provider can leave out.

import { Agent, request } from 'undici';
import type { Once } from './client-loop.ts';

export interface IntrospectionSettings {
  readonly url: string;
  readonly authorization: string;
}

export function plainIntrospection({ url, authorization }: IntrospectionSettings): Once {
  const dispatcher = new Agent({ keepAliveTimeout: 60_000 });
  const headers = { authorization, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return async (index) => {
    const answer = await request(url, { method: 'POST', dispatcher, headers, body: `token=opaque-${index}` });
    const said = await answer.body.json();
    if (answer.statusCode !== 200 || typeof said !== 'object') throw new Error('the endpoint did not answer');
  };
}
