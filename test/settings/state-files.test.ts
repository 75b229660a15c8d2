// Files on a real disk: who may read and change them, and whether the broker could write its own.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { providerModules } from '../../providers/index.ts';
import { fileMode, type StateFolder, stateFolder } from '../../src/files/access.ts';
import { formatDiagnostic, type Loaded, type LoadSeams, loadConfig } from '../../src/settings/load.ts';
import { FILES, ISSUED, ISSUER } from './issuer-setup.ts';

interface Given {
  /** Permission bits by file. */
  readonly modes?: Readonly<Record<string, number>>;
  readonly revocationsFile?: string;
  readonly seams?: Partial<LoadSeams>;
}

function load(t: TestContext, { modes = {}, revocationsFile, seams }: Given): { loaded: Loaded; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'state-files-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'state'));
  const head = { apiVersion: 'kube-auth-broker/v1', kind: 'BrokerConfiguration', providers: [ISSUED] };
  const issuer = { ...ISSUER, ...(revocationsFile !== undefined && { revocationsFile }) };
  const files = { 'ed.pem': FILES['ed.pem'] ?? '', 'broker.yaml': stringify({ ...head, issuer }) };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), modes[name] ?? 0o600);
  }
  const loaded = loadConfig(join(folder, 'broker.yaml'), {
    env: {},
    modules: providerModules,
    nowMs: Date.now,
    readFile: (path) => readFileSync(path, 'utf8'),
    modeOf: fileMode,
    stateFolder,
    ...seams,
  });
  return { loaded, folder };
}

/** Warnings or errors, with the folder left out. */
function told(t: TestContext, given: Given): readonly string[] {
  const { loaded, folder } = load(t, given);
  const texts = loaded.ok ? loaded.config.warnings : loaded.errors.map(formatDiagnostic);
  return texts.map((text) => text.replaceAll(folder, '').replace(/^\/broker\.yaml:\d+:\d+: /, ''));
}

void describe('files that others may read or change', () => {
  const READ = '/ed.pem holds a secret that every user of this machine can read (mode 0644); run chmod 600 on it';
  const foreign = { modeOf: () => ({ bits: 0o644, isOwn: false }) };
  const rows: { name: string; given: Given; want: readonly string[] }[] = [
    { name: 'a key for its owner alone is right', given: {}, want: [] },
    { name: 'a key for everybody is told', given: { modes: { 'ed.pem': 0o644 } }, want: [READ] },
    { name: 'a key for a group is right', given: { modes: { 'ed.pem': 0o640 } }, want: [] },
    { name: 'settings for everybody are right', given: { modes: { 'broker.yaml': 0o644 } }, want: [] },
    {
      name: 'settings that everybody may change are told',
      given: { modes: { 'broker.yaml': 0o666 } },
      want: ['/broker.yaml can be changed by every user of this machine (mode 0666); run chmod o-w on it'],
    },
    { name: 'a key of another user cannot be mended here', given: { seams: foreign }, want: [] },
    { name: 'a system without such bits says nothing', given: { seams: { modeOf: () => undefined } }, want: [] },
  ];
  for (const { name, given, want } of rows) void test(name, (t) => assert.deepEqual(told(t, given), want));
});

void describe('the folder of issuer.revocationsFile', () => {
  const MISSING =
    'issuer.revocationsFile: the folder of /new/deep/list.yaml is missing; the broker makes it when it starts';
  const denied: StateFolder = { error: Object.assign(new Error('x'), { code: 'EACCES' }) };
  const DENIED =
    'issuer.revocationsFile: cannot write /state/list.yaml: permission denied; the broker keeps this file itself, so its folder must be writable';
  const demandsState = true;
  const rows: { name: string; given: Given; want: readonly string[] }[] = [
    { name: 'is there and writable', given: { revocationsFile: 'state/list.yaml', seams: { demandsState } }, want: [] },
    { name: 'is missing', given: { revocationsFile: 'new/deep/list.yaml', seams: { demandsState } }, want: [MISSING] },
    {
      name: 'cannot be written',
      given: { revocationsFile: 'state/list.yaml', seams: { demandsState, stateFolder: () => denied } },
      want: [DENIED],
    },
    {
      name: 'cannot be written, where the broker finds out itself',
      given: { revocationsFile: 'state/list.yaml', seams: { stateFolder: () => denied } },
      want: [],
    },
    {
      name: 'is a file',
      given: { revocationsFile: 'ed.pem/list.yaml', seams: { demandsState } },
      want: [DENIED.replace('/state', '/ed.pem').replace('permission denied', 'a file is where its folder should be')],
    },
  ];
  for (const { name, given, want } of rows) void test(name, (t) => assert.deepEqual(told(t, given), want));

  void test('is not writable for this process', { skip: process.getuid?.() === 0 }, (t) => {
    const { folder } = load(t, {});
    chmodSync(join(folder, 'state'), 0o500);
    assert.equal(typeof stateFolder(join(folder, 'state', 'list.yaml')), 'object');
    assert.equal(typeof stateFolder(join(folder, 'state', 'new', 'list.yaml')), 'object');
  });
});
