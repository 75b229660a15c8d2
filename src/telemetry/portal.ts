// The audit lines and metric samples of tokens: issued, refused, revoked. Never a token.

import type { Log } from '../core/seams.ts';
import type { IssueEvent, PortalObserver } from '../portal/events.ts';
import type { Metrics } from './metrics.ts';

const MESSAGES: Readonly<Record<IssueEvent['result'], string>> = {
  issued: 'token issued',
  refused: 'token refused',
  unavailable: 'token unavailable',
  invalid: 'token request invalid',
};

/** A username is written only when a sign-in or a verified token confirmed it. */
export function portalObserver(metrics: Metrics, log: Log): PortalObserver {
  const issued = metrics.counter('tokens_issued_total');
  const revoked = metrics.counter('tokens_revoked_total');
  // From the start at 0, so that the first of anything is an increase.
  for (const method of ['password', 'header', 'oidc', 'openid']) {
    for (const result of Object.keys(MESSAGES)) issued.inc({ method, result }, 0);
  }
  return {
    asked: ({ id, method, result, reason, provider, detail, username, uid, groups, jti, expiresAtMs }) => {
      issued.inc({ method, result });
      const expiresAt = expiresAtMs === undefined ? undefined : new Date(expiresAtMs).toISOString();
      log('info', MESSAGES[result], { id, method, reason, provider, detail, username, uid, groups, jti, expiresAt });
    },
    revoked: ({ id, result, username, jti, detail }) => {
      if (result === 'revoked') revoked.inc();
      const message = result === 'revoked' ? 'token revoked' : 'token not revoked';
      log(result === 'revoked' ? 'info' : 'error', message, { id, username, jti, detail });
    },
  };
}
