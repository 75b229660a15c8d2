// What `serve` says once it listens: the line for the log, and a curl to try for the person at a terminal.

import type { App } from '../app.ts';
import { formatAddress } from '../core/listening.ts';
import type { Log } from '../core/seams.ts';
import type { Config } from '../settings/config.ts';
import { VERSION } from '../version.ts';
import type { CliSeams } from './seams.ts';

export function announce(app: App, config: Config, log: Log, { stderr }: CliSeams): void {
  const webhook = formatAddress(app.webhook);
  const operations = formatAddress(app.operations);
  log('info', 'listening', {
    version: VERSION,
    webhook,
    operations,
    ...(app.portal && { portal: formatAddress(app.portal) }),
    providers: config.providers.map(({ name }) => name),
  });
  if (config.webhook.tls === undefined) stderr.write(tryIt(webhook, operations, config, tokenToTry(config)));
}

/** A made-up person would cost somebody's directory a failed login; a file of users it costs nothing, and the quickstart has alice. */
function tokenToTry({ providers }: Config): string {
  return providers.every(({ upstream }) => upstream === undefined || upstream.module.local === true)
    ? 'alice:wonderland'
    : 'USERNAME:PASSWORD';
}

/** Plain HTTP is a loopback listener, so whoever reads this can reach it. */
function tryIt(webhook: string, operations: string, config: Config, token: string): string {
  const path = config.webhook.endpoints[0]?.path ?? '/';
  const review = `{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"${token}"}}`;
  return `
kube-auth-broker ${VERSION} listens on http://${webhook}

Try it in another terminal:

  curl -s -H 'Content-Type: application/json' -d '${review}' http://${webhook}${path}

Metrics and health: http://${operations}/metrics and http://${operations}/readyz?verbose

`;
}
