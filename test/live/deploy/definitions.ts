// Finds the definitions of custom resources, and decides what their absence means for a test.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The files, or why there are none: a printed skip on a developer's machine, an error where live tests are required. */
export function definitions(): { readonly files: readonly string[]; readonly skip: string | false } {
  const script = fileURLToPath(new URL('definitions.sh', import.meta.url));
  const { status, stdout } = spawnSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status === 0) {
    const files = [...stdout.matchAll(/^[^=]+=(.+)$/gm)].map(([, file = '']) => file);
    return { files, skip: false };
  }
  const why = `the definitions of cert-manager, the Prometheus operator and the Gateway API are missing: ${script} says why`;
  if (process.env['CI'] === 'true' || process.env['KAB_LIVE_REQUIRED'] === '1') throw new Error(why);
  return { files: [], skip: why };
}
