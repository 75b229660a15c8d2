// The log: JSON lines or readable text, of plain named values only.

import type { Log, LogFields, LogLevel } from '../core/seams.ts';
import { printable } from '../text/printable.ts';

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
}

/** Where lines go; `write` gets whole lines. */
export interface LogSink {
  write(line: string): void;
}

export function createLog({ level, format }: LogSettings, sink: LogSink): Log {
  return format === 'json' ? jsonLog(level, sink) : textLog(level, sink);
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** By JSON.stringify, which is several times as fast as a logger that must be ready for any value. */
function jsonLog(level: LogLevel, sink: LogSink): Log {
  const time = timeText();
  return (at, message, fields = {}) => {
    if (RANK[at] < RANK[level]) return;
    const inner = JSON.stringify(fields).slice(1, -1);
    const rest = inner === '' ? '' : `${inner},`;
    sink.write(`{"level":"${at}","time":"${time()}",${rest}"msg":${JSON.stringify(message)}}\n`);
  };
}

/** Writes a time out once for all lines of a millisecond. */
function timeText(): () => string {
  let atMs = 0;
  let text = '';
  return () => {
    const nowMs = Date.now();
    if (nowMs !== atMs) {
      atMs = nowMs;
      text = new Date(nowMs).toISOString();
    }
    return text;
  };
}

function textLog(level: LogLevel, sink: LogSink): Log {
  return (at, message, fields = {}) => {
    if (RANK[at] < RANK[level]) return;
    sink.write(`${new Date().toISOString()} ${at.padEnd(5)} ${message}${textFields(fields)}\n`);
  };
}

function textFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${textValue(value)}`)
    .join('');
}

/** Quoted as JSON unless it is one plain word, so that a value cannot forge a field or a line. */
function textValue(value: LogFields[string]): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : quoted(value);
}

/** JSON leaves some characters as they are that a terminal or a reader of lines acts upon. */
function quoted(value: LogFields[string]): string {
  return printable(JSON.stringify(value));
}
