// The steps of a release in order: those that write files run everywhere, those that publish only say what they would do in a dry run.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { commitOf } from '../bundle.ts';
import { epochOf, packArchives, sha256 } from './archives.ts';
import { buildExecutables } from './executables.ts';
import { manifestsOf } from './manifests.ts';
import { notesOf } from './notes.ts';
import { PLATFORMS } from './platforms.ts';
import { IMAGE, REGISTRY_OF_CHARTS, ROOT, TAG, VERSION } from './product.ts';
import { sbom } from './sbom.ts';
import { versionFaults } from './versions.ts';

const run = promisify(execFile);

export interface Release {
  readonly dryRun: boolean;
  /** What is offered for download goes here. */
  readonly folder: string;
  /** The tag that started it; absent in a dry run. */
  readonly tag?: string | undefined;
  readonly say: (line: string) => void;
  /** Runs a command that others see the effect of, and returns what it printed; a dry run says it and returns nothing. */
  readonly publish: (
    command: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<string>;
}

export interface Step {
  readonly does: string;
  readonly run: (release: Release) => Promise<void>;
}

/** In this order; the workflow runs them on several machines. */
export const STEPS: Readonly<Record<string, Step>> = {
  versions: { does: 'package, chart, image, manifests, pages and tag name one version', run: versions },
  notes: { does: 'the notes, from the changelog', run: notes },
  package: { does: 'the npm package', run: npmPackage },
  sbom: { does: 'the list of what is in it', run: writeSbom },
  executables: { does: 'single executables for all platforms', run: executables },
  archives: { does: 'their archives, and manifests for krew, Homebrew and winget', run: archives },
  image: { does: 'the image for both architectures, signed', run: image },
  chart: { does: 'the chart with the digest of the image, signed', run: chart },
  checksums: { does: 'checksums of all downloads, signed', run: checksums },
  npm: { does: 'the package on npm, with its provenance', run: npm },
  github: { does: 'the release with its downloads', run: github },
};

const executablesFolder = join(ROOT, 'dist/executables');
const sbomOf = ({ folder }: Release): string => join(folder, `kube-auth-broker_${VERSION}.cdx.json`);
const packageOf = ({ folder }: Release): string => join(folder, `kube-auth-broker-${VERSION}.tgz`);
const digestFile = (name: 'image' | 'chart'): string => join(ROOT, `dist/${name}.digest`);

async function versions({ tag, say }: Release): Promise<void> {
  const faults = [
    ...versionFaults(ROOT, VERSION),
    ...(tag === undefined || tag === TAG ? [] : [`the tag is ${tag}, not ${TAG}`]),
  ];
  if (faults.length > 0) throw new Error(faults.join('\n'));
  say(`everything names ${VERSION}`);
}

async function notes({ folder, dryRun }: Release): Promise<void> {
  writeFileSync(join(dirname(folder), 'notes.md'), notesOf({ allowUnreleased: dryRun }));
}

async function npmPackage(release: Release): Promise<void> {
  await run('npm', ['pack', '--silent', '--pack-destination', release.folder], { cwd: ROOT });
  if (!existsSync(packageOf(release))) throw new Error(`npm pack wrote no ${packageOf(release)}`);
}

async function writeSbom(release: Release): Promise<void> {
  const content = await sbom(await epochOf(process.env));
  writeFileSync(sbomOf(release), `${JSON.stringify(content, undefined, 2)}\n`);
}

async function executables(): Promise<void> {
  const cache = join(ROOT, 'node_modules/.cache/executables');
  await buildExecutables({ platforms: PLATFORMS, folder: executablesFolder, cache, commit: commitOf(process.env) });
}

async function archives({ folder }: Release): Promise<void> {
  const epochSeconds = await epochOf(process.env);
  const packed = await packArchives({ platforms: PLATFORMS, executables: executablesFolder, folder, epochSeconds });
  const manifests = manifestsOf(packed.filter(({ program }) => program === 'kubectl-broker'));
  for (const [name, text] of Object.entries(manifests)) {
    const path = join(ROOT, 'dist/manifests', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Both bases by the digests that they have now, which the provenance then names. */
async function image(release: Release): Promise<void> {
  const bases = await Promise.all(
    ['BUILD_IMAGE', 'RUNTIME_IMAGE'].map(async (name) => ['--build-arg', `${name}=${await pinned(name, release)}`]),
  );
  const metadata = join(ROOT, 'dist/image.json');
  const options = ['--platform', 'linux/amd64,linux/arm64', '--provenance', 'mode=max', '--sbom', 'true'];
  const output = ['--output', 'type=image,push=true,rewrite-timestamp=true', '--metadata-file', metadata];
  const values = [...bases.flat(), '--build-arg', `COMMIT=${commitOf(process.env)}`];
  const names = ['--tag', `${IMAGE}:${VERSION}`, '--file', join(ROOT, 'deploy/Dockerfile'), ROOT];
  const epoch = { SOURCE_DATE_EPOCH: String(await epochOf(process.env)) };
  await release.publish('docker', ['buildx', 'build', ...options, ...output, ...values, ...names], epoch);
  const digest = release.dryRun ? '' : digestIn(readFileSync(metadata, 'utf8'), 'containerimage.digest');
  if (!release.dryRun && digest === '') throw new Error(`${metadata} names no digest of the image`);
  writeFileSync(digestFile('image'), digest);
  const built = `${IMAGE}@${digest || 'DIGEST'}`;
  await release.publish('cosign', ['sign', '--yes', built]);
  await release.publish('cosign', ['attest', '--yes', '--type', 'cyclonedx', '--predicate', sbomOf(release), built]);
}

async function pinned(name: string, release: Release): Promise<string> {
  const dockerfile = readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8');
  const base = new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1] ?? '';
  const inspect = ['buildx', 'imagetools', 'inspect', base, '--format', '{{json .Manifest}}'];
  const digest = digestIn(await release.publish('docker', inspect));
  return `${base}@${digest || 'DIGEST'}`;
}

/** The chart that is offered names the very image, whatever becomes of its tag. */
async function chart(release: Release): Promise<void> {
  const scratch = join(ROOT, 'dist/chart');
  rmSync(scratch, { recursive: true, force: true });
  cpSync(join(ROOT, 'deploy/chart'), scratch, { recursive: true });
  const digest = existsSync(digestFile('image')) ? readFileSync(digestFile('image'), 'utf8') : '';
  const values = readFileSync(join(scratch, 'values.yaml'), 'utf8');
  writeFileSync(join(scratch, 'values.yaml'), withDigest(values, digest));
  const folder = join(ROOT, 'dist');
  await run(process.env['HELM'] ?? 'helm', ['package', scratch, '--destination', folder]);
  const pushed = await release.publish('helm', [
    'push',
    join(folder, `kube-auth-broker-${VERSION}.tgz`),
    REGISTRY_OF_CHARTS,
  ]);
  const signed = `${REGISTRY_OF_CHARTS.replace('oci://', '')}/kube-auth-broker@${digestIn(pushed) || 'DIGEST'}`;
  await release.publish('cosign', ['sign', '--yes', signed]);
}

/** Values of the chart whose image has this digest. */
export function withDigest(values: string, digest: string): string {
  const empty = /^ {2}digest: ""$/m;
  if (!empty.test(values)) throw new Error('values.yaml has no line `  digest: ""` for the digest of the image');
  return values.replace(empty, `  digest: "${digest}"`);
}

async function checksums({ folder, publish }: Release): Promise<void> {
  const sums = join(folder, 'SHA256SUMS');
  const files = readdirSync(folder).filter((name) => !name.startsWith('SHA256SUMS'));
  writeFileSync(
    sums,
    files
      .toSorted()
      .map((name) => `${sha256(join(folder, name))}  ${name}\n`)
      .join(''),
  );
  await publish('cosign', ['sign-blob', '--yes', '--bundle', `${sums}.sigstore.json`, sums]);
}

async function npm(release: Release): Promise<void> {
  await release.publish('npm', [
    'publish',
    packageOf(release),
    '--provenance',
    '--access',
    'public',
    '--tag',
    npmTag(),
  ]);
}

async function github({ folder, publish }: Release): Promise<void> {
  const downloads = readdirSync(folder).map((name) => join(folder, name));
  const about = ['--title', TAG, '--notes-file', join(dirname(folder), 'notes.md'), '--verify-tag'];
  const early = isEarly() ? ['--prerelease'] : [];
  await publish('gh', ['release', 'create', TAG, ...about, ...early, ...downloads]);
}

const isEarly = (): boolean => VERSION.includes('-');
const npmTag = (): string => (isEarly() ? 'next' : 'latest');

/** The first digest of a text, the first after a word where there are several. */
export function digestIn(text: string, after = ''): string {
  const start = text.indexOf(after);
  return start < 0 ? '' : (/sha256:[0-9a-f]{64}/.exec(text.slice(start))?.[0] ?? '');
}
