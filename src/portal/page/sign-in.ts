// The page on which people sign in.

import { formatDuration } from '../../text/duration.ts';
import { type Lifetimes, lifetimeWords, offeredLifetimes } from '../lifetime.ts';
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
  const { entry, notice } = view;
  return html`<h1>Sign in to Kubernetes</h1>
<p class="lead">Get a token for kubectl. It ends by itself${entry.kind === 'password' && ', and your password stays out of your kubeconfig'}.</p>
${notice && noticeBox(notice)}
${entry.kind === 'closed' ? CLOSED : form(view)}
${offerSection(view)}`;
}

const CLOSED = html`<p class="lead">Open this page through the sign-in of your organization: from here it cannot be told who you are.</p>`;

/** What is wrong with the fields has the id by which they name it. */
function noticeBox({ words, untilMs, id }: Notice): Html {
  return html`<div class="notice" role="alert" id="notice"><strong>${words}</strong>${
    untilMs !== undefined && html`<span>You can try again at ${time(untilMs)}.</span> `
  }${id && html`<span>If you ask your administrator, name review <code>${id}</code>.</span>`}</div>`;
}

/** Posts to the page's own address, whatever path it has behind a proxy. */
function form({ lifetimes, lifetimeMs = lifetimes.defaultMs, entry, username, notice }: SignInView): Html {
  const isWrong = notice?.about === 'lifetime';
  return html`<form method="post" autocomplete="on">
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
function fields(username: string | undefined, notice: Notice | undefined): Html {
  const isWrong = notice?.about === 'credentials';
  const isNamed = notice !== undefined && username !== undefined && username !== '';
  const isElsewhere = notice?.about === 'lifetime';
  const focus = html` autofocus`;
  return html`<div><label for="username">Username</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="256" value="${username ?? ''}"${isWrong && INVALID}${!isNamed && !isElsewhere && focus}></div>
<div><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${isWrong && INVALID}${isNamed && !isElsewhere && focus}></div>`;
}
