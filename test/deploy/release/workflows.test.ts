// The workflows do nothing but call what the repository holds, with actions that nobody can move and rights for each job.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { STEPS } from '../../../deploy/release/steps.ts';
import pkg from '../../../package.json' with { type: 'json' };
import { ROOT } from '../../docs/markdown.ts';
import { at, list } from '../files.ts';

const read = (name: string): unknown => parse(readFileSync(join(ROOT, '.github/workflows', name), 'utf8'));
const workflows = { 'check.yml': read('check.yml'), 'release.yml': read('release.yml') };
const entries = (value: unknown): readonly [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
const stepsOf = (workflow: unknown): readonly unknown[] =>
  entries(at(workflow, 'jobs')).flatMap(([, job]) => list(job, 'steps'));
const textOf = (step: unknown, field: string): readonly string[] => {
  const text = at(step, field);
  return typeof text === 'string' ? [text] : [];
};
const commands = (workflow: unknown): string =>
  stepsOf(workflow)
    .flatMap((step) => textOf(step, 'run'))
    .join('\n');

for (const [name, workflow] of Object.entries(workflows)) {
  void describe(name, () => {
    void test('pins every action to a commit', () => {
      const uses = stepsOf(workflow).flatMap((step) => textOf(step, 'uses'));
      for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      assert.ok(uses.length > 0);
    });

    void test('may read, and no job more than it says', () => {
      assert.deepEqual(at(workflow, 'permissions'), { contents: 'read' });
    });

    void test('ends by itself', () => {
      for (const [job, given] of entries(at(workflow, 'jobs'))) {
        if (at(given, 'uses') === undefined) assert.equal(typeof at(given, 'timeout-minutes'), 'number', job);
      }
    });

    void test('calls programs that are here', () => {
      for (const [path] of commands(workflow).matchAll(/(?:\.ci|deploy\/release)\/[\w./-]+/g)) {
        assert.ok(existsSync(join(ROOT, path)), path);
        assert.ok((statSync(join(ROOT, path)).mode & 0o111) !== 0, `${path} is executable`);
      }
    });
  });
}

void test('check.yml runs .ci/run', () => assert.match(commands(workflows['check.yml']), /^\.ci\/run$/m));

void describe('release.yml', () => {
  const release = workflows['release.yml'];

  void test('starts at a tag, after everything is checked', () => {
    assert.deepEqual(at(release, 'on'), { push: { tags: ['v*'] } });
    assert.equal(at(release, 'jobs', 'check', 'uses'), './.github/workflows/check.yml');
    assert.equal(at(release, 'jobs', 'build', 'needs'), 'check');
  });

  void test('runs every step of a release, in their order', () => {
    const called = [...commands(release).matchAll(/^npm run release -- (.+)$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    const [first, ...others] = called;
    assert.equal(first, 'versions');
    assert.deepEqual([first, ...others.filter((name) => name !== 'versions')], Object.keys(STEPS));
    assert.equal(pkg.scripts['release:dry'], `${pkg.scripts.release} --dry-run`);
  });

  void test('signs the files of macOS, there, before they are packed', () => {
    assert.match(String(at(release, 'jobs', 'macos', 'runs-on')), /^macos-/);
    assert.match(
      commands({ jobs: { macos: at(release, 'jobs', 'macos') } }),
      /sign-macos\.sh dist\/executables\/darwin-\*/,
    );
    assert.ok(list(release, 'jobs', 'publish', 'needs').includes('macos'));
  });

  void test('gives each job the rights that it needs', () => {
    const rights = Object.fromEntries(
      entries(at(release, 'jobs')).flatMap(([name, job]) => {
        const given = entries(at(job, 'permissions')).flatMap(([right, kind]) => (kind === 'write' ? [right] : []));
        return given.length > 0 ? [[name, given]] : [];
      }),
    );
    assert.deepEqual(rights, {
      publish: ['packages', 'id-token', 'attestations'],
      npm: ['id-token'],
      github: ['contents'],
    });
  });

  void test('waits for a person before anything is signed or published', () => {
    for (const name of ['macos', 'publish', 'npm', 'github']) {
      assert.equal(at(release, 'jobs', name, 'environment'), 'release', name);
    }
  });
});
