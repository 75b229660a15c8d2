#!/usr/bin/env node
// Process entry: the only file that touches argv, the environment, signals and the exit code.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { providerModules } from '../providers/index.ts';
import { type CliSeams, runCli } from './cli/run.ts';
import { systemClock } from './core/seams.ts';
import { standardOutput } from './telemetry/buffered-sink.ts';

const logSink = standardOutput();
process.on('exit', () => logSink.flush());

const seams: CliSeams = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  logSink,
  readFile: (path) => readFileSync(path, 'utf8'),
  modules: providerModules,
  clock: systemClock,
  randomBytes,
  wait: async (durationMs) => {
    // Whoever waits holds a listener or a connection open; a wait that was overtaken must not keep the process from ending.
    await wait(durationMs, undefined, { ref: false });
  },
  signals: {
    on: (name, handler) => void process.on(name, handler),
    off: (name, handler) => void process.off(name, handler),
    onCrash: (handler) => {
      process.on('uncaughtException', handler);
      process.on('unhandledRejection', handler);
    },
  },
  exitNow: (code) => process.exit(code),
};

// A reader that went away (`| head`) is no reason to crash.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), seams);
