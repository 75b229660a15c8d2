// The page on which people sign in.

import { formatDuration } from '../../text/duration.ts';
import { type Html, html } from '../html.ts';
import { type Lifetimes, lifetimeWords, offeredLifetimes } from '../lifetime.ts';
import { loginSection } from './kubectl.ts';

export interface SignInView {
  readonly lifetimes: Lifetimes;
  /** Who the proxy says is there; then there is nothing to type. */
  readonly known?: string;
  /** Neither a proxy's word nor a password is taken from here. */
  readonly isClosed?: boolean;
  /** What was typed, after a refusal; never the password. */
  readonly username?: string;
  /** What was chosen before. */
  readonly lifetimeMs?: number;
  readonly notice?: Notice;
  readonly server: string;
  readonly hasKubeconfig: boolean;
}

export interface Notice {
  readonly words: string;
  /** The review id, for the administrator. */
  readonly id?: string;
}

export function signInContent(view: SignInView): Html {
  const { notice } = view;
  return html`<h1>Sign in to Kubernetes</h1>
<p class="lead">Get a token for kubectl. It ends by itself, and your password stays out of your kubeconfig.</p>
${notice && html`<div class="notice" role="alert"><strong>${notice.words}</strong>${notice.id && html`<span>If you ask your administrator, name review <code>${notice.id}</code>.</span>`}</div>`}
${view.isClosed ? CLOSED : form(view)}
${loginSection(view)}`;
}

const CLOSED = html`<p class="lead">Open this page through the sign-in of your organization: from here nobody can say who you are.</p>`;

/** Posts to the page's own address, whatever path it has behind a proxy. */
function form({ lifetimes, lifetimeMs = lifetimes.defaultMs, known, username, notice }: SignInView): Html {
  return html`<form method="post" autocomplete="on">
${known === undefined ? fields(username, notice) : html`<p>You are <strong><bdi>${known}</bdi></strong>.</p>`}
<div><label for="lifetime">The token is good for</label>
<select id="lifetime" name="lifetime">
${offeredLifetimes(lifetimes).map((ms) => html`<option value="${formatDuration(ms)}"${ms === lifetimeMs && html` selected`}>${lifetimeWords(ms)}</option>`)}
</select></div>
<div><button type="submit">${known === undefined ? 'Sign in' : 'Get a token'}</button></div>
</form>`;
}

function fields(username: string | undefined, notice: Notice | undefined): Html {
  const focus = html` autofocus`;
  const isRetry = notice !== undefined && username !== undefined && username !== '';
  return html`<div><label for="username">Username</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="256" value="${username ?? ''}"${!isRetry && focus}></div>
<div><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${isRetry && focus}></div>`;
}
