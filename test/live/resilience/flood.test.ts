// Distinct tokens without end: memory stays where it is. FLOOD_TOKENS=1000000 sends the million.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run, tokenReviewRequest } from '../../bench/load.ts';
import { CLIENT_ID, CLIENT_SECRET, startAuthorizationServer } from '../../support/fake-authorization-server.ts';
import { usersFile } from '../../support/users-file.ts';
import { type Program, startProgram } from './support/program.ts';

const TOKENS = Number(process.env['FLOOD_TOKENS'] ?? 40_000);
const MIB = 1024 * 1024;
const CONNECTIONS = 32;

interface Memory {
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly fds: number;
}

async function memoryOf(program: Program): Promise<Memory> {
  const [rss, heap, external, fds] = await Promise.all(
    [
      'process_resident_memory_bytes',
      'nodejs_heap_size_used_bytes',
      'nodejs_external_memory_bytes',
      'process_open_fds',
    ].map((name) => program.metric(name)),
  );
  return {
    rssMiB: Math.round((rss ?? 0) / MIB),
    heapMiB: Math.round(((heap ?? 0) + (external ?? 0)) / MIB),
    fds: fds ?? 0,
  };
}

/** Nobody twice: passwords of unknown people, tokens of nobody, forms that are none, and tokens for an introspection. */
function flood(index: number): Buffer {
  const unique = `${index.toString(36)}-${'x'.repeat(index % 200)}`;
  if (index % 10 === 0) return tokenReviewRequest('/idp', `token-${unique}`);
  if (index % 10 === 1) return tokenReviewRequest('/authenticate', `somebody-${unique}:wrong`);
  if (index % 10 === 2) return tokenReviewRequest('/authenticate', `alice:${unique}`);
  if (index % 10 === 3) return tokenReviewRequest('/authenticate', `${unique}\u0000:x`);
  return tokenReviewRequest('/authenticate', unique);
}

void describe('a flood of distinct tokens', () => {
  void it(`${TOKENS} of them add at most 64 MiB, below 256 MiB in all`, { timeout: 1_800_000 }, async (t) => {
    const idp = await startAuthorizationServer();
    t.after(() => idp.close());
    const program = await startProgram({
      tls: 'none',
      env: { NODE_OPTIONS: '--max-old-space-size=128 --max-semi-space-size=8' },
      files: { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }), 'client-secret': CLIENT_SECRET },
      config: {
        log: { level: 'warn' },
        // Outlives a million.
        cache: { authenticatedTTL: '1h' },
        providers: [
          { name: 'staff', type: 'users', options: { file: 'users.yaml' } },
          {
            name: 'idp',
            type: 'oidc-introspection',
            options: { issuer: idp.issuer, clientID: CLIENT_ID, clientSecret: { file: 'client-secret' } },
          },
        ],
        webhook: {
          endpoints: [
            { path: '/authenticate', providers: ['staff'] },
            { path: '/idp', providers: ['idp'] },
          ],
        },
      },
    });
    t.after(() => program.stop());
    const target = { port: program.webhookPort };
    const alice = {
      connections: 1,
      requests: 1,
      request: () => tokenReviewRequest('/authenticate', 'alice:wonderland'),
    };
    await run(target, alice);
    const before = await memoryOf(program);
    const beganMs = performance.now();
    let peakMiB = 0;
    for (let sent = 0; sent < TOKENS; sent += 20_000) {
      /* oxlint-disable no-await-in-loop -- memory is looked at in between */
      const part = {
        connections: CONNECTIONS,
        requests: Math.min(20_000, TOKENS - sent),
        request: (index: number) => flood(sent + index),
      };
      const { failures } = await run(target, part);
      assert.equal(failures, 0);
      peakMiB = Math.max(peakMiB, (await memoryOf(program)).rssMiB);
      /* oxlint-enable no-await-in-loop */
    }
    const after = await memoryOf(program);
    const perSecond = TOKENS / ((performance.now() - beganMs) / 1000);
    t.diagnostic(`${TOKENS} tokens at ${perSecond.toFixed(0)}/s`);
    t.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}, peak RSS ${peakMiB} MiB`);
    assert.ok(peakMiB <= 256, `${peakMiB} MiB`);
    assert.ok(after.heapMiB - before.heapMiB <= 64, `${after.heapMiB - before.heapMiB} MiB more`);
    assert.ok(after.rssMiB - before.rssMiB <= 64, `${after.rssMiB - before.rssMiB} MiB more resident`);
    assert.ok((await program.metric('authbroker_cache_entries')) <= 20_000);
    assert.equal(await program.metric('authbroker_token_reviews_total', { verdict: 'authenticated' }), 1);
    await run(target, alice);
    assert.equal(
      (await program.metric('authbroker_cache_requests_total', { result: 'hit' })) >= 1,
      true,
      'alice was not evicted',
    );
  });
});
