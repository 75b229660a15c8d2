// The commands of the broker.

import { runProgram } from '../command/run.ts';
import { version } from '../command/version.ts';
import { kubectlCommands } from '../login/commands/index.ts';
import { check } from './check.ts';
import { explain } from './explain.ts';
import { hashPassword } from './hash-password.ts';
import { importCommand } from './import.ts';
import { issuerNewKey, issuerRevocations, issuerRevoke } from './issuer.ts';
import { kubeconfigWebhook } from './kubeconfig-webhook.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { serve } from './serve.ts';
import { verify } from './verify.ts';

export type { CliSeams } from './seams.ts';

export const COMMANDS: readonly CliCommand[] = [
  serve,
  check,
  explain,
  verify,
  kubeconfigWebhook,
  importCommand,
  hashPassword,
  issuerNewKey,
  issuerRevoke,
  issuerRevocations,
  ...kubectlCommands,
  version,
];

/** Resolves to the exit code. */
export function runCli(argv: readonly string[], seams: CliSeams): Promise<number> {
  return runProgram({ about: 'The token webhook of kube-apiserver.', commands: COMMANDS }, argv, seams);
}
