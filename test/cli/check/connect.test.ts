// Probes run side by side, each with an end, and nothing of them is left.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { z } from 'zod';
import { connectAll } from '../../../src/cli/check/connect.ts';
import { collected } from '../../../src/cli/steps.ts';
import { type Provider } from '../../../src/core/provider.ts';
import { unavailable } from '../../../src/core/verdict.ts';
import { type Loaded, loadConfig } from '../../../src/settings/load.ts';
import { defineProvider } from '../../../src/settings/provider-module.ts';
import { activeResources, releasedSince } from '../../support/settled.ts';
import { testProcess } from '../../support/test-process.ts';
import { brokerYaml } from '../setup.ts';

type Probe = Provider['probe'];

async function probes(all: readonly Probe[], deadlineMs?: number) {
  let closed = 0;
  const left = [...all];
  const module = defineProvider({
    type: 'fake',
    accepts: ['password'],
    options: (fields) => fields.object({ probe: z.int().default(0) }),
    open: () => ({
      probe: left.shift() ?? assert.fail('opened once too often'),
      authenticate: async () => unavailable('stopping'),
      close: async () => void (closed += 1),
    }),
  });
  const { seams } = testProcess();
  const text = stringify(brokerYaml({ providers: all.map((_, index) => ({ name: `p${index}`, type: 'fake' })) }));
  const loaded: Loaded = loadConfig('/etc/broker.yaml', {
    env: {},
    readFile: () => text,
    modules: [module],
    nowMs: () => 0,
  });
  if (!loaded.ok) assert.fail(JSON.stringify(loaded.errors));
  const found = await collected(connectAll(loaded.config, seams, deadlineMs));
  return { found, closed };
}

const obedient: Probe = (report, signal) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      report({ step: 'connect', result: 'failed', reason: 'timeout' });
      resolve();
    });
  });

const deaf: Probe = (report) => {
  report({ step: 'connect', result: 'ok' });
  return new Promise(() => undefined);
};

void test('a slow provider holds back no other, and the order stays', async () => {
  const second = Promise.withResolvers<void>();
  const first: Probe = async (report) => {
    await second.promise;
    report({ step: 'first', result: 'ok' });
  };
  const { found, closed } = await probes([
    first,
    async (report) => {
      report({ step: 'second', result: 'ok' });
      second.resolve();
    },
  ]);
  assert.deepEqual(
    found.map(({ name, steps }) => [name, steps.map(({ step }) => step)]),
    [
      ['p0', ['first']],
      ['p1', ['second']],
    ],
  );
  assert.equal(closed, 2);
});

void test('a probe that stops at its deadline says itself what kept it waiting', async () => {
  const { found } = await probes([obedient], 10);
  assert.deepEqual(found[0]?.steps, [{ step: 'connect', result: 'failed', reason: 'timeout' }]);
});

void test('a probe that never ends is ended, and what it had reported is kept', async () => {
  const before = activeResources();
  const { found, closed } = await probes([deaf], 10);
  assert.deepEqual(
    found[0]?.steps.map(({ step, result, reason }) => [step, result, reason]),
    [
      ['connect', 'ok', undefined],
      ['the rest', 'failed', 'timeout'],
    ],
  );
  assert.equal(closed, 1);
  await releasedSince(before);
});

void test('a probe that breaks its promise is a bug, and is called one', async () => {
  const { found } = await probes([() => Promise.reject(new Error('Canary-secret'))]);
  assert.equal(found[0]?.steps[0]?.reason, 'internal');
  assert.doesNotMatch(JSON.stringify(found), /Canary/);
});

void test('a provider with nothing to try says so', async () => {
  const { found } = await probes([async () => undefined]);
  assert.deepEqual(found[0]?.steps, [{ step: 'nothing to try', result: 'ok' }]);
});
