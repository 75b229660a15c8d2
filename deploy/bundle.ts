// Makes what everything else is packed from: `npm run build` writes the two programs and the notices of their libraries to dist/.

import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { librariesOf, noticesOf } from './third-party.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface Bundle {
  /** Relative to the project. */
  readonly entry: string;
  readonly name: string;
  readonly form: BuildOptions;
}

/** Express is CommonJS and calls `require` for Node's own modules; an ES module has none. */
const REQUIRE =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** What the image and the package run. */
export const BROKER: Bundle = {
  entry: 'src/main.ts',
  name: 'kube-auth-broker.mjs',
  form: { format: 'esm', target: 'node24', banner: { js: REQUIRE } },
};

/**
 * CommonJS starts 20 ms sooner, and is all that a single executable takes. What is loaded late is loaded by `require`, since an
 * `import()` would start Node's loader of ES modules after all.
 */
export const SCRIPT: BuildOptions = {
  format: 'cjs',
  target: 'node22',
  supported: { 'dynamic-import': false },
  define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
};

/** What kubectl runs with every command. */
export const PLUGIN: Bundle = { entry: 'src/login/main.ts', name: 'kubectl-broker.cjs', form: SCRIPT };

export interface BundleSettings {
  readonly folder: string;
  /** What `version` prints. */
  readonly commit: string;
}

export interface Bundled {
  readonly outfile: string;
  /** The files that went into it, relative to the project. */
  readonly inputs: readonly string[];
}

/**
 * Writes the file and its map. Not minified, so that a stack trace can be read; the map leads to lines of the source without
 * holding it.
 */
export async function bundle({ entry, name, form }: Bundle, { folder, commit }: BundleSettings): Promise<Bundled> {
  const outfile = join(folder, name);
  const worker = await bcryptWorker();
  const { metafile } = await build({
    ...form,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    define: {
      ...form.define,
      'globalThis.KUBE_AUTH_BROKER_COMMIT': JSON.stringify(commit),
      'globalThis.KUBE_AUTH_BROKER_BCRYPT_WORKER': JSON.stringify(worker.text),
    },
  });
  chmodSync(outfile, 0o755);
  const inputs = Object.keys(metafile.inputs);
  const ofWorker = inputs.includes('providers/users/bcrypt.ts') ? worker.inputs : [];
  return { outfile, inputs: [...inputs, ...ofWorker] };
}

/** The code of the bcrypt threads, which run it as a CommonJS script (`eval` of node:worker_threads). */
async function bcryptWorker(): Promise<{ readonly text: string; readonly inputs: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['providers/users/bcrypt-worker.ts'],
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    logLevel: 'warning',
  });
  return { text: outputFiles.map(({ text }) => text).join(''), inputs: Object.keys(metafile.inputs) };
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

export const NOTICES = 'THIRD-PARTY-LICENSES.txt';

/** Both programs and the notices; what else is in the folder stays. */
export async function bundleAll(settings: BundleSettings): Promise<void> {
  const [broker, plugin] = await Promise.all([bundle(BROKER, settings), bundle(PLUGIN, settings)]);
  const libraries = librariesOf([...broker.inputs, ...plugin.inputs], root);
  writeFileSync(join(settings.folder, NOTICES), noticesOf(libraries));
}

if (import.meta.main) {
  await bundleAll({ folder: join(root, 'dist'), commit: commitOf(process.env) });
  process.stdout.write(`${[BROKER.name, PLUGIN.name, NOTICES].map((name) => `dist/${name}`).join('\n')}\n`);
}
