// Finds the installed servers, and decides what a missing one means.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The first executable candidate; a bare name is looked up on the PATH and in the folders of system programs. */
export function findServer(candidates: readonly string[]): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/bin'];
  return candidates
    .flatMap((candidate) =>
      candidate.startsWith('/') ? [candidate] : folders.map((folder) => join(folder, candidate)),
    )
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The value for a test's `skip`: false when the server is installed. A missing one is a printed skip on a developer's
 * machine and an error where CI=true or KAB_LIVE_REQUIRED=1, because a live test that silently does nothing proves nothing.
 */
export function requireServer(
  name: string,
  candidates: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): string | false {
  if (findServer(candidates) !== undefined) return false;
  return missingServer(`${name} is not installed (looked for ${candidates.join(', ')}); run .ci/install`, environment);
}

/** As `requireServer`, for what an unprivileged network of one's own needs; some container runtimes forbid it. */
export function requireNamespaces(environment: NodeJS.ProcessEnv = process.env): string | false {
  const { status } = spawnSync('unshare', ['--user', '--map-root-user', '--net', '--pid', '--fork', 'true']);
  return status === 0 ? false : missingServer('user and network namespaces are not allowed here', environment);
}

/** What a missing server means for a test: its `skip`, or an error where one may not be missing. */
export function missingServer(message: string, environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['CI'] === 'true' || environment['KAB_LIVE_REQUIRED'] === '1') throw new Error(message);
  return message;
}
