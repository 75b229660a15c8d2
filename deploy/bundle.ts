// Makes the one file that the image runs: `npm run build` writes dist/kube-auth-broker.mjs and the native addons beside it.

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The file in `dist/` and in the image. */
export const BUNDLE_NAME = 'kube-auth-broker.mjs';

/** Packages with a native addon: a bundle cannot hold it, so they stay packages. */
const NATIVE = ['@node-rs/bcrypt'];

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

/** Writes the bundle, not minified so that a stack trace can be read, and the native packages; returns its path. */
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
    external: NATIVE,
    banner: { js: REQUIRE },
    define: { 'globalThis.KUBE_AUTH_BROKER_COMMIT': JSON.stringify(commit) },
    logLevel: 'warning',
  });
  for (const name of NATIVE.flatMap(withBinaries)) copyPackage(name, folder);
  chmodSync(outfile, 0o755);
  return outfile;
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

/** The package and those of its per-platform packages that are installed here. */
function withBinaries(name: string): string[] {
  const manifest: { optionalDependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'),
  );
  const binaries = Object.keys(manifest.optionalDependencies ?? {});
  return [name, ...binaries.filter((binary) => existsSync(join(root, 'node_modules', binary)))];
}

function copyPackage(name: string, folder: string): void {
  cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true, dereference: true });
}

if (import.meta.main) {
  const outfile = await bundle({ folder: join(root, 'dist'), commit: commitOf(process.env) });
  process.stdout.write(`${dirname(outfile)}/${BUNDLE_NAME}\n`);
}
