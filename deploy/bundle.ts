// Makes the one file that the image runs: `npm run build` writes dist/kube-auth-broker.mjs.

import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The file in `dist/` and in the image. */
export const BUNDLE_NAME = 'kube-auth-broker.mjs';

/** Express is CommonJS and calls `require` for Node's own modules; an ES module has none. */
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

const root = fileURLToPath(new URL('..', import.meta.url));

export interface BundleSettings {
  /** Made anew; everything that was in it is gone. */
  readonly folder: string;
  /** What `version` prints. */
  readonly commit: string;
}

/** Writes the bundle, not minified so that a stack trace can be read; returns its path. */
export async function bundle({ folder, commit }: BundleSettings): Promise<string> {
  const outfile = join(folder, BUNDLE_NAME);
  rmSync(folder, { recursive: true, force: true });
  await build({
    entryPoints: [join(root, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    banner: { js: REQUIRE },
    define: {
      'globalThis.KUBE_AUTH_BROKER_COMMIT': JSON.stringify(commit),
      'globalThis.KUBE_AUTH_BROKER_BCRYPT_WORKER': JSON.stringify(await workerText()),
    },
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
  return outfile;
}

/** The code of the bcrypt threads, which run it as a CommonJS script (`eval` of node:worker_threads). */
async function workerText(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'providers/users/bcrypt-worker.ts')],
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    logLevel: 'warning',
  });
  return outputFiles.map(({ text }) => text).join('');
}

/** The commit that the build was told (an image is built without .git), else that of the checkout, else unknown. */
export function commitOf(env: Readonly<Record<string, string | undefined>>): string {
  const told = env['KUBE_AUTH_BROKER_COMMIT'];
  if (told !== undefined && told !== '') return told;
  try {
    return execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

if (import.meta.main) {
  const outfile = await bundle({ folder: join(root, 'dist'), commit: commitOf(process.env) });
  process.stdout.write(`${outfile}\n`);
}
