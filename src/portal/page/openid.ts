// The pages on which a person answers a client: who asks, from where, and what they would give it.

import type { OidcSignIn } from '../settings.ts';
import { type Html, html } from './frame.ts';
import { CLOSED, type Entry, fields, type Notice, noticeBox } from './sign-in.ts';

/** Which computer asked for a code, as far as the broker saw it. */
export interface AskingSide {
  readonly client: string;
  readonly address?: string | undefined;
  readonly userAgent?: string | undefined;
  /** Where the code goes, for a program on this computer. */
  readonly returnsTo?: string | undefined;
}

export function askingSide({ client, address, userAgent, returnsTo }: AskingSide): Html {
  return html`<dl>
<dt>Program</dt><dd><bdi>${client}</bdi></dd>
${address !== undefined && html`<dt>Address</dt><dd><bdi>${address}</bdi></dd>`}
${userAgent !== undefined && userAgent !== '' && html`<dt>Software</dt><dd><bdi>${userAgent}</bdi></dd>`}
${returnsTo !== undefined && html`<dt>Goes to</dt><dd><bdi>${returnsTo}</bdi></dd>`}
</dl>`;
}

export interface CodeView {
  /** Where the form goes. */
  readonly action: string;
  readonly xsrf: string;
  readonly code?: string | undefined;
  readonly notice?: string | undefined;
}

export function codeContent({ action, xsrf, code, notice }: CodeView): Html {
  return html`<h1>Enter the code</h1>
<p class="lead">Type the code that your terminal shows. Go on only if you have just started it yourself.</p>
${notice !== undefined && html`<div class="notice" role="alert" id="notice"><strong>${notice}</strong></div>`}
<form method="post" action="${action}" autocomplete="off">
<input type="hidden" name="xsrf" value="${xsrf}">
<div><label for="user_code">Code</label>
<input id="user_code" name="user_code" autocapitalize="characters" spellcheck="false" required maxlength="20" placeholder="XXXX-XXXX" value="${code ?? ''}"${notice !== undefined && html` aria-invalid="true" aria-describedby="notice"`} autofocus></div>
<div><button type="submit">Continue</button></div>
</form>`;
}

export interface ConfirmView extends AskingSide {
  readonly action: string;
  readonly xsrf: string;
  readonly code: string;
}

export function confirmContent(view: ConfirmView): Html {
  const { action, xsrf, code } = view;
  return html`<h1>Is this your computer?</h1>
<p class="lead">It asks to act as you in Kubernetes. If somebody sent you here, or the code below is not on your own screen, say no.</p>
${askingSide(view)}
<p class="usercode"><code>${code}</code></p>
<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${xsrf}"><input type="hidden" name="user_code" value="${code}">
<div class="actions"><button type="submit" name="confirm" value="yes">Yes, sign in</button> <button type="submit" class="quiet" name="abort" value="yes">No</button></div>
</form>`;
}

export function doneContent(words: string): Html {
  return html`<h1>You are signed in</h1>
<p class="lead">${words}</p>`;
}

/** `id` is the review id, for the administrator. */
export function faultContent(title: string, words: string, id?: string): Html {
  return html`<h1>${title}</h1>
<p class="lead">${words}</p>
${id !== undefined && html`<p class="hint">If you ask your administrator, name review <code>${id}</code>.</p>`}`;
}

export interface InteractionView {
  readonly uid: string;
  readonly asking: AskingSide;
  readonly entry: Entry;
  readonly buttons: readonly Pick<OidcSignIn, 'name' | 'slug'>[];
  readonly username?: string;
  readonly notice?: Notice;
}

/** A client waits for somebody: who it is, and the same ways to sign in as on the portal's own page. */
export function interactionContent({ uid, asking, entry, buttons, username, notice }: InteractionView): Html {
  return html`<h1>Sign in for ${asking.client}</h1>
<p class="lead">The program below then acts as you in Kubernetes. Go on only if you have just started it yourself.</p>
${askingSide(asking)}
${notice && noticeBox(notice)}
${buttons.length > 0 && html`<ul class="ways">${buttons.map(({ name, slug }) => html`<li><a class="button" href="${uid}/sign-in/${slug}">Sign in with ${name}</a></li>`)}</ul>`}
${buttons.length > 0 && entry.kind !== 'closed' && html`<p class="or"><span>or</span></p>`}
${
  entry.kind === 'closed'
    ? buttons.length === 0 && CLOSED
    : html`<form method="post" action="${uid}" autocomplete="on">
${entry.kind === 'known' ? html`<p>You are <strong><bdi>${entry.username}</bdi></strong>.</p>` : fields(username, notice)}
<div><button type="submit">${entry.kind === 'known' ? 'Continue' : 'Sign in'}</button></div>
</form>`
}
<form method="post" action="${uid}"><div><button type="submit" class="quiet" name="abort" value="yes">Do not sign in</button></div></form>`;
}
