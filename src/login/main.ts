#!/usr/bin/env node
// Process entry of the kubectl plugin: the commands of the broker that kubectl waits for, and nothing else.

import { thisProcess } from '../command/process.ts';
import { runProgram } from '../command/run.ts';
import { version } from '../command/version.ts';
import { kubectlCommands } from './commands/index.ts';

process.exitCode = await runProgram(
  { about: 'Signs in at kube-auth-broker for kubectl.', commands: [...kubectlCommands, version] },
  process.argv.slice(2),
  thisProcess('kubectl broker'),
);
