// The answers, byte for byte: what kube-apiserver reads, and nothing of what was sent.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision, Identity } from '../../src/core/identity.ts';
import { OUTAGE_REASONS } from '../../src/core/outage-reasons.ts';
import type { AbstainReason, OutageReason, RejectReason } from '../../src/core/reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../src/core/refusal-reasons.ts';
import { abstained, authenticated, rejected, unavailable } from '../../src/core/verdict.ts';
import { tokenReviewAnswer } from '../../src/webhook/response.ts';

const identity: Identity = {
  username: 'ldap:alice',
  uid: '1b4e28ba',
  groups: ['ldap:admins', 'a "quoted" one'],
  extra: { 'example.org/a': ['1', '2'] },
};
const isAbstain = (reason: string): reason is AbstainReason => reason in ABSTAIN_REASONS;
const isReject = (reason: string): reason is RejectReason => reason in REJECT_REASONS;
const isOutage = (reason: string): reason is OutageReason => reason in OUTAGE_REASONS;
const answer = (decision: Decision, version: 'v1' | 'v1beta1' = 'v1') =>
  tokenReviewAnswer(authenticated(decision), version, 'review-1');
const REFUSED = '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":false}}';

void describe('authenticated', () => {
  void test('the whole user', () => {
    assert.equal(
      answer({ identity }),
      '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":true,"user":' +
        '{"username":"ldap:alice","uid":"1b4e28ba","groups":["ldap:admins","a \\"quoted\\" one"],' +
        '"extra":{"example.org/a":["1","2"]}}}}',
    );
  });
  void test('without a uid there is none', () => {
    const { uid: _, ...anonymous } = identity;
    assert.doesNotMatch(answer({ identity: anonymous }), /uid|null|undefined/);
  });
  void test('audiences are named when the decision names them', () => {
    assert.match(answer({ identity, audiences: ['a'] }), /"audiences":\["a"\]\}\}$/);
    assert.doesNotMatch(answer({ identity }), /audiences/);
  });
  void test('the version is echoed, from one verdict for both', () => {
    const verdict = authenticated({ identity });
    const both = (['v1', 'v1beta1', 'v1'] as const).map((version) => tokenReviewAnswer(verdict, version, 'review-1'));
    assert.match(both[1] ?? '', /^\{"apiVersion":"authentication\.k8s\.io\/v1beta1",/);
    assert.match(both[0] ?? '', /^\{"apiVersion":"authentication\.k8s\.io\/v1",/);
    assert.equal(both[2], both[0]);
  });
  void test('by, expiry and detail stay inside', () => {
    const verdict = { ...authenticated({ identity }, 99), by: 'corp-ldap', detail: 'canary' };
    assert.doesNotMatch(tokenReviewAnswer(verdict, 'v1', 'review-1'), /corp-ldap|canary|99|review-1/);
  });
});

void test('every refusal is the same bytes, whatever its reason', () => {
  for (const reason of Object.keys(ABSTAIN_REASONS).filter(isAbstain)) {
    assert.equal(tokenReviewAnswer({ ...abstained(reason, 'x'), by: 'a' }, 'v1', 'review-1'), REFUSED);
  }
  for (const reason of Object.keys(REJECT_REASONS).filter(isReject)) {
    assert.equal(tokenReviewAnswer({ ...rejected(reason, 'x'), by: 'a' }, 'v1', 'review-1'), REFUSED);
  }
});

void test('an outage has a generic error with the review id, whatever its reason', () => {
  for (const reason of Object.keys(OUTAGE_REASONS).filter(isOutage)) {
    const verdict = { ...unavailable(reason, 'ldaps://dc1', new Error('x')), by: 'a', providers: ['a'] };
    assert.equal(
      tokenReviewAnswer(verdict, 'v1beta1', 'review-7'),
      '{"apiVersion":"authentication.k8s.io/v1beta1","kind":"TokenReview","status":{"authenticated":false,' +
        '"error":"authentication is unavailable, review review-7"}}',
    );
  }
});

void test('a status never says both authenticated and error', () => {
  assert.doesNotMatch(answer({ identity }), /error/);
  assert.doesNotMatch(REFUSED, /error|user/);
});
