#!/usr/bin/env node
// Process entry: this file and login/main.ts alone touch argv, the environment, signals and the exit code.

import { setTimeout as wait } from 'node:timers/promises';
import type { CliSeams } from './cli/seams.ts';
import type { CommandSeams } from './command/command.ts';
import { endInterrupted, thisProcess } from './command/process.ts';
import { runCommand } from './command/run.ts';
import { kubectlCommands } from './login/commands/index.ts';

void main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await run(argv, thisProcess('kube-auth-broker'));
}

/** Every `kubectl` waits for the plugin's commands, so nothing of the broker is loaded for them. */
async function run(argv: readonly string[], seams: CommandSeams): Promise<number> {
  const plugin = kubectlCommands.find(({ name }) => name === argv[0]);
  if (plugin !== undefined) return runCommand(plugin, argv.slice(1), seams);
  // Libraries that print what they do would print what travels through them; they look at it when they are loaded.
  delete process.env['DEBUG'];
  const { runCli } = await import('./cli/run.ts');
  return runCli(argv, await cliSeams(seams));
}

async function cliSeams(seams: CommandSeams): Promise<CliSeams> {
  const { providerModules: modules, hashPassword } = await import('../providers/index.ts');
  const { standardOutput } = await import('./telemetry/buffered-sink.ts');
  const inspector = await import('node:inspector');
  const logSink = standardOutput();
  process.on('exit', () => logSink.flush());
  return {
    ...seams,
    logSink,
    modules,
    hashPassword,
    wait: async (durationMs) => {
      // Whoever waits holds a listener or a connection open; a wait that was overtaken must not keep the process from ending.
      await wait(durationMs, undefined, { ref: false });
    },
    signals: {
      on: (name, handler) => {
        if (name === 'SIGINT') process.off(name, endInterrupted);
        process.on(name, handler);
      },
      off: (name, handler) => void process.off(name, handler),
      onCrash: (handler) => {
        process.on('uncaughtException', handler);
        process.on('unhandledRejection', handler);
      },
    },
    exitNow: (code) => process.exit(code),
    started: {
      inspector: inspector.url(),
      options: [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)],
      nodeDebug: process.env['NODE_DEBUG'],
    },
  };
}
