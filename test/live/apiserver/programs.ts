// Finds the programs that build.sh finds or builds, and decides what a missing one means for a test.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** `openapi` is a file: the OpenAPI v2 description of the kube-apiserver that `kube-apiserver` names. */
export type ProgramName =
  | 'kube-apiserver'
  | 'etcd'
  | 'kubectl'
  | 'webhook-probe'
  | 'review-load'
  | 'cel-expressions'
  | 'jwt-authenticator'
  | 'openapi'
  | 'helm'
  | 'kubeconform'
  | 'krew'
  | 'actionlint'
  | 'glauth';

const CANNOT_BUILD = 3;

const SCRIPTS: Readonly<Record<ProgramName, URL>> = {
  'kube-apiserver': new URL('build.sh', import.meta.url),
  etcd: new URL('build.sh', import.meta.url),
  kubectl: new URL('build.sh', import.meta.url),
  'webhook-probe': new URL('build.sh', import.meta.url),
  'review-load': new URL('build.sh', import.meta.url),
  'cel-expressions': new URL('build.sh', import.meta.url),
  'jwt-authenticator': new URL('build.sh', import.meta.url),
  openapi: new URL('build.sh', import.meta.url),
  helm: new URL('../tools/build.sh', import.meta.url),
  kubeconform: new URL('../tools/build.sh', import.meta.url),
  krew: new URL('../release/build.sh', import.meta.url),
  actionlint: new URL('../release/build.sh', import.meta.url),
  glauth: new URL('../rig/glauth/build.sh', import.meta.url),
};

const found = new Map<ProgramName, string | Error>();

/**
 * The path of a program. The first call may build it, which takes minutes and blocks this process; what is built says
 * so on stderr. Throws, with what is missing, when it is not there and cannot be built.
 */
export function program(name: ProgramName): string {
  const known = found.get(name) ?? find(name);
  found.set(name, known);
  if (known instanceof Error) throw known;
  return known;
}

/**
 * The value for a test's `skip`: false when every program is there. A missing one is a printed skip on a developer's
 * machine and an error where CI=true or KAB_LIVE_REQUIRED=1, because a live test that silently does nothing proves nothing.
 */
export function requirePrograms(...names: readonly ProgramName[]): string | false {
  try {
    for (const name of names) program(name);
    return false;
  } catch (error) {
    if (!(error instanceof Error) || process.env['CI'] === 'true' || process.env['KAB_LIVE_REQUIRED'] === '1')
      throw error;
    return error.message;
  }
}

function find(name: ProgramName): string | Error {
  const script = fileURLToPath(SCRIPTS[name]);
  const result = spawnSync(script, [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const path = /^[^=]+=(?<path>.+)$/m.exec(result.stdout ?? '')?.groups?.['path'];
  if (result.status === 0 && path !== undefined) return path;
  if (result.status === CANNOT_BUILD)
    return new Error(`${name} is missing and cannot be built here: ${script} says why`);
  return new Error(`${script} ${name} ended with ${result.status}`, { cause: result.error });
}
