// From what an upstream states to the user that kube-apiserver gets, and the names that never get through.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startBroker } from '../support/broker.ts';
import { type Movement, movesOf } from '../support/metric-series.ts';
import { usersFile } from '../support/users-file.ts';

const ALICE = {
  username: 'alice',
  password: 'wonderland',
  uid: '7',
  groups: ['developers', 'system:masters', 'ｓystem:nodes', ' System:Masters', 'developers'],
  attributes: { department: 'Cards', status: 'active' },
};

interface Row {
  readonly name: string;
  /** Beside type and options. */
  readonly entry: object;
  readonly want: { readonly username: string; readonly groups: readonly string[]; readonly extra?: object } | 'refused';
  readonly reason?: string;
  readonly others?: Movement['others'];
}

const NAMES = { username: { claim: 'username', prefix: '' }, groups: { claim: 'groups', prefix: '' } };
const dropped = (kind: string, count: number) => ({
  [`reserved_names_dropped_total{kind="${kind}",provider="staff"}`]: count,
});

const rows: readonly Row[] = [
  {
    name: 'left out, claimMappings prefix name and groups with the name of the provider',
    entry: {},
    want: {
      username: 'staff:alice',
      groups: ['staff:developers', 'staff:system:masters', 'staff:ｓystem:nodes', 'staff: System:Masters'],
    },
  },
  {
    name: 'groups that start with system: are dropped however they are spelled, and counted',
    entry: { claimMappings: NAMES },
    want: { username: 'alice', groups: ['developers'] },
    others: dropped('group', 3),
  },
  {
    name: 'reserved lets exactly the names through that it lists',
    entry: { claimMappings: NAMES, reserved: { groups: ['system:masters'] } },
    want: { username: 'alice', groups: ['developers', 'system:masters'] },
    others: dropped('group', 2),
  },
  {
    name: 'a username that starts with system: is refused, and counted',
    entry: { claimMappings: { ...NAMES, username: { expression: "'system:' + claims.username" } } },
    want: 'refused',
    reason: 'reserved-username',
    others: dropped('username', 1),
  },
  {
    name: 'expressions and extra take what the upstream states',
    entry: {
      claimMappings: {
        username: { expression: "claims.username + '@' + claims.attributes.department.lowerAscii()" },
        groups: { expression: "claims.groups.filter(g, g == 'developers').map(g, 'k8s-' + g)" },
        extra: [{ key: 'example.org/department', valueExpression: 'claims.attributes.department' }],
      },
    },
    want: { username: 'alice@cards', groups: ['k8s-developers'], extra: { 'example.org/department': ['Cards'] } },
  },
  {
    name: 'a claimValidationRule that does not hold refuses',
    entry: { claimValidationRules: [{ expression: "claims.attributes.status == 'locked'", message: 'no' }] },
    want: 'refused',
    reason: 'claim-validation',
  },
  {
    name: 'a claim that is not there refuses, it is never an empty name',
    entry: { claimMappings: { username: { claim: 'mail', prefix: '' } } },
    want: 'refused',
    reason: 'mapping-failed',
  },
];

void describe('an identity', () => {
  for (const { name, entry, want, reason = 'ok', others = {} } of rows) {
    void test(name, async (t) => {
      const staff = { name: 'staff', type: 'users', options: { file: 'users.yaml' }, ...entry };
      const files = { 'users.yaml': usersFile(ALICE) };
      const broker = await startBroker(t, { files, config: { providers: [staff] } });
      const { authenticated, user } = await broker.review('alice:wonderland');
      const outcome = want === 'refused' ? 'rejected' : 'authenticated';

      assert.equal(authenticated, want !== 'refused');
      if (want !== 'refused' && user !== undefined) {
        const {
          'authentication.kubernetes.io/credential-id': id,
          'kube-auth-broker/provider': by,
          ...extra
        } = user.extra;
        assert.deepEqual({ extra: {}, ...want }, { username: user.username, groups: user.groups, extra });
        assert.deepEqual([id?.length, by], [1, ['staff']]);
      }
      assert.deepEqual(
        await broker.moved(),
        movesOf({
          reviews: { [`${outcome} ${reason}`]: 1 },
          cache: { miss: 1 },
          providers: { [`staff ${outcome} ${reason}`]: 1 },
          up: { staff: 1 },
          entries: 1,
          others,
        }),
      );
    });
  }
});
