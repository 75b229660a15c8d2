// Marks in colour: for people at a terminal who want it, and for nobody else.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inColour, stepLine } from '../../src/cli/steps.ts';

const write = (): void => undefined;
const TEXT = `${stepLine({ step: 'TLS', result: 'ok' })}\n  ‼ slow\n× bind: 3√ x\n`;
const COLOURED = '\u001b[32m√\u001b[0m TLS\n  \u001b[33m‼\u001b[0m slow\n\u001b[31m×\u001b[0m bind: 3√ x\n';

void describe('marks', () => {
  const rows: readonly { name: string; isTTY: boolean; env: Record<string, string>; want: string }[] = [
    { name: 'are coloured on a terminal', isTTY: true, env: {}, want: COLOURED },
    { name: 'are plain in a pipe', isTTY: false, env: {}, want: TEXT },
    { name: 'are plain with NO_COLOR', isTTY: true, env: { NO_COLOR: '1' }, want: TEXT },
    { name: 'are coloured with an empty NO_COLOR', isTTY: true, env: { NO_COLOR: '' }, want: COLOURED },
    { name: 'are plain on a dumb terminal', isTTY: true, env: { TERM: 'dumb' }, want: TEXT },
  ];
  for (const { name, isTTY, env, want } of rows) {
    void test(name, () => assert.equal(inColour(TEXT, { write, isTTY }, { env }), want));
  }
});
