// A release up to where others would see it: workflows that GitHub understands, and every step in a dry run.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { VERSION } from '../../../deploy/release/product.ts';
import { STEPS } from '../../../deploy/release/steps.ts';
import { at, list } from '../../deploy/files.ts';
import { ROOT } from '../../docs/markdown.ts';
import { program, requirePrograms } from '../apiserver/programs.ts';
import { run, runOrThrow } from '../rig/command.ts';

const PATIENCE_MS = 300_000;
const RELEASE = join(ROOT, 'dist/release');
/** executables.test.ts runs these two, which take as long as all others together. */
const ELSEWHERE: ReadonlySet<string> = new Set(['executables', 'archives']);

const file = (name: string): Buffer => readFileSync(join(RELEASE, name));
const listed = (archive: string): Promise<string> => runOrThrow('tar', ['-tvzf', archive]);

void describe('the workflows', { skip: requirePrograms('actionlint') }, () => {
  void it('are understood by actionlint', async () => {
    const { exitCode, stdout } = await run(program('actionlint'), [], { input: '' });
    assert.equal(exitCode, 0, stdout);
  });
});

void describe('the steps of a release', { skip: requirePrograms('helm') }, () => {
  let printed = '';

  before(async () => {
    const names = Object.keys(STEPS).filter((name) => !ELSEWHERE.has(name));
    const env = { HELM: program('helm'), GITHUB_REF_TYPE: '' };
    const args = ['deploy/release/main.ts', '--dry-run', ...names];
    printed = await runOrThrow(process.execPath, args, { env, timeoutMs: PATIENCE_MS });
  });

  void it('write the npm package', async () => {
    assert.match(
      await listed(join(RELEASE, `kube-auth-broker-${VERSION}.tgz`)),
      /package\/dist\/kubectl-broker\.cjs$/m,
    );
  });

  void it('list exactly the libraries whose notices are in the package', () => {
    const bom: unknown = JSON.parse(file(`kube-auth-broker_${VERSION}.cdx.json`).toString());
    assert.deepEqual([at(bom, 'bomFormat'), at(bom, 'metadata', 'component', 'version')], ['CycloneDX', VERSION]);
    const notices = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const noticed = [...notices.matchAll(/^(\S+) (\d+\.\d+\.\d\S*) \(.+\)$/gm)].map(
      ([, name, version]) => `${name}@${version}`,
    );
    const components = list(bom, 'components').map(
      (part) => `${String(at(part, 'name'))}@${String(at(part, 'version'))}`,
    );
    assert.deepEqual(components.toSorted(), noticed.toSorted());
    for (const part of list(bom, 'components')) assert.match(String(at(part, 'purl')), /^pkg:npm\//);
  });

  void it('pack a chart without links, of this version', async () => {
    const archive = join(ROOT, `dist/kube-auth-broker-${VERSION}.tgz`);
    const names = await listed(archive);
    assert.doesNotMatch(names, /^l/m);
    assert.match(names, /kube-auth-broker\/files\/dashboard\.json$/m);
    const chart: unknown = parse(await runOrThrow('tar', ['-xzOf', archive, 'kube-auth-broker/Chart.yaml']));
    assert.deepEqual([at(chart, 'version'), at(chart, 'appVersion')], [VERSION, VERSION]);
  });

  void it('write checksums that are right', () => {
    const sums = file('SHA256SUMS')
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('  '));
    assert.ok(sums.some(([, name]) => name === `kube-auth-broker-${VERSION}.tgz`));
    for (const [sum, name = ''] of sums) assert.equal(createHash('sha256').update(file(name)).digest('hex'), sum, name);
  });

  void it('publish nothing, and say what they would', () => {
    const would = [...printed.matchAll(/^ {2}would run: (\S+ \S+)/gm)].map(([, words]) => words);
    assert.deepEqual(would, [
      'docker buildx',
      'docker buildx',
      'docker buildx',
      'cosign sign',
      'cosign attest',
      'helm push',
      'cosign sign',
      'cosign sign-blob',
      'npm publish',
      'gh release',
    ]);
    assert.match(printed, /docker buildx build --platform linux\/amd64,linux\/arm64 /);
    assert.match(printed, /npm publish \S+ --provenance /);
  });
});

void describe('a release that is not in order', () => {
  const rows = [
    {
      name: 'a tag of another version',
      given: ['versions'],
      env: { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v9.9.9' },
      want: /the tag is v9\.9\.9, not v/,
    },
    {
      name: 'a step that does not exist',
      given: ['upload'],
      env: {},
      want: /no such step: upload; there are versions, /,
    },
    { name: 'no step, which would be all', given: [], env: {}, want: /name the steps, or --dry-run/ },
  ];
  for (const { name, given, env, want } of rows) {
    void it(`stops at ${name}`, async () => {
      const { exitCode, stderr } = await run(process.execPath, ['deploy/release/main.ts', ...given], { env });
      assert.equal(exitCode, 1);
      assert.match(stderr, want);
    });
  }
});
