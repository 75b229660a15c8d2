// Changes of files, the way editors, certificate tools and Kubernetes mounts make them.

import assert from 'node:assert/strict';
import { writeFileSync as writeFileNow } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Watcher, watchFiles } from '../../src/files/watch.ts';
import { until } from '../support/settled.ts';

interface Watched {
  readonly dir: string;
  readonly file: string;
  readonly watcher: Watcher;
  readonly changes: () => number;
}

/** A folder with one watched file; `again` runs at each change, as a reload does. */
async function watching(
  t: Pick<TestContext, 'after'>,
  again: (watched: Watched) => void = () => undefined,
): Promise<Watched> {
  const dir = await mkdtemp(join(tmpdir(), 'watch-'));
  const file = join(dir, 'broker.yaml');
  await writeFile(file, 'one');
  let changes = 0;
  const watcher = watchFiles(() => {
    changes += 1;
    again(watched);
  });
  const watched: Watched = { dir, file, watcher, changes: () => changes };
  watcher.follow([file]);
  t.after(async () => {
    watcher.close();
    await rm(dir, { recursive: true });
  });
  return watched;
}

const changed = ({ changes }: Watched, count = 1) => until(`${count} changes`, () => changes() === count);

/** Longer than the watcher takes to settle: what has not been told by then will not be. */
const SETTLED_MS = 400;

void describe('a change is noticed', { concurrency: true }, () => {
  const rows: { name: string; by: (watched: Watched) => Promise<unknown> }[] = [
    { name: 'written in place', by: ({ file }) => writeFile(file, 'two') },
    {
      name: 'written beside and renamed',
      by: async ({ dir, file }) => {
        await writeFile(join(dir, 'new'), 'two');
        await rename(join(dir, 'new'), file);
      },
    },
    {
      name: 'deleted and created again',
      by: async ({ file }) => {
        await unlink(file);
        await writeFile(file, 'two');
      },
    },
    { name: 'deleted', by: ({ file }) => unlink(file) },
    {
      name: 'several times in a moment, as one',
      by: async ({ file }) => {
        await writeFile(file, 'two');
        await writeFile(file, 'three');
        await writeFile(file, 'four');
      },
    },
  ];
  for (const { name, by } of rows) {
    void test(name, async (t) => {
      const watched = await watching(t);
      await by(watched);
      await changed(watched);
    });
  }
  void test('deleted, then created much later: twice', async (t) => {
    const watched = await watching(t);
    await unlink(watched.file);
    await changed(watched);
    await writeFile(watched.file, 'two');
    await changed(watched, 2);
  });
  void test('a missing file that comes', async (t) => {
    const watched = await watching(t);
    const missing = join(watched.dir, 'later.pem');
    watched.watcher.follow([watched.file, missing]);
    await writeFile(missing, 'x');
    await changed(watched);
  });
  void test('a file of a link, swapped as Kubernetes swaps mounts', async (t) => {
    const watched = await watching(t);
    const { dir, watcher } = watched;
    await mkdir(join(dir, '..1'));
    await mkdir(join(dir, '..2'));
    await writeFile(join(dir, '..1', 'tls.crt'), 'old');
    await writeFile(join(dir, '..2', 'tls.crt'), 'new');
    await symlink('..1', join(dir, '..data'));
    await symlink(join('..data', 'tls.crt'), join(dir, 'tls.crt'));
    watcher.follow([join(dir, 'tls.crt')]);
    await symlink('..2', join(dir, '..data_tmp'));
    await rename(join(dir, '..data_tmp'), join(dir, '..data'));
    await rm(join(dir, '..1'), { recursive: true });
    await changed(watched);
    assert.equal(await readFile(join(dir, 'tls.crt'), 'utf8'), 'new');
  });
  void test('the target of a link in another folder', async (t) => {
    const watched = await watching(t);
    const elsewhere = await mkdtemp(join(tmpdir(), 'watch-'));
    t.after(() => rm(elsewhere, { recursive: true }));
    await writeFile(join(elsewhere, 'target'), 'old');
    await symlink(join(elsewhere, 'target'), join(watched.dir, 'link'));
    watched.watcher.follow([join(watched.dir, 'link')]);
    await writeFile(join(elsewhere, 'target'), 'new');
    await changed(watched);
  });
  void test('made while the change before it was being loaded', async (t) => {
    let isFirst = true;
    const watched = await watching(t, ({ file, watcher }) => {
      if (isFirst) writeFileNow(file, 'three');
      isFirst = false;
      watcher.follow([file]);
    });
    await writeFile(watched.file, 'two');
    await changed(watched, 2);
  });
});

void describe('nothing is told', { concurrency: true }, () => {
  const rows: { name: string; by: (watched: Watched) => Promise<unknown> }[] = [
    { name: 'of the same content', by: ({ file }) => writeFile(file, 'one') },
    { name: 'of a touched file', by: ({ file }) => utimes(file, 1, 1) },
    { name: 'of another file in the folder', by: ({ dir }) => writeFile(join(dir, 'other'), 'x') },
    {
      name: 'of a file that is followed no longer',
      by: async ({ dir, file, watcher }) => {
        watcher.follow([join(dir, 'other')]);
        await writeFile(file, 'two');
      },
    },
    {
      name: 'after it was closed',
      by: async ({ file, watcher }) => {
        await writeFile(file, 'two');
        watcher.close();
      },
    },
  ];
  for (const { name, by } of rows) {
    void test(name, async (t) => {
      const watched = await watching(t);
      await by(watched);
      await pause(SETTLED_MS);
      assert.equal(watched.changes(), 0);
    });
  }
});
