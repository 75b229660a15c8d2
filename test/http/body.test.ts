// Bodies as they arrive: in pieces, without a length, too long, cut off, and never kept beyond the bound.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settled } from '../support/fake-clock.ts';
import { type RawConnection, rawConnection, rawRequest } from '../support/raw-http.ts';
import { inOrder, until } from '../support/settled.ts';
import { BODY_BYTES, reviewBody, startWebhook } from '../webhook/setup.ts';

const BODY = reviewBody({ token: 'alice:wonderland' });
const HEAD = 'POST /authenticate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const withLength = (body: string, length = Buffer.byteLength(body)): string =>
  `${HEAD}Content-Length: ${length}\r\n\r\n${body}`;
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
const TRICKLED = [...(withLength(BODY).match(/[\s\S]{1,40}/g) ?? [])];

void describe('a body that is whole', () => {
  void test('in chunks, cut anywhere', async (t) => {
    const { port } = await startWebhook(t);
    const umlauts = reviewBody({ token: 'alice:wonderland', x: 'ü€🔑' });
    await inOrder([1, 7, 50], async (size) => {
      const pieces =
        Buffer.from(umlauts)
          .toString('latin1')
          .match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
      const answer = await rawRequest(port, Buffer.from(`${CHUNKED}${chunks}0\r\n\r\n`, 'latin1'));
      assert.equal(answer.status, 200);
      assert.match(answer.body, /"authenticated":true/);
    });
  });
  void test('in many packets', async (t) => {
    const { port } = await startWebhook(t);
    const connection = await rawConnection(port);
    await inOrder(TRICKLED, async (piece) => {
      connection.write(piece);
      await settled();
    });
    assert.equal((await connection.answers(1))[0]?.status, 200);
    connection.socket.destroy();
  });
  void test('after 100-continue', async (t) => {
    const { port } = await startWebhook(t);
    const answer = await rawRequest(port, withLength(BODY).replace('\r\n', '\r\nExpect: 100-continue\r\n'));
    assert.equal(answer.status, 200);
  });
  void test('two at once on one connection are answered in order', async (t) => {
    const { port } = await startWebhook(t);
    const connection = await rawConnection(port);
    connection.write(withLength(BODY) + withLength(reviewBody({ token: '' })));
    const answers = await connection.answers(2);
    assert.deepEqual(
      answers.map(({ body }) => /"authenticated":(true|false)/.exec(body)?.[1]),
      ['true', 'false'],
    );
    connection.socket.destroy();
  });
  void test('bytes that are no UTF-8 are no JSON: two tokens would become one', async (t) => {
    const webhook = await startWebhook(t);
    const bytes = Buffer.from(reviewBody({ token: 'alice:X' }), 'latin1');
    bytes[bytes.indexOf('X')] = 0xff;
    const head = `${HEAD}Content-Length: ${bytes.length}\r\n\r\n`;
    assert.equal((await rawRequest(webhook.port, Buffer.concat([Buffer.from(head), bytes]))).status, 400);
    assert.deepEqual([webhook.asked, webhook.seen], [[], ['malformed not-json']]);
  });
});

void describe('a body over the limit is 413, and the connection ends', () => {
  const rows: { name: string; given: string }[] = [
    { name: 'with its length', given: withLength('x'.repeat(BODY_BYTES + 1)) },
    { name: 'in chunks', given: `${CHUNKED}${chunk('x'.repeat(BODY_BYTES)).repeat(4)}0\r\n\r\n` },
    { name: 'with a length beyond everything, before it is sent', given: withLength('', 1e12) },
  ];
  for (const { name, given } of rows) {
    void test(name, async (t) => {
      const webhook = await startWebhook(t);
      const connection = await rawConnection(webhook.port);
      connection.write(given);
      assert.match(await connection.closed(), /^HTTP\/1\.1 413 [\s\S]*connection: close/i);
      assert.deepEqual(webhook.seen, ['malformed oversize-body']);
    });
  }
  void test('without an end is cut off', async (t) => {
    const webhook = await startWebhook(t);
    const connection = await rawConnection(webhook.port);
    connection.write(CHUNKED);
    const piece = chunk('x'.repeat(1 << 20));
    await inOrder(Array.from({ length: 40 }), async () => {
      if (!connection.socket.destroyed) connection.write(piece);
      await settled();
    });
    await connection.closed();
    assert.deepEqual(webhook.seen, ['malformed oversize-body']);
  });
});

void describe('a body that breaks off', () => {
  const rows: { name: string; given: string }[] = [
    { name: 'before its length is there', given: withLength(BODY.slice(0, 20), BODY.length) },
    { name: 'before it begins', given: withLength('', 10) },
    { name: 'in the middle of a chunk', given: `${CHUNKED}ff\r\nabc` },
  ];
  const leave: { name: string; by: (connection: RawConnection) => void }[] = [
    { name: 'by a reset', by: ({ socket }) => socket.resetAndDestroy() },
    { name: 'by an end', by: ({ socket }) => socket.end() },
  ];
  for (const { name, given } of rows) {
    for (const { name: how, by } of leave) {
      void test(`${name}, ${how}, asks nobody and is counted`, async (t) => {
        const webhook = await startWebhook(t);
        const connection = await rawConnection(webhook.port);
        connection.write(given);
        await settled();
        by(connection);
        await until('it is observed', () => webhook.seen.length > 0);
        assert.deepEqual(webhook.seen, ['malformed incomplete-body']);
        assert.deepEqual([webhook.asked.length, webhook.bugs.length], [0, 0]);
      });
    }
  }
});

void test('a caller that leaves while it is being answered harms nobody', async (t) => {
  const answer = Promise.withResolvers<void>();
  const webhook = await startWebhook(t, {
    answer: async () => {
      await answer.promise;
      return { kind: 'rejected', reason: 'wrong-password' };
    },
  });
  const leaving = await rawConnection(webhook.port);
  leaving.write(withLength(BODY));
  await until('somebody is asked', () => webhook.asked.length === 1);
  leaving.socket.resetAndDestroy();
  const staying = rawRequest(webhook.port, withLength(BODY));
  await until('the other one waits too', () => webhook.seen.length === 2);
  answer.resolve();
  assert.equal((await staying).status, 200);
  assert.equal(webhook.asked.length, 1);
  assert.deepEqual(webhook.bugs, []);
});

void describe('a connection', () => {
  void test('goes on after an answer and after another path', async (t) => {
    const { port } = await startWebhook(t);
    const connection = await rawConnection(port);
    const elsewhere = withLength(BODY).replace('/authenticate', '/elsewhere');
    await inOrder([withLength(BODY), elsewhere, withLength(BODY)], async (request) => {
      const before = (await connection.answers(0)).length;
      connection.write(request);
      await connection.answers(before + 1);
    });
    assert.deepEqual(
      (await connection.answers(3)).map(({ status }) => status),
      [200, 404, 200],
    );
    assert.equal(connection.socket.destroyed, false);
    connection.socket.destroy();
  });
  void test('smuggles nothing: a length beside chunks is refused', async (t) => {
    const webhook = await startWebhook(t);
    const both = `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${withLength(BODY)}`;
    assert.equal((await rawRequest(webhook.port, both)).status, 400);
    assert.equal(webhook.asked.length, 0);
  });
});
