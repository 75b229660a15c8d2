// One TokenReview, and what it was answered.

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Target, tokenReviewBody } from './load.ts';

export interface ReviewStatus {
  readonly authenticated?: boolean;
  readonly error?: string;
}

/** Over a connection of its own. */
export function postReview(
  { port, tls }: Target,
  token: string,
  path = '/authenticate',
): Promise<{ status: ReviewStatus }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      agent: false,
    };
    const request = tls === undefined ? httpRequest(options) : httpsRequest({ ...options, ...tls });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve(JSON.parse(text)));
    });
    request.end(tokenReviewBody(token));
  });
}
