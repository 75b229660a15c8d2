// Loads a configuration for a command and prints what is wrong or doubtful with it.

import { fileMode, stateFolder } from '../files/access.ts';
import type { Config } from '../settings/config.ts';
import { formatDiagnostic, type Loaded, type LoadSeams, loadConfig } from '../settings/load.ts';
import type { CliSeams } from './seams.ts';

export function load(file: string, seams: CliSeams, more: Pick<LoadSeams, 'demandsState'> = {}): Loaded {
  const { env, readFile, modules, clock } = seams;
  return loadConfig(file, { env, readFile, modules, nowMs: () => clock.now(), modeOf: fileMode, stateFolder, ...more });
}

/** The configuration, or undefined after every error has been printed; warnings are printed too. */
export function loadOrPrint(file: string, seams: CliSeams, more?: Parameters<typeof load>[2]): Config | undefined {
  const loaded = load(file, seams, more);
  if (loaded.ok) {
    for (const warning of loaded.config.warnings) seams.stderr.write(`warning: ${warning}\n`);
    return loaded.config;
  }
  printErrors(file, loaded.errors, seams);
  return undefined;
}

export function printErrors(
  file: string,
  errors: Extract<Loaded, { ok: false }>['errors'],
  { stderr }: CliSeams,
): void {
  for (const error of errors) stderr.write(`${formatDiagnostic(error)}\n`);
  stderr.write(`${errors.length} ${errors.length === 1 ? 'error' : 'errors'} in ${file}\n`);
}
