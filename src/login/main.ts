#!/usr/bin/env node
// Process entry of the kubectl plugin: the commands of the broker that kubectl waits for, and nothing else.

import { basename } from 'node:path';
import { completionOf } from '../command/completion.ts';
import { thisProcess } from '../command/process.ts';
import { runProgram } from '../command/run.ts';
import { version } from '../command/version.ts';
import { kubectlCommands } from './commands/index.ts';

void main(process.argv);

async function main([, file = '', ...argv]: readonly string[]): Promise<void> {
  const about = 'Signs in at kube-auth-broker for kubectl.';
  // The broker's own launcher starts this program too.
  const name = basename(file).startsWith('kube-auth-broker') ? 'kube-auth-broker' : 'kubectl broker';
  const commands = [...kubectlCommands, completionOf([...kubectlCommands, version]), version];
  process.exitCode = await runProgram({ about, commands }, argv, thisProcess(name));
}
