// What is in the programs, as CycloneDX: npm's own list of the lockfile, less what is only needed to build and test.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BROKER, bundle, PLUGIN } from '../bundle.ts';
import { librariesOf } from '../third-party.ts';
import { ROOT } from './product.ts';

const run = promisify(execFile);

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly [other: string]: unknown;
}

export interface Sbom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: Component; readonly [other: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The same for the same files but for its time, which is the commit's, and its number, which is left out. */
export async function sbom(epochSeconds: number): Promise<Sbom> {
  const inBundle = await bundled();
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const { stdout } = await run('npm', args, { cwd: ROOT, maxBuffer: 64 << 20 });
  const { serialNumber: _random, ...all }: Sbom & { serialNumber?: string } = JSON.parse(stdout);
  const components = all.components.filter(({ name, version }) => inBundle.has(`${name}@${version}`));
  const missing = [...inBundle].filter((key) => !components.some(({ name, version }) => `${name}@${version}` === key));
  if (missing.length > 0) throw new Error(`npm sbom does not know ${missing.join(', ')}`);
  const known = new Set([all.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  return {
    ...all,
    metadata: {
      ...all.metadata,
      timestamp: new Date(epochSeconds * 1000).toISOString(),
      component: { ...all.metadata.component, type: 'application', name: 'kube-auth-broker' },
    },
    // They are in the program, although npm takes everything here for a tool of developers.
    components: components.map(({ properties: _development, ...rest }) => ({ ...rest, scope: 'required' })),
    dependencies: all.dependencies
      .filter(({ ref }) => known.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((dependency) => known.has(dependency)) })),
  };
}

async function bundled(): Promise<ReadonlySet<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    const made = await Promise.all([BROKER, PLUGIN].map((each) => bundle(each, { folder, commit: 'unknown' })));
    const libraries = librariesOf(
      made.flatMap(({ inputs }) => inputs),
      ROOT,
    );
    return new Set(libraries.map(({ name, version }) => `${name}@${version}`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
