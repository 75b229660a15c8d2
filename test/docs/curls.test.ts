// Every curl of the README, executed against the quickstart, gives the answer that is printed below it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startQuickstart } from '../journey/shipped-config.ts';
import { patient } from '../support/patience.ts';
import { type Block, blocksOf, readPage } from './markdown.ts';

const run = promisify(execFile);
const README = readPage('README.md');

interface Example {
  readonly command: Block;
  /** The block right after it. */
  readonly answer: Block | undefined;
}

/** Blocks of shell commands; what is not meant to be executed as it stands is a `console` block. */
const examples: readonly Example[] = blocksOf(README).flatMap((command, index, all) =>
  command.language === 'sh' ? [{ command, answer: all[index + 1] }] : [],
);

void test('the README shows a login, a refusal and the health of the broker', () => {
  const commands = examples.map(({ command }) => command.text).join('\n');
  for (const part of ['alice:wonderland', '/authenticate', '/readyz?verbose']) assert.ok(commands.includes(part), part);
});

void describe('commands of the README', () => {
  for (const { command, answer } of examples) {
    void test(`line ${command.line} prints what follows it`, async (t) => {
      assert.match(command.text, /^curl /, 'a command that is not executed here belongs into a `console` block');
      assert.match(answer?.language ?? '', /^(?:json|text)$/, 'its answer follows in a `json` or `text` block');
      const broker = await startQuickstart(t);
      const here = command.text
        .replaceAll('http://127.0.0.1:8443', broker.origin)
        .replaceAll('http://127.0.0.1:9090', broker.operations);
      assert.doesNotMatch(here, /127\.0\.0\.1:(?:8443|9090)|localhost/, 'the quickstart listens on 127.0.0.1');
      const { stdout } = await run('sh', ['-c', here], { timeout: patient(10_000) });
      assert.match(compact(stdout, answer), patternOf(compact(answer?.text ?? '', answer)));
    });
  }
});

/** JSON without its white space, however it is laid out; other answers without the line end. */
function compact(text: string, answer: Block | undefined): string {
  return answer?.language === 'json' ? JSON.stringify(JSON.parse(text)) : text.trimEnd();
}

/** `…` stands for anything within a line. */
function patternOf(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}
