// Proves that the broker decides about JWTs as kube-apiserver's own authenticator does, but for the rows of the page.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROWS, type Row } from '../../providers/oidc-jwt/differences.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { askBroker } from './broker.ts';
import { casesByHand } from './by-hand.ts';
import type { Case, Decision, Outcome, Token } from './case.ts';
import { distributedCases } from './distributed.ts';
import { judge } from './expected.ts';
import { generatedCases } from './generated.ts';
import { type Issuers, startIssuers } from './issuer.ts';
import { askKubeApiserver } from './kube-apiserver.ts';
import { kubernetesCases } from './kubernetes-cases.ts';

const SEED = Number(process.env['JWT_SEED'] ?? 11);
const CASES = Number(process.env['JWT_CASES'] ?? 330);

void describe('oidc-jwt and kube-apiserver', { skip: requirePrograms('jwt-authenticator') }, () => {
  let issuers: Issuers;
  before(async () => {
    issuers = await startIssuers();
  });
  after(() => issuers.close());

  void it('decide alike about groups that a token points to', async () => {
    const { accepted, seen } = await compare(distributedCases(issuers), issuers);
    assert.ok(accepted >= 5, `${accepted} accepted`);
    assert.deepEqual([...seen], [['distributed claims', 1]]);
  });

  void it('decide alike, and as kubernetes wants it, about the cases by which kubernetes tests itself', async (t) => {
    const { cases, notAsked } = kubernetesCases(issuers);
    assert.equal(cases.length + notAsked.length, 93);
    const { seen, outcomes } = await compare(
      cases.map(({ asked }) => asked),
      issuers,
    );
    for (const [index, { asked, want }] of cases.entries()) assert.deepEqual(wanted(outcomes[index]), want, asked.name);
    t.diagnostic(
      `${cases.length} cases; ${JSON.stringify(Object.fromEntries(seen))}; not asked: ${notAsked.join('; ')}`,
    );
  });

  void it(`decide alike about generated configurations and tokens (seed ${SEED})`, async (t) => {
    const cases = [...casesByHand(issuers), ...generatedCases(CASES, SEED, issuers)];
    const { pairs, accepted, seen } = await compare(cases, issuers);
    t.diagnostic(
      `${pairs} tokens, ${accepted} accepted by kube-apiserver; ${JSON.stringify(Object.fromEntries(seen))}`,
    );
    const unseen = ROWS.filter((row) => !seen.has(row) && !ELSEWHERE.has(row));
    assert.deepEqual(unseen, [], 'rows of the page that nothing proves');
    assert.ok(pairs >= 3000, `${pairs} tokens`);
    assert.ok(accepted >= 600, `${accepted} accepted`);
  });
});

/** The first is proven by another test here, the second wherever the broker is asked. */
const ELSEWHERE: ReadonlySet<Row> = new Set(['distributed claims', '`authentication.kubernetes.io/credential-id`']);

/** Whether kube-apiserver does not start with it and the broker does, on purpose. */
const mayStart = ({ rows }: Case): boolean => rows.includes('plain http to a loopback host');

/** An outcome of kube-apiserver for one token in the words of the recorded cases. */
function wanted(outcome: Outcome | undefined): unknown {
  if (outcome === undefined || 'notStarted' in outcome) return 'not started';
  const [decision = NONE] = outcome.decisions;
  return 'refused' in decision ? 'refused' : decision.user;
}

interface Compared {
  /** Of kube-apiserver. */
  readonly outcomes: readonly Outcome[];
  /** Of configuration and token. */
  readonly pairs: number;
  readonly accepted: number;
  /** How often each row was the reason of a difference. */
  readonly seen: ReadonlyMap<Row, number>;
}

async function compare(cases: readonly Case[], issuers: Issuers): Promise<Compared> {
  issuers.publish(cases);
  const outcomes = await askKubeApiserver(cases);
  const seen = new Map<Row, number>();
  const faults: string[] = [];
  let [pairs, accepted] = [0, 0];
  for (const [index, asked] of cases.entries()) {
    const kube = outcomes[index] ?? { notStarted: 'no answer' };
    // oxlint-disable-next-line no-await-in-loop -- each has keys to fetch, and the order is the order of the faults
    const broker = await askBroker(asked, issuers.host);
    if (!('decisions' in kube) || !('decisions' in broker)) {
      if ('decisions' in broker && mayStart(asked)) seen.set('plain http to a loopback host', 1);
      else if ('decisions' in kube !== 'decisions' in broker) faults.push(shown(asked, undefined, kube, broker));
      continue;
    }
    for (const [at, token] of asked.tokens.entries()) {
      const [theirs, ours] = [kube.decisions[at] ?? NONE, broker.decisions[at] ?? NONE];
      const { isMeant, rows } = judge(theirs, ours, asked, token);
      for (const row of rows) seen.set(row, (seen.get(row) ?? 0) + 1);
      if (!isMeant) faults.push(shown(asked, token, theirs, ours));
      pairs += 1;
      if ('user' in theirs) accepted += 1;
    }
  }
  assert.equal(faults.length, 0, `${faults.length} differ:\n${faults.slice(0, 20).join('\n\n')}`);
  return { outcomes, pairs, accepted, seen };
}

const NONE: Decision = { refused: 'no answer' };

function shown(asked: Case, token: Token | undefined, kube: Outcome | Decision, broker: Outcome | Decision): string {
  const { issuer: _issuer, ...mappings } = asked.authenticator;
  const parts = token?.text.split('.').slice(0, 2) ?? [];
  const lines = [
    asked.name,
    JSON.stringify(mappings),
    ...(token === undefined ? [] : [token.about, ...parts.map((part) => Buffer.from(part, 'base64url').toString())]),
    `kube-apiserver ${JSON.stringify(kube).slice(0, 500)}`,
    `broker ${JSON.stringify(broker).slice(0, 500)}`,
  ];
  return lines.join('\n  ');
}
