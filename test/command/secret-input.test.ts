// What a person types is not shown, what is piped in is taken whole.

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Interrupted, UsageError } from '../../src/command/command.ts';
import { readPassword, readSecret } from '../../src/command/secret-input.ts';
import { fakeTerminal } from '../cli/setup.ts';

async function typed(...keys: readonly string[]): Promise<{ read: string; shown: string; raw: boolean | undefined }> {
  const terminal = fakeTerminal([]);
  let shown = '';
  const stderr = { write: (text: string) => void (shown += text) };
  const reading = readSecret('Password: ', { stdin: terminal.input, stderr });
  for (const key of keys) terminal.input.emit('data', Buffer.from(key));
  try {
    return { read: await reading, shown, raw: terminal.isRaw() };
  } catch (error) {
    assert.ok(error instanceof UsageError || error instanceof Interrupted);
    return { read: `error: ${error.message}`, shown, raw: terminal.isRaw() };
  }
}

const keyRows = [
  { name: 'Enter ends the line', given: ['pässwörd\r'], want: 'pässwörd' },
  { name: 'a key may come in two pieces', given: ['p', 'w', '\n'], want: 'pw' },
  { name: 'backspace takes the last character, however wide', given: ['pw🔑\u007f!\r'], want: 'pw!' },
  { name: 'Ctrl-U takes all', given: ['wrong\u0015right\r'], want: 'right' },
  { name: 'Ctrl-D ends the line', given: ['pw\u0004'], want: 'pw' },
  { name: 'Ctrl-C gives up', given: ['pw\u0003'], want: 'error: interrupted' },
  { name: 'arrow keys do nothing', given: ['p', '\u001b[A', 'w\r'], want: 'pw' },
];

for (const { name, given, want } of keyRows) {
  void test(name, async () => {
    assert.deepEqual(await typed(...given), { read: want, shown: 'Password: \n', raw: false });
  });
}

void test('what is typed ahead stays for the next prompt', async () => {
  const terminal = fakeTerminal([]);
  const streams = { stdin: terminal.input, stderr: { write: () => undefined } };
  const first = readSecret('Password: ', streams);
  terminal.input.emit('data', 'one\rtwo\r');
  assert.equal(await first, 'one');
  assert.equal(await readSecret('The same again: ', streams), 'two');
});

const pipedRows = [
  { name: 'one trailing newline is trimmed', given: 'token\n', want: 'token' },
  { name: 'one Windows newline is trimmed', given: 'token\r\n', want: 'token' },
  { name: 'a second newline stays', given: 'token\n\n', want: 'token\n' },
  { name: 'spaces stay', given: ' token ', want: ' token ' },
  { name: 'nothing is nothing', given: '', want: '' },
];

for (const { name, given, want } of pipedRows) {
  void test(`piped in: ${name}`, async () => {
    assert.equal(
      await readSecret('Token: ', { stdin: piped(given), stderr: { write: () => assert.fail('a prompt') } }),
      want,
    );
  });
}

void test('piped in: a character may be cut in two', async () => {
  const stdin = new PassThrough();
  const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)];
  stdin.write(first);
  stdin.end(second);
  assert.equal(await readSecret('Token: ', { stdin, stderr: { write: () => undefined } }), 'ü');
});

void test('piped in: too much is refused', async () => {
  const stdin = piped('x'.repeat(4 * 1024 * 1024 + 1));
  await assert.rejects(readSecret('Token: ', { stdin, stderr: { write: () => undefined } }), /more than 4 MiB/);
});

const passwordRows = [
  { name: 'no password', given: '\n', want: /there is no password/ },
  { name: 'a password of two lines', given: 'one\ntwo\n', want: /more than one line/ },
];

for (const { name, given, want } of passwordRows) {
  void test(`${name} is refused`, async () => {
    await assert.rejects(readPassword('Password: ', { stdin: piped(given), stderr: { write: () => undefined } }), want);
  });
}

function piped(text: string): PassThrough {
  const stream = new PassThrough();
  stream.end(text);
  return stream;
}
