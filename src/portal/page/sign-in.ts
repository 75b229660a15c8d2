// The page on which people sign in.

import { formatDuration } from '../../text/duration.ts';
import { type Lifetimes, lifetimeWords, offeredLifetimes } from '../lifetime.ts';
import type { OidcSignIn } from '../settings.ts';
import { type Html, html, time } from './frame.ts';
import { type Offer, offerSection } from './kubectl.ts';

/** Who can sign in here: a person whom the proxy names, everyone who has a password, or no one. */
export type Entry =
  | { readonly kind: 'known'; readonly username: string }
  | { readonly kind: 'password' }
  | { readonly kind: 'closed' };

export interface SignInView extends Offer {
  readonly lifetimes: Lifetimes;
  readonly entry: Entry;
  /** OpenID providers, in this order. */
  readonly buttons: readonly Pick<OidcSignIn, 'name' | 'slug'>[];
  /** What was typed, after a refusal; never the password. */
  readonly username?: string;
  /** What was chosen before. */
  readonly lifetimeMs?: number;
  readonly notice?: Notice;
}

export interface Notice {
  readonly words: string;
  /** When the same may be tried again. */
  readonly untilMs?: number;
  /** The review id, for the administrator. */
  readonly id?: string;
  /** What has to be typed or chosen anew. */
  readonly about?: 'credentials' | 'lifetime';
}

export function signInContent(view: SignInView): Html {
  const { entry, notice, buttons } = view;
  return html`<h1>Sign in to Kubernetes</h1>
<p class="lead">Get a token for kubectl. It ends by itself${entry.kind === 'password' && buttons.length === 0 && ', and your password stays out of your kubeconfig'}.</p>
${notice && noticeBox(notice)}
${buttons.length > 0 && buttonList(view)}
${entry.kind !== 'closed' ? form(view) : buttons.length === 0 && CLOSED}
${offerSection(view)}`;
}

export const CLOSED = html`<p class="lead">Open this page through the sign-in of your organization: from here it cannot be told who you are.</p>`;

/**
 * Links, not forms: browsers hold the whole way of a form, through every redirect of a provider, against this page's policy. So
 * the lifetime is chosen by links, too.
 */
function buttonList({ buttons, root, lifetimes, lifetimeMs = lifetimes.defaultMs, entry }: SignInView): Html {
  const others = offeredLifetimes(lifetimes).filter((ms) => ms !== lifetimeMs);
  return html`<ul class="ways">
${buttons.map(({ name, slug }) => html`<li><a class="button" href="${root}sign-in/${slug}?lifetime=${formatDuration(lifetimeMs)}">Sign in with ${name}</a></li>`)}
</ul>
<details class="more"><summary>The token is good for ${lifetimeWords(lifetimeMs)}</summary><ul class="choices">
${others.map((ms) => html`<li><a href="${root}?lifetime=${formatDuration(ms)}">${lifetimeWords(ms)}</a></li>`)}
</ul></details>
${entry.kind !== 'closed' && html`<p class="or"><span>or</span></p>`}`;
}

/** What is wrong with the fields has the id by which they name it. */
export function noticeBox({ words, untilMs, id }: Notice): Html {
  return html`<div class="notice" role="alert" id="notice"><strong>${words}</strong>${
    untilMs !== undefined && html`<span>You can try again at ${time(untilMs)}.</span> `
  }${id && html`<span>If you ask your administrator, name review <code>${id}</code>.</span>`}</div>`;
}

/** Posts to the portal's own address, whatever path it has behind a proxy. */
function form({ root, lifetimes, lifetimeMs = lifetimes.defaultMs, entry, username, notice }: SignInView): Html {
  const isWrong = notice?.about === 'lifetime';
  return html`<form method="post" action="${root}" autocomplete="on">
${entry.kind === 'known' ? html`<p>You are <strong><bdi>${entry.username}</bdi></strong>.</p>` : fields(username, notice)}
<div><label for="lifetime">The token is good for</label>
<select id="lifetime" name="lifetime"${isWrong && html`${INVALID} autofocus`}>
${offeredLifetimes(lifetimes).map((ms) => html`<option value="${formatDuration(ms)}"${ms === lifetimeMs && html` selected`}>${lifetimeWords(ms)}</option>`)}
</select></div>
<div><button type="submit">${entry.kind === 'known' ? 'Get a token' : 'Sign in'}</button></div>
</form>`;
}

const INVALID = html` aria-invalid="true" aria-describedby="notice"`;

/** After a refusal the password is typed anew; which of the two was wrong is not told. */
export function fields(username: string | undefined, notice: Notice | undefined): Html {
  const isWrong = notice?.about === 'credentials';
  const isNamed = notice !== undefined && username !== undefined && username !== '';
  const isElsewhere = notice?.about === 'lifetime';
  const focus = html` autofocus`;
  return html`<div><label for="username">Username</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="256" value="${username ?? ''}"${isWrong && INVALID}${!isNamed && !isElsewhere && focus}></div>
<div><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${isWrong && INVALID}${isNamed && !isElsewhere && focus}></div>`;
}
