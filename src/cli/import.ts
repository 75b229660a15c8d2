// `import authentication-configuration`: prints the configuration that does what a file of kube-apiserver does.

import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { EXIT, UsageError } from '../command/command.ts';
import { parseOptions } from '../command/options.ts';
import { importAuthenticationConfiguration } from '../settings/authentication-configuration.ts';
import { formatDiagnostic } from '../settings/load.ts';
import { whyUnreadable } from '../text/error-code.ts';
import type { CliCommand } from './seams.ts';

const HELP = `Prints a configuration whose providers decide as kube-apiserver does with its --authentication-config.

Usage: kube-auth-broker import authentication-configuration FILE

FILE is an AuthenticationConfiguration of apiserver.config.k8s.io. Each entry of jwt becomes a provider of type
oidc-jwt, with its mappings and rules as they are. What cannot be imported is named with line and column, and nothing
is printed.

  kube-auth-broker import authentication-configuration authentication.yaml > broker.yaml
  kube-auth-broker check --config broker.yaml --connect

providers/oidc-jwt.md lists what is different from kube-apiserver.
`;

export const importCommand: CliCommand = {
  name: 'import authentication-configuration',
  summary: "print the configuration that does what kube-apiserver's file does",
  help: HELP,
  run: async ([file, ...rest], { readFile, modules, stdout, stderr }) => {
    if (file === undefined || file.startsWith('-')) throw new UsageError('FILE is required; see --help');
    parseOptions(rest, {});
    const imported = importAuthenticationConfiguration(file, textOf(file, readFile), modules);
    if (!imported.ok) {
      for (const error of imported.errors) stderr.write(`${formatDiagnostic(error)}\n`);
      return EXIT.usage;
    }
    for (const note of imported.notes) stderr.write(`${formatDiagnostic(note)}\n`);
    stdout.write(stringify(imported.config, { lineWidth: 0 }));
    return EXIT.done;
  },
};

function textOf(file: string, readFile: (path: string) => string): string {
  try {
    return readFile(resolve(file));
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${whyUnreadable(error)}`);
  }
}
