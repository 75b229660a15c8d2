// The page that shows a token, once: first what to do with it, then what it says.

import type { Holder } from '../../issuer/claims.ts';
import { type Html, html, time } from './frame.ts';
import { type Offer, type OperatingSystem, offerSection, selectable, tokenCommands } from './kubectl.ts';

export interface TokenView extends Offer {
  readonly holder: Holder;
  readonly token: string;
  readonly expiresAtMs: number;
  /** Whose commands are open at first. */
  readonly system: OperatingSystem;
}

/** More groups than these are folded away. */
const SHOWN_GROUPS = 8;

export function tokenContent(view: TokenView): Html {
  const { root, holder, token, expiresAtMs, system, tokenUser } = view;
  return html`<h1>You are signed in</h1>
<p class="lead">As <strong><bdi>${holder.username}</bdi></strong>, until ${time(expiresAtMs)}.</p>
<section aria-labelledby="use-title">
<div class="title"><h2 id="use-title">Give your token to kubectl</h2><button type="button" data-copy="token" hidden><span>Copy token</span></button></div>
<p class="hint">For the context that kubectl uses now.</p>
${tokenCommands(system, tokenUser)}
</section>
<section class="token" aria-labelledby="token-title">
<h2 id="token-title">Your token</h2>
<p class="hint">It is shown this once. Whoever has it is you until it ends: keep it like a password.</p>
${selectable({ id: 'token', text: token, what: 'token' })}
</section>
<section aria-labelledby="identity-title">
<h2 id="identity-title">Who you are to Kubernetes</h2>
<dl>
<dt>Username</dt><dd><bdi>${holder.username}</bdi></dd>
<dt>Groups</dt><dd>${groupList(holder.groups)}</dd>
<dt>Good until</dt><dd>${time(expiresAtMs)}</dd>
</dl>
</section>
${offerSection(view)}
<p class="again"><a href="${root}">Get another token</a></p>`;
}

function groupList(groups: readonly string[]): Html | string {
  if (groups.length === 0) return 'none';
  const [shown, rest] = [groups.slice(0, SHOWN_GROUPS), groups.slice(SHOWN_GROUPS)];
  if (rest.length <= 1) return list(groups);
  return html`${list(shown)}<details class="more"><summary>${rest.length} more</summary>${list(rest)}</details>`;
}

function list(groups: readonly string[]): Html {
  return html`<ul>${groups.map((group) => html`<li><bdi>${group}</bdi></li>`)}</ul>`;
}
