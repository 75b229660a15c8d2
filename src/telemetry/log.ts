// The log: JSON lines or readable text, of plain named values only.

import pino from 'pino';
import type { Log, LogFields, LogLevel } from '../core/seams.ts';

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: 'json' | 'text';
}

/** Where lines go; `write` gets whole lines. */
export interface LogSink {
  write(line: string): void;
}

/** Standard output, written synchronously so that the last line before an exit is never lost. */
export function standardOutput(): LogSink {
  return pino.destination({ fd: 1, sync: true });
}

export function createLog({ level, format }: LogSettings, sink: LogSink): Log {
  return format === 'json' ? jsonLog(level, sink) : textLog(level, sink);
}

function jsonLog(level: LogLevel, sink: LogSink): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  return (at, message, fields = {}) => logger[at](fields, message);
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

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
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}
