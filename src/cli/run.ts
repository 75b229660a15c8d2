// The commands of the broker.

import { completionOf } from '../command/completion.ts';
import { runProgram } from '../command/run.ts';
import { version } from '../command/version.ts';
import { kubectlCommands } from '../login/commands/index.ts';
import { check } from './check.ts';
import { explain } from './explain.ts';
import { hashPassword } from './hash-password.ts';
import { hashToken } from './hash-token.ts';
import { importCommand } from './import.ts';
import { issuerNewKey, issuerRevocations, issuerRevoke } from './issuer.ts';
import { kubeconfigWebhook } from './kubeconfig-webhook.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { serve } from './serve.ts';
import { verify } from './verify.ts';

export type { CliSeams } from './seams.ts';

const OTHERS: readonly CliCommand[] = [
  serve,
  check,
  explain,
  verify,
  kubeconfigWebhook,
  importCommand,
  hashPassword,
  hashToken,
  issuerNewKey,
  issuerRevoke,
  issuerRevocations,
  ...kubectlCommands,
  version,
];

export const COMMANDS: readonly CliCommand[] = [...OTHERS.slice(0, -1), completionOf(OTHERS), version];

/** Resolves to the exit code. */
export function runCli(argv: readonly string[], seams: CliSeams): Promise<number> {
  return runProgram({ about: 'The token webhook of kube-apiserver.', commands: COMMANDS }, argv, seams);
}
