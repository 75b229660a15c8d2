// The page that shows a token, once.

import type { Holder } from '../../issuer/claims.ts';
import { type Html, html } from '../html.ts';
import { copyable } from './copyable.ts';
import { type OperatingSystem, tokenSection } from './kubectl.ts';

export interface TokenView {
  readonly holder: Holder;
  readonly token: string;
  readonly expiresAtMs: number;
  /** Whose commands are open at first. */
  readonly system: OperatingSystem;
  readonly server: string;
  readonly hasKubeconfig: boolean;
}

export function tokenContent({ holder, token, expiresAtMs, ...kubectl }: TokenView): Html {
  const { username, groups } = holder;
  const iso = new Date(expiresAtMs).toISOString().replace('.000Z', 'Z');
  return html`<h1>You are signed in</h1>
<dl>
<dt>Username</dt><dd><bdi>${username}</bdi></dd>
<dt>Groups</dt><dd>${groups.length === 0 ? 'none' : html`<ul>${groups.map((group) => html`<li><bdi>${group}</bdi></li>`)}</ul>`}</dd>
<dt>Good until</dt><dd><time datetime="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time></dd>
</dl>
<section class="token" aria-labelledby="token-title">
<h2 id="token-title">Your token</h2>
<p class="hint">It is shown this once. Whoever has it is you until it ends: keep it like a password.</p>
${copyable({ id: 'token', text: token, what: 'token', isLong: true })}
</section>
${tokenSection(kubectl)}
<p class="again"><a href="./">Get another token</a></p>`;
}
