// Bytes that no API server would send: the documented answer, the connection closed, and the neighbours served.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tokenReview } from '../support/apiserver-client.ts';
import { authority, type Broker, startBroker } from '../support/broker.ts';
import { rawConnection } from '../support/raw-http.ts';
import { inOrder } from '../support/settled.ts';
import { usersFile } from '../support/users-file.ts';

const REVIEW = tokenReview('alice:wonderland');
const JSON_TYPE = 'Content-Type: application/json';

interface Row {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly want: number;
}

/** A POST with these header lines instead of the usual ones; a Host is always there. */
function post(headers: readonly string[], body: string | Buffer = REVIEW, target = '/authenticate'): Buffer {
  const head = [`POST ${target} HTTP/1.1`, 'Host: broker', ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}
const json = (body: string | Buffer, ...more: readonly string[]): Buffer =>
  post([JSON_TYPE, `Content-Length: ${Buffer.byteLength(body)}`, ...more], body);
const chunked = (body: string): string => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const length = `Content-Length: ${REVIEW.length}`;

const refused: readonly Row[] = [
  { name: 'headers beyond 16 KiB', bytes: json(REVIEW, `X-Filler: ${'x'.repeat(20_000)}`), want: 431 },
  {
    name: 'thousands of small headers',
    bytes: json(REVIEW, ...Array.from({ length: 3000 }, (_, n) => `X-${n}: 1`)),
    want: 431,
  },
  {
    name: 'a length and chunks',
    bytes: post([JSON_TYPE, length, 'Transfer-Encoding: chunked'], chunked(REVIEW)),
    want: 400,
  },
  {
    name: 'chunks and a length',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: chunked', length], chunked(REVIEW)),
    want: 400,
  },
  { name: 'two different lengths', bytes: post([JSON_TYPE, length, 'Content-Length: 5']), want: 400 },
  { name: 'the same length twice', bytes: post([JSON_TYPE, length, length]), want: 400 },
  {
    name: 'a list of lengths',
    bytes: post([JSON_TYPE, `Content-Length: ${REVIEW.length}, ${REVIEW.length}`]),
    want: 400,
  },
  { name: 'a length with a sign', bytes: post([JSON_TYPE, `Content-Length: +${REVIEW.length}`]), want: 400 },
  { name: 'a negative length', bytes: post([JSON_TYPE, 'Content-Length: -1']), want: 400 },
  { name: 'a length that overflows', bytes: post([JSON_TYPE, `Content-Length: ${'9'.repeat(30)}`]), want: 400 },
  {
    name: 'a transfer coding that only looks like chunked',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: xchunked'], chunked(REVIEW)),
    want: 400,
  },
  {
    name: 'chunked followed by another coding',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: chunked, identity'], chunked(REVIEW)),
    want: 400,
  },
  {
    name: 'compressed chunks',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: gzip, chunked'], chunked(REVIEW)),
    want: 501,
  },
  {
    name: 'another coding, and then chunked in a header of its own',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], chunked(REVIEW)),
    want: 501,
  },
  {
    name: 'chunked twice',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: chunked, chunked'], chunked(REVIEW)),
    want: 400,
  },
  {
    name: 'chunks with HTTP/1.0',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: chunked'], chunked(REVIEW)).toString().replace('HTTP/1.1', 'HTTP/1.0'),
    want: 400,
  },
  { name: 'another version', bytes: json(REVIEW).toString().replace('HTTP/1.1', 'HTTP/2.0'), want: 505 },
  { name: 'a version of the past', bytes: json(REVIEW).toString().replace('HTTP/1.1', 'HTTP/0.9'), want: 505 },
  { name: 'two hosts', bytes: json(REVIEW, 'Host: elsewhere'), want: 400 },
  { name: 'the same host twice', bytes: json(REVIEW, 'hOST: broker'), want: 400 },
  { name: 'a request behind one that is refused', bytes: Buffer.concat([json('['), json(REVIEW)]), want: 400 },
  {
    name: 'a request behind one that nobody read',
    bytes: Buffer.concat([post(['Content-Type: text/plain', length]), json(REVIEW)]),
    want: 415,
  },
  {
    name: 'a chunk whose size is none',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: chunked'], `zz\r\n${REVIEW}`),
    want: 400,
  },
  {
    name: 'a chunk whose size overflows',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: chunked'], `${'f'.repeat(20)}\r\n${REVIEW}`),
    want: 400,
  },
  {
    name: 'lines that end with a bare line feed',
    bytes: json(REVIEW).toString('latin1').replaceAll('\r\n', '\n'),
    want: 400,
  },
  { name: 'a header continued on the next line', bytes: post([JSON_TYPE, length, 'X-A: 1', ' 2']), want: 400 },
  { name: 'a space before a colon', bytes: post([JSON_TYPE, length.replace(':', ' :')]), want: 400 },
  { name: 'a NUL in a header', bytes: json(REVIEW, 'X-A: \0'), want: 400 },
  { name: 'no Host', bytes: `POST /authenticate HTTP/1.1\r\n${JSON_TYPE}\r\n${length}\r\n\r\n${REVIEW}`, want: 400 },
  { name: 'the preface of HTTP/2', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', want: 400 },
  { name: 'no HTTP at all', bytes: '\x16\x03\x01\x02\x00\x01\x00', want: 400 },
  { name: 'an expectation that nobody has', bytes: json(REVIEW, 'Expect: miracles', 'Connection: close'), want: 417 },
  { name: 'a body that says it is compressed', bytes: json(gzipSync(REVIEW), 'Content-Encoding: gzip'), want: 415 },
  { name: 'a compressed body that does not say so', bytes: json(gzipSync(REVIEW)), want: 400 },
  { name: 'JSON that is nested a hundred thousand times', bytes: json('['.repeat(100_000)), want: 400 },
];

const taken: readonly Row[] = [
  {
    name: 'a good review in chunks',
    bytes: post([JSON_TYPE, 'Transfer-Encoding: chunked'], chunked(REVIEW)),
    want: 200,
  },
  {
    name: 'a review beside which something is nested deeply',
    bytes: json(beside(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)),
    want: 200,
  },
  { name: 'a review beside ten thousand keys', bytes: json(beside(`{${keys(10_000)}}`)), want: 200 },
  {
    name: 'a review beside keys that are numbers near 2^32',
    bytes: json(beside('{"4294967294":1,"4294967295":1,"-0":1}')),
    want: 200,
  },
  {
    name: 'a review beside the names that JavaScript gives a meaning',
    bytes: json(beside('{"__proto__":{"spec":{}},"constructor":1,"toString":2}')),
    want: 200,
  },
  {
    name: 'a review with a key twice, of which the last counts',
    bytes: json(`{"spec":{"token":"x"},${REVIEW.trim().slice(1)}`),
    want: 200,
  },
  {
    name: 'the whole address in the request line',
    bytes: post([JSON_TYPE, length], REVIEW, 'http://broker/authenticate'),
    want: 200,
  },
];

void describe('the edge of HTTP', { concurrency: true }, () => {
  for (const tls of ['none', 'server'] as const) {
    void test(tls === 'none' ? 'in clear' : 'over TLS', async (t) => {
      const broker = await start(t, tls);
      await inOrder(refused, ({ name, bytes, want }) =>
        t.test(`${name}: ${want}, closed, and nobody else notices`, async () => {
          const text = await (await sent(broker, tls, bytes)).closed();
          assert.deepEqual(statusesIn(text), [want], 'one answer, so that nothing behind it was taken for a request');
          assert.match(text, /^Connection: close\r$/im);
          assert.ok(!text.includes('wonderland'));
          assert.equal((await broker.review('alice:wonderland')).authenticated, true);
        }),
      );
      await inOrder(taken, ({ name, bytes }) =>
        t.test(`${name} is answered`, async () => {
          const connection = await sent(broker, tls, bytes);
          const [answer] = await connection.answers(1);
          assert.equal(answer?.status, 200);
          assert.match(answer.body, /"authenticated":true.*staff:alice/);
          connection.socket.destroy();
        }),
      );
      await t.test('requests in a row without waiting are answered in their order', async () => {
        const tokens = ['alice:wonderland', 'alice:no', '', 'alice:wonderland'];
        const connection = await sent(broker, tls, Buffer.concat(tokens.map((token) => json(tokenReview(token)))));
        const answers = await connection.answers(tokens.length);
        assert.deepEqual(
          answers.map(({ body }) => body.includes('"authenticated":true')),
          [true, false, false, true],
        );
        connection.socket.destroy();
      });
      assert.deepEqual(broker.logged('internal error'), []);
    });
  }
});

function start(t: Parameters<typeof startBroker>[0], tls: 'none' | 'server'): Promise<Broker> {
  const files = { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) };
  return startBroker(t, {
    tls,
    files,
    config: { providers: [{ name: 'staff', type: 'users', options: { file: 'users.yaml' } }] },
  });
}

async function sent(broker: Broker, tls: 'none' | 'server', bytes: string | Buffer) {
  const port = Number(new URL(broker.origin).port);
  const connection = await rawConnection(
    port,
    tls === 'none' ? undefined : { ca: authority.cert, servername: 'localhost' },
  );
  connection.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  return connection;
}

function statusesIn(text: string): readonly number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
}

/** The good review with something in its metadata, which nobody reads. */
function beside(metadata: string): string {
  return REVIEW.replace('{"creationTimestamp":null}', metadata);
}

function keys(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index}":0`).join();
}
