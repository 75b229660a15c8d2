// The log: one line each, whatever is in the values, and nothing below its level.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { LogFields, LogLevel } from '../../src/core/seams.ts';
import { createLog, type LogSettings } from '../../src/telemetry/log.ts';

function logged(settings: Partial<LogSettings>, level: LogLevel, message: string, fields?: LogFields): string {
  let text = '';
  const sink = { write: (line: string) => void (text += line) };
  createLog({ level: 'debug', format: 'json', ...settings }, sink)(level, message, fields);
  return text;
}

const TEXT = { format: 'text' } as const;
const afterTime = (line: string): string => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, '');

void describe('json', () => {
  void test('time, level and msg first, then the fields in order', () => {
    const line = logged({}, 'warn', 'provider unavailable', {
      id: 'a-1',
      provider: 'ldap',
      n: 1.5,
      ok: true,
      list: ['x'],
    });
    assert.match(
      line,
      /^\{"level":"warn","time":"\d{4}-[^"]+Z","id":"a-1","provider":"ldap","n":1\.5,"ok":true,"list":\["x"\],"msg":"provider unavailable"\}\n$/,
    );
  });
  void test('what is undefined is left out', () => {
    assert.doesNotMatch(logged({}, 'info', 'x', { a: undefined, b: 'c' }), /"a"/);
  });
  void test('without fields', () => {
    assert.match(logged({}, 'info', 'x'), /^\{"level":"info","time":"[^"]+","msg":"x"\}\n$/);
  });
});

void describe('text', () => {
  const rows: { name: string; given: [LogLevel, string, LogFields?]; want: string }[] = [
    { name: 'a message', given: ['info', 'listening'], want: 'info  listening\n' },
    {
      name: 'plain words',
      given: ['warn', 'x', { a: 'b', port: '127.0.0.1:80', n: 1, ok: false }],
      want: 'warn  x a=b port=127.0.0.1:80 n=1 ok=false\n',
    },
    {
      name: 'anything else is quoted',
      given: ['error', 'x', { a: 'b c', d: 'e="f"', g: '' }],
      want: 'error x a="b c" d="e=\\"f\\"" g=""\n',
    },
    { name: 'lists', given: ['info', 'x', { a: ['b', 'c d'] }], want: 'info  x a=["b","c d"]\n' },
    { name: 'what is undefined is left out', given: ['debug', 'x', { a: undefined }], want: 'debug x\n' },
  ];
  for (const { name, given, want } of rows)
    void test(name, () => assert.equal(afterTime(logged(TEXT, ...given)), want));
});

void describe('levels', () => {
  const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
  for (const format of ['json', 'text'] as const) {
    for (const [lowest, level] of levels.entries()) {
      void test(`${format}: ${level} shows ${levels.slice(lowest).join(', ')}`, () => {
        const shown = levels.filter((each) => logged({ level, format }, each, 'x') !== '');
        assert.deepEqual(shown, levels.slice(lowest));
      });
    }
  }
});

void describe('no value forges a line or a field', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        '\n',
        '\r',
        '"',
        '\\',
        ' ',
        '=',
        'a',
        '\u001b',
        '\u0085',
        '\u009b',
        '\u2028',
        '\u2029',
        '\u007f',
        '\ud800',
      ),
    }),
  );
  void test('in json: one line, and parsed it is what was given', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const line = logged({}, 'info', 'review', { username: a, list: [b] });
        assert.equal(line.indexOf('\n'), line.length - 1);
        const parsed = JSON.parse(line);
        assert.deepEqual([parsed.username, parsed.list, parsed.msg, parsed.level], [a, [b], 'review', 'info']);
      }),
      { numRuns: 300 },
    );
  });
  void test('in text: one line without any control or line character, and the fields that were given', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const line = afterTime(logged(TEXT, 'info', 'review', { username: a, list: [b] }));
        assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Zl}\p{Zp}]/u);
        const [, username, list] = /^info {2}review username=("(?:[^"\\]|\\.)*"|\S+) list=(.*)\n$/.exec(line) ?? [];
        assert.equal(username?.startsWith('"') ? JSON.parse(username) : username, a);
        assert.deepEqual(JSON.parse(list ?? ''), [b]);
      }),
      { numRuns: 300 },
    );
  });
});
